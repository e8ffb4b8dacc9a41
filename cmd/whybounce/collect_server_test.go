//go:build unix

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// with puts the arguments of a server after others.
func with(server []string, args ...string) []string { return append(slices.Clone(args), server...) }

// TestKilledOnIMAP is TestKilled with a mailbox on a server.
func TestKilledOnIMAP(t *testing.T) {
	t.Parallel()
	d := startDovecot(t)
	mails := mailOf(600)
	dir := t.TempDir()
	for i, after := range []string{"keep", "seen", "move=Done", "delete"} {
		t.Run(after, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(i), 11))
			d.fill(t, mails)
			begun := time.Now()
			book := filepath.Join(dir, "want.db")
			collect(t, with(d.imap(), "--ledger", book, "--after", after)...)
			usual := time.Since(begun)
			want, inbox, done := content(t, book), d.left(t, ""), d.left(t, ".Done")
			os.Remove(book)
			if strings.Count(want, "\n") < len(mails)/2 || inbox+done == 0 {
				t.Fatalf("%d lines; %d messages are left", strings.Count(want, "\n"), inbox)
			}
			for n, round := (kills(t)+3)/4, 0; n > 0; round++ {
				d.fill(t, mails)
				book := filepath.Join(dir, fmt.Sprintf("%d.db", round))
				n -= disturb(t, random, usual, with(d.imap(), "--ledger", book, "--after", after)...)
				if got := content(t, book); got != want {
					t.Fatalf("round %d: another ledger:\n%s", round, firstDifference(got, want))
				}
				if d.left(t, "") != inbox || after != "move=Done" && d.left(t, ".Done") != done || d.left(t, ".Done") < done {
					t.Fatalf("round %d: %d and %d messages are left, not %d and %d", round, d.left(t, ""), d.left(t, ".Done"), inbox, done)
				}
				os.Remove(book)
			}
		})
	}
}

// TestServerChanges changes the mailbox between runs: messages come and go, and the
// whole folder is made anew.
func TestServerChanges(t *testing.T) {
	d := startDovecot(t)
	mails := mailOf(60)
	book := filepath.Join(t.TempDir(), "l.db")
	say := func(server []string) string {
		t.Helper()
		n, out := code(t, with(server, "collect", "--ledger", book, "--summary")...)
		if n != 0 {
			t.Fatalf("exit code %d: %s", n, out)
		}
		return out
	}
	d.fill(t, mails[:40])
	first := say(d.imap())
	if !strings.HasPrefix(first, "40 new messages: 37 failures, 3 other messages; ") {
		t.Fatal(first)
	}
	if out := say(d.imap()); !strings.HasPrefix(out, "0 new messages") {
		t.Errorf("again: %s", out)
	}
	want := content(t, book)
	time.Sleep(1100 * time.Millisecond) // UIDVALIDITY is a second
	d.fill(t, mails[:40])
	if out := say(d.imap()); !strings.HasPrefix(out, "40 new messages: ") || !strings.Contains(out, " 0 events counted") {
		t.Errorf("UIDVALIDITY changed: %s", out)
	}
	if got := content(t, book); got != want {
		t.Error(firstDifference(got, want))
	}
	files, err := filepath.Glob(filepath.Join(d.Dir, "mail/bounces/*/17*"))
	if err != nil || len(files) != 40 {
		t.Fatal(len(files), err)
	}
	for _, file := range files[10:20] {
		os.Remove(file) // expunged in the middle
	}
	if out := say(d.imap()); !strings.HasPrefix(out, "0 new messages") {
		t.Errorf("expunged: %s", out)
	}
	d.fill(t, mails)
	if out := say(d.pop3()); !strings.HasPrefix(out, "60 new messages: ") {
		t.Errorf("POP3: %s", out)
	}
	if out := say(d.pop3()); !strings.HasPrefix(out, "0 new messages") {
		t.Errorf("POP3 again: %s", out)
	}
	collect(t, with(d.pop3(), "--ledger", book, "--after", "delete")...)
	if n := d.left(t, ""); n != 4 {
		t.Errorf("POP3: %d messages are left, not the 4 of others", n)
	}
}

// TestServerTrouble gives each trouble with a server its exit code.
func TestServerTrouble(t *testing.T) {
	d := startDovecot(t)
	d.fill(t, mailOf(5))
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("guess\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := d.imap()[4]
	tests := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a wrong password", []string{"--ca", d.CA, "--password-file", wrong, url}, 13, "refuses the login"},
		{"no password", []string{"--ca", d.CA, url}, 13, "no password"},
		{"a certificate of nobody's", []string{"--password-file", d.password, url}, 14, "certificate cannot be verified"},
		{"another name", []string{"--ca", d.CA, "--password-file", d.password, strings.Replace(url, "localhost", "127.0.0.1", 1)}, 14, "certificate"},
		{"an unknown host", []string{"--password-file", d.password, "imaps://bounces@no-such-host.invalid/INBOX"}, 12, "host"},
		{"nobody there", []string{"--password-file", d.password, "imaps://bounces@localhost:1/INBOX"}, 12, "cannot connect"},
		{"no such folder", []string{"--ca", d.CA, "--password-file", d.password, strings.Replace(url, "INBOX", "Nowhere", 1)}, 12, "no such folder"},
		{"a password in the address", []string{strings.Replace(url, "bounces@", "bounces:hush@", 1)}, 2, "does not belong into the address"},
	}
	for _, test := range tests {
		book := filepath.Join(t.TempDir(), "l.db")
		n, out := code(t, append([]string{"collect", "--ledger", book}, test.args...)...)
		if n != test.code || !strings.Contains(out, test.says) || strings.Contains(out, "hush") || strings.Contains(out, "guess") || strings.Contains(out, "a secret") {
			t.Errorf("%s: exit code %d, want %d: %s", test.name, n, test.code, out)
		}
	}
}

// TestWatch waits for messages as they come.
func TestWatch(t *testing.T) {
	d := startDovecot(t)
	d.fill(t, nil)
	book := filepath.Join(t.TempDir(), "l.db")
	cmd := exec.Command("whybounce", with(d.imap(), "collect", "--ledger", book, "--watch", "--summary", "--after", "delete")...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	time.Sleep(500 * time.Millisecond)
	box := filepath.Join(d.Dir, "mail", "bounces")
	for n := range 3 {
		tmp := filepath.Join(box, "tmp", fmt.Sprintf("18%d.M1.host", n))
		if err := os.WriteFile(tmp, []byte(fate(n)), 0o600); err != nil {
			t.Fatal(err)
		}
		d.Own(t, tmp)
		if err := os.Rename(tmp, filepath.Join(box, "new", filepath.Base(tmp))); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); d.left(t, "") > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("message %d is not read", n)
			}
		}
	}
	cmd.Process.Signal(syscall.SIGTERM)
	line, _ := bufio.NewReader(out).ReadString('\n')
	if err := cmd.Wait(); err != nil || !strings.HasPrefix(line, "3 new messages: 3 failures; 3 events counted") {
		t.Errorf("%v: %s", err, line)
	}
}
