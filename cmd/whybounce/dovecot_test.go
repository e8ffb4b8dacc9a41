//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/whybounce/whybounce/internal/dovecot"
)

// A server is a Dovecot with one user, whose password is in a file.
type server struct {
	*dovecot.Server
	password string
}

// startDovecot starts Dovecot with a folder Done beside the INBOX.
func startDovecot(t *testing.T) *server {
	t.Helper()
	const settings = `
mail_fsync = never
namespace {
  inbox = yes
  mailbox Done {
    auto = create
  }
}
`
	s := &server{Server: dovecot.Start(t, dovecot.Options{Users: "bounces:{PLAIN}a secret::::::\n", Settings: settings})}
	s.password = s.Write(t, "password", "a secret\n")
	return s
}

// fill puts messages into the INBOX in place of all that is there, as a new folder:
// with another UIDVALIDITY.
func (s *server) fill(t *testing.T, mails []string) {
	t.Helper()
	box := filepath.Join(s.Dir, "mail", "bounces")
	if err := os.RemoveAll(box); err != nil {
		t.Fatal(err)
	}
	makeMaildir(t, box, mails)
	err := filepath.WalkDir(box, func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			s.Own(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// left counts the messages in a folder, "" for the INBOX.
func (s *server) left(t *testing.T, folder string) int {
	t.Helper()
	n := 0
	for _, part := range []string{"cur", "new"} {
		files, err := filepath.Glob(filepath.Join(s.Dir, "mail", "bounces", folder, part, "*"))
		if err != nil {
			t.Fatal(err)
		}
		n += len(files)
	}
	return n
}

// imap and pop3 are the arguments of collect for the mailbox.
func (s *server) imap() []string {
	return []string{"--ca", s.CA, "--password-file", s.password, fmt.Sprintf("imaps://bounces@localhost:%d/INBOX", s.IMAPS)}
}

func (s *server) pop3() []string {
	return []string{"--ca", s.CA, "--password-file", s.password, fmt.Sprintf("pop3s://bounces@localhost:%d", s.POP3S)}
}
