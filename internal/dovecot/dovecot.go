//go:build unix

package dovecot

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Server is a Dovecot that runs until its test ends.
type Server struct {
	// Dir holds its files: users, conf, mail/USER and log.
	Dir string
	// CA is the file of the authority that its certificate is from.
	CA string
	// The ports.
	IMAP, IMAPS, POP3, POP3S int

	uid, gid int // it runs as, and its files belong to
}

// Options say how a server is unlike others.
type Options struct {
	// Users are the lines of its passwd-file.
	Users string
	// Settings stand behind the usual ones. In them, DIR is the server's directory.
	Settings string
	// Files are further files in its directory, by name.
	Files map[string]string
	// Until is when its certificate ends; zero for in an hour.
	Until time.Time
}

// Start starts a server. Where Dovecot is not installed the test is skipped; on a
// build machine it fails.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	bin := find(t)
	dir, err := os.MkdirTemp("", "dc") // short: the names of sockets are bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{Dir: dir, uid: os.Getuid(), gid: os.Getgid()}
	if s.uid == 0 {
		s.uid, s.gid = 65534, 65534
	}
	for _, port := range []*int{&s.IMAP, &s.IMAPS, &s.POP3, &s.POP3S} {
		*port = freePort(t)
	}
	s.CA = s.certify(t, o.Until)
	s.Write(t, "users", o.Users)
	for name, text := range o.Files {
		s.Write(t, name, text)
	}
	s.Write(t, "dovecot.conf", s.config()+strings.ReplaceAll(o.Settings, "DIR", dir))
	for _, sub := range []string{"mail", "run", "state", "."} {
		path := filepath.Join(dir, sub)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		s.Own(t, path)
	}
	s.run(t, bin)
	return s
}

// find returns the program.
func find(t testing.TB) string {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
		bin := filepath.Join(dir, "dovecot")
		if !exists(bin) || !exists("/usr/lib/dovecot/imap") || !exists("/usr/lib/dovecot/pop3") {
			continue
		}
		if out, err := exec.Command(bin, "--version").Output(); err != nil || !strings.HasPrefix(string(out), "2.3.") {
			missing("these tests know the settings of Dovecot 2.3, not of %s", out)
		}
		return bin
	}
	missing("no Dovecot to test with: install dovecot-imapd and dovecot-pop3d")
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Write makes a file that belongs to the server, and returns its path.
func (s *Server) Write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(s.Dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Own(t, path)
	return path
}

// Own gives a file to the server.
func (s *Server) Own(t testing.TB, path string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if err := os.Chown(path, s.uid, s.gid); err != nil {
		t.Fatal(err)
	}
}

// run runs Dovecot until the test ends, and waits for it to answer.
func (s *Server) run(t testing.TB, bin string) {
	t.Helper()
	cmd := exec.Command(bin, "-F", "-c", filepath.Join(s.Dir, "dovecot.conf"))
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(s.uid), Gid: uint32(s.gid)}}
	}
	cmd.Dir = s.Dir
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
			t.Logf("the end of what Dovecot says:\n%s%s", said.String(), log[max(0, len(log)-4000):])
		}
	})
	for _, port := range []int{s.IMAP, s.POP3} {
		await(t, port)
	}
}

// await waits until a port answers.
func await(t testing.TB, port int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("Dovecot does not answer")
		}
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// config returns the settings with the server's own names.
func (s *Server) config() string {
	owner, group := strconv.Itoa(s.uid), strconv.Itoa(s.gid)
	if u, err := user.LookupId(owner); err == nil {
		owner = u.Username
	}
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return strings.NewReplacer("DIR", s.Dir, "OWNER", owner, "GROUP", group, "UID", strconv.Itoa(s.uid), "GID", strconv.Itoa(s.gid),
		"IMAPSPORT", strconv.Itoa(s.IMAPS), "IMAPPORT", strconv.Itoa(s.IMAP),
		"POP3SPORT", strconv.Itoa(s.POP3S), "POP3PORT", strconv.Itoa(s.POP3)).Replace(settings)
}

// settings are those that all servers have.
const settings = `
base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/log
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <DIR/cert.pem
ssl_key = <DIR/key.pem
disable_plaintext_auth = yes
default_internal_user = OWNER
default_login_user = OWNER
default_internal_group = GROUP
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:DIR/mail/%u
mail_max_userip_connections = 1000
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = DIR/users
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = IMAPPORT
  }
  inet_listener imaps {
    port = IMAPSPORT
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = POP3PORT
  }
  inet_listener pop3s {
    port = POP3SPORT
    ssl = yes
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`
