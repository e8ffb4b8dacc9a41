//go:build unix

package remote

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whybounce/whybounce/internal/dovecot"
)

// A server is a Dovecot with one user, who has a password and a token.
type server struct{ *dovecot.Server }

const (
	password = "pass word\"\\1"
	token    = "t0ken.t0ken"
	userName = "bounces@example.com"
)

// startDovecot starts Dovecot, with settings behind the usual ones.
func startDovecot(t *testing.T, settings string) *server {
	t.Helper()
	return startDovecotUntil(t, settings, time.Time{})
}

// startDovecotUntil starts one whose certificate ends at a time.
func startDovecotUntil(t *testing.T, settings string, until time.Time) *server {
	t.Helper()
	const tokens = `
auth_verbose = yes
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = DIR/oauth2.conf
}
protocol pop3 {
  pop3_uidl_format = %08Xu%08Xv
}
`
	return &server{dovecot.Start(t, dovecot.Options{
		Users:    userName + ":{PLAIN}" + password + "::::::\nother@example.com:{PLAIN}other::::::\n",
		Settings: tokens + settings,
		Files:    map[string]string{"oauth2.conf": "tokeninfo_url = " + tokenServer(t) + "?t=\nusername_attribute = email\n"},
		Until:    until,
	})}
}

// tokenServer tells Dovecot whose token it is.
func tokenServer(t *testing.T) string {
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

// deliver puts a message into a folder of the user, "" for INBOX.
func (s *server) deliver(t *testing.T, folder, text string) {
	t.Helper()
	box := s.box(t, folder)
	tmp := filepath.Join(box, "tmp", fmt.Sprintf("%d.%06d.host", time.Now().Unix(), delivered.Add(1)))
	s.put(t, tmp, text)
	if err := os.Rename(tmp, filepath.Join(box, "new", filepath.Base(tmp))); err != nil {
		t.Fatal(err)
	}
}

var delivered atomic.Int64

// put writes a file of the user's.
func (s *server) put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Own(t, path)
}

// box makes a Maildir of the user, if it is not there.
func (s *server) box(t *testing.T, folder string) string {
	t.Helper()
	dirs := []string{filepath.Join(s.Dir, "mail", userName)}
	if folder != "" {
		dirs = append(dirs, filepath.Join(dirs[0], "."+folder))
	}
	for _, dir := range dirs {
		for _, d := range []string{dir, dir + "/cur", dir + "/new", dir + "/tmp"} {
			if _, err := os.Stat(d); err == nil {
				continue
			}
			if err := os.Mkdir(d, 0o700); err != nil {
				t.Fatal(err)
			}
			s.Own(t, d)
		}
	}
	return dirs[len(dirs)-1]
}

// url gives the address of the user's mailbox.
func (s *server) url(scheme, folder string) string {
	port := map[string]int{"imap": s.IMAP, "imaps": s.IMAPS, "pop3": s.POP3, "pop3s": s.POP3S}[scheme]
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
