//go:build unix

package remote

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A server is a Dovecot of its own on loopback.
type server struct {
	dir                      string
	ca                       string // file
	imap, imaps, pop3, pop3s int    // ports
	uid, gid                 int    // it runs as, and its files belong to
}

const (
	password = "pass word\"\\1"
	token    = "t0ken.t0ken"
	userName = "bounces@example.com"
)

// startDovecot starts Dovecot, with settings beside the usual ones. Where it is
// not installed the test is skipped; on a build machine it fails.
func startDovecot(t *testing.T, settings string) *server {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	bin := findDovecot()
	if bin == "" {
		missing("no Dovecot to test with: install dovecot-imapd and dovecot-pop3d")
	}
	if out, err := exec.Command(bin, "--version").Output(); err != nil || !strings.HasPrefix(string(out), "2.3.") {
		missing("these tests know the settings of Dovecot 2.3, not of %s", out)
	}
	dir, err := os.MkdirTemp("", "dc") // short: the names of sockets are bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &server{dir: dir, uid: os.Getuid(), gid: os.Getgid()}
	if s.uid == 0 {
		s.uid, s.gid = 65534, 65534
	}
	s.imap, s.imaps, s.pop3, s.pop3s = freePort(t), freePort(t), freePort(t), freePort(t)
	s.certificates(t, time.Now().Add(time.Hour))
	s.write(t, "users", userName+":{PLAIN}"+password+"::::::\nother@example.com:{PLAIN}other::::::\n")
	s.write(t, "oauth2.conf", "tokeninfo_url = "+s.tokenServer(t)+"?t=\nusername_attribute = email\n")
	s.write(t, "dovecot.conf", s.config(t)+settings)
	for _, sub := range []string{"mail", "run", "state"} {
		s.own(t, os.Mkdir(filepath.Join(dir, sub), 0o755), filepath.Join(dir, sub))
	}
	s.own(t, nil, dir)
	s.run(t, bin)
	return s
}

func findDovecot() string {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
		bin := filepath.Join(dir, "dovecot")
		if _, err := os.Stat(bin); err == nil {
			_, imapErr := os.Stat("/usr/lib/dovecot/imap")
			_, pop3Err := os.Stat("/usr/lib/dovecot/pop3")
			if imapErr == nil && pop3Err == nil {
				return bin
			}
		}
	}
	return ""
}

func (s *server) run(t *testing.T, bin string) {
	t.Helper()
	cmd := exec.Command(bin, "-F", "-c", filepath.Join(s.dir, "dovecot.conf"))
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(s.uid), Gid: uint32(s.gid)}}
	}
	cmd.Dir = s.dir
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
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			t.Logf("Dovecot's log:\n%s%s", said.String(), log)
		}
	})
	for _, port := range []int{s.imap, s.pop3} {
		for deadline := time.Now().Add(20 * time.Second); ; {
			c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
			if err == nil {
				c.Close()
				break
			}
			if time.Now().After(deadline) {
				log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
				t.Fatalf("Dovecot does not answer: %s%s", said.String(), log)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func (s *server) config(t *testing.T) string {
	t.Helper()
	name := func(id int, lookup func(string) string) string { return lookup(strconv.Itoa(id)) }
	owner := name(s.uid, func(id string) string {
		if u, err := user.LookupId(id); err == nil {
			return u.Username
		}
		return id
	})
	group := name(s.gid, func(id string) string {
		if g, err := user.LookupGroupId(id); err == nil {
			return g.Name
		}
		return id
	})
	return strings.NewReplacer("DIR", s.dir, "OWNER", owner, "GROUP", group, "UID", strconv.Itoa(s.uid), "GID", strconv.Itoa(s.gid),
		"IMAPSPORT", strconv.Itoa(s.imaps), "IMAPPORT", strconv.Itoa(s.imap),
		"POP3SPORT", strconv.Itoa(s.pop3s), "POP3PORT", strconv.Itoa(s.pop3)).Replace(`
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
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_verbose = yes
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = DIR/oauth2.conf
}
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
protocol pop3 {
  pop3_uidl_format = %08Xu%08Xv
}
`)
}

// tokenServer tells Dovecot whose token it is.
func (s *server) tokenServer(t *testing.T) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("t") != token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"email": userName})
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// certificates makes an authority and a certificate for localhost.
func (s *server) certificates(t *testing.T, until time.Time) {
	t.Helper()
	caKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	s.ca = s.write(t, "ca.pem", block("CERTIFICATE", caDER))
	s.write(t, "cert.pem", block("CERTIFICATE", der))
	s.write(t, "key.pem", block("EC PRIVATE KEY", keyDER))
}

// write makes a file that belongs to the server.
func (s *server) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(s.dir, name)
	s.own(t, os.WriteFile(path, []byte(text), 0o644), path)
	return path
}

func (s *server) own(t *testing.T, err error, path string) {
	t.Helper()
	if err == nil && os.Getuid() == 0 {
		err = os.Chown(path, s.uid, s.gid)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// deliver puts a message into a folder of the user, "" for INBOX.
func (s *server) deliver(t *testing.T, folder, text string) {
	t.Helper()
	box := s.box(t, folder)
	tmp := filepath.Join(box, "tmp", fmt.Sprintf("%d.%06d.host", time.Now().Unix(), delivered.Add(1)))
	s.own(t, os.WriteFile(tmp, []byte(text), 0o600), tmp)
	if err := os.Rename(tmp, filepath.Join(box, "new", filepath.Base(tmp))); err != nil {
		t.Fatal(err)
	}
}

var delivered atomic.Int64

// box makes a Maildir of the user, if it is not there.
func (s *server) box(t *testing.T, folder string) string {
	t.Helper()
	dirs := []string{filepath.Join(s.dir, "mail", userName)}
	if folder != "" {
		dirs = append(dirs, filepath.Join(dirs[0], "."+folder))
	}
	for _, dir := range dirs {
		for _, d := range []string{dir, dir + "/cur", dir + "/new", dir + "/tmp"} {
			if _, err := os.Stat(d); err != nil {
				s.own(t, os.Mkdir(d, 0o700), d)
			}
		}
	}
	return dirs[len(dirs)-1]
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// url gives the address of the user's mailbox.
func (s *server) url(scheme, folder string) string {
	port := map[string]int{"imap": s.imap, "imaps": s.imaps, "pop3": s.pop3, "pop3s": s.pop3s}[scheme]
	return fmt.Sprintf("%s://%s@localhost:%d/%s", scheme, strings.ReplaceAll(userName, "@", "%40"), port, folder)
}

// secret writes a secret to a file of its own.
func (s *server) secret(t *testing.T, text string) Secret {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return Secret{File: path}
}
