//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
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

// A dovecot is a Dovecot of our own on loopback, with TLS and one user.
type dovecot struct {
	dir          string
	ca, password string // files
	imaps, pop3s int    // ports
	uid, gid     int    // it runs as, and its files belong to
}

// startDovecot starts Dovecot. Where it is not installed the test is skipped; on a
// build machine it fails.
func startDovecot(t *testing.T) *dovecot {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	bin := "/usr/sbin/dovecot"
	for _, file := range []string{bin, "/usr/lib/dovecot/imap", "/usr/lib/dovecot/pop3"} {
		if _, err := os.Stat(file); err != nil {
			missing("no Dovecot to test with: install dovecot-imapd and dovecot-pop3d")
		}
	}
	if out, err := exec.Command(bin, "--version").Output(); err != nil || !strings.HasPrefix(string(out), "2.3.") {
		missing("these tests know the settings of Dovecot 2.3, not of %s", out)
	}
	dir, err := os.MkdirTemp("", "dc") // short: the names of sockets are bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &dovecot{dir: dir, uid: os.Getuid(), gid: os.Getgid(), imaps: freePort(t), pop3s: freePort(t)}
	if d.uid == 0 {
		d.uid, d.gid = 65534, 65534
	}
	d.certificates(t)
	d.write(t, "users", "bounces:{PLAIN}a secret::::::\n")
	d.password = d.write(t, "password", "a secret\n")
	d.write(t, "dovecot.conf", d.config())
	for _, sub := range []string{".", "mail", "run", "state"} {
		path := filepath.Join(dir, sub)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		d.own(t, path)
	}
	d.run(t, bin)
	return d
}

func (d *dovecot) own(t *testing.T, path string) {
	t.Helper()
	if os.Getuid() == 0 {
		if err := os.Chown(path, d.uid, d.gid); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *dovecot) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	d.own(t, path)
	return path
}

func (d *dovecot) run(t *testing.T, bin string) {
	t.Helper()
	cmd := exec.Command(bin, "-F", "-c", filepath.Join(d.dir, "dovecot.conf"))
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(d.uid), Gid: uint32(d.gid)}}
	}
	cmd.Dir = d.dir
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
			log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
			t.Logf("the end of Dovecot's log:\n%s", log[max(0, len(log)-2000):])
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", d.imaps))
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("Dovecot does not answer")
		}
	}
}

func (d *dovecot) config() string {
	owner, group := strconv.Itoa(d.uid), strconv.Itoa(d.gid)
	if u, err := user.LookupId(owner); err == nil {
		owner = u.Username
	}
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return strings.NewReplacer("DIR", d.dir, "OWNER", owner, "GROUP", group, "UID", strconv.Itoa(d.uid), "GID", strconv.Itoa(d.gid),
		"IMAPS", strconv.Itoa(d.imaps), "POP3S", strconv.Itoa(d.pop3s)).Replace(`
base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/log
protocols = imap pop3
listen = 127.0.0.1
ssl = required
ssl_cert = <DIR/cert.pem
ssl_key = <DIR/key.pem
default_internal_user = OWNER
default_login_user = OWNER
default_internal_group = GROUP
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:DIR/mail/%u
mail_max_userip_connections = 1000
auth_failure_delay = 0
mail_fsync = never
passdb {
  driver = passwd-file
  args = DIR/users
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/mail/%u
}
namespace {
  inbox = yes
  mailbox Done {
    auto = create
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = IMAPS
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = 0
  }
  inet_listener pop3s {
    port = POP3S
    ssl = yes
  }
}
service anvil {
  chroot =
}
`)
}

// certificates makes an authority and a certificate for localhost.
func (d *dovecot) certificates(t *testing.T) {
	t.Helper()
	authorityKey, authority := d.certificate(t, nil, nil, &x509.Certificate{Subject: pkix.Name{CommonName: "test authority"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	key, leaf := d.certificate(t, authority, authorityKey, &x509.Certificate{Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	d.ca = d.write(t, "ca.pem", block("CERTIFICATE", authority.Raw))
	d.write(t, "cert.pem", block("CERTIFICATE", leaf.Raw))
	d.write(t, "key.pem", block("EC PRIVATE KEY", der))
}

func (d *dovecot) certificate(t *testing.T, by *x509.Certificate, with *ecdsa.PrivateKey, c *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if by == nil {
		by, with = c, key
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	raw, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, with)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return key, parsed
}

// fill puts messages into the INBOX in place of all that is there, as a new folder:
// with another UIDVALIDITY.
func (d *dovecot) fill(t *testing.T, mails []string) {
	t.Helper()
	box := filepath.Join(d.dir, "mail", "bounces")
	if err := os.RemoveAll(box); err != nil {
		t.Fatal(err)
	}
	makeMaildir(t, box, mails)
	err := filepath.WalkDir(box, func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			d.own(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// left counts the messages in a folder, "" for the INBOX.
func (d *dovecot) left(t *testing.T, folder string) int {
	t.Helper()
	n := 0
	for _, part := range []string{"cur", "new"} {
		files, err := filepath.Glob(filepath.Join(d.dir, "mail", "bounces", folder, part, "*"))
		if err != nil {
			t.Fatal(err)
		}
		n += len(files)
	}
	return n
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

// imap and pop3 are the arguments of collect for the mailbox.
func (d *dovecot) imap() []string {
	return []string{"--ca", d.ca, "--password-file", d.password, fmt.Sprintf("imaps://bounces@localhost:%d/INBOX", d.imaps)}
}

func (d *dovecot) pop3() []string {
	return []string{"--ca", d.ca, "--password-file", d.password, fmt.Sprintf("pop3s://bounces@localhost:%d", d.pop3s)}
}
