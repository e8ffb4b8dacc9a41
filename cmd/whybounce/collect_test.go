//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/whybounce/whybounce/internal/ledger"
)

// kills is how often a collector is killed on each kind of mailbox: 6 times, 60
// on a build machine, which has ten minutes in all, or what WHYBOUNCE_KILLS says:
// 200 before a release, 1000 overnight.
func kills(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("WHYBOUNCE_KILLS")); err == nil {
		return n
	}
	if os.Getenv("CI") != "" {
		return 60
	}
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	return 6
}

// fate makes a bounce of our own. Every seventh tells nothing of the returned
// message, every eleventh is a copy of the one before.
func fate(n int) string {
	if n%11 == 10 {
		n--
	}
	codes := []string{"5.1.1 User unknown", "5.2.2 mailbox is full", "4.4.1 connection timed out", "5.7.1 Relaying denied"}
	returned := fmt.Sprintf("From: news@example.org\r\nTo: user%d@example.com\r\nMessage-ID: <issue-%d@example.org>\r\n", n%700, n/700)
	if n%7 == 0 {
		returned = ""
	}
	code := codes[n%len(codes)]
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(n) * 7 * time.Minute)
	return fmt.Sprintf("From: MAILER-DAEMON@mail.example.org\r\nTo: bounces@example.org\r\nSubject: Undelivered Mail Returned to Sender\r\nDate: %s\r\n"+
		"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"+
		"--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n"+
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.org\r\n\r\n"+
		"Final-Recipient: rfc822; user%d@example.com\r\nAction: failed\r\nStatus: %s\r\nDiagnostic-Code: smtp; 55%d %s\r\n\r\n"+
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n--b--\r\n", at.Format(time.RFC1123Z), n%700, code[:5], n%3, code, returned)
}

// mailOf makes n messages; every thirteenth is none of ours.
func mailOf(n int) []string {
	var mails []string
	for i := range n {
		if i%13 == 12 {
			mails = append(mails, fmt.Sprintf("From: anna@example.org\r\nSubject: hello %d\r\nMessage-ID: <m%d@example.org>\r\n\r\nHow are you?\r\n", i, i))
			continue
		}
		mails = append(mails, fate(i))
	}
	return mails
}

func makeMaildir(t *testing.T, dir string, mails []string) {
	t.Helper()
	for _, part := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for i, mail := range mails {
		if err := os.WriteFile(filepath.Join(dir, "new", fmt.Sprintf("17000%05d.M%d.host", i, i)), []byte(mail), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func makeMbox(t *testing.T, path string, mails []string) {
	t.Helper()
	var b bytes.Buffer
	for _, mail := range mails {
		b.WriteString("From MAILER-DAEMON Tue Mar  3 08:15:02 2026\n" + strings.ReplaceAll(mail, "\r\n", "\n") + "\n")
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// content is all that a ledger says, whatever the order in which it was written.
func content(t *testing.T, path string) string {
	t.Helper()
	l, err := ledger.Open(context.Background(), path, ledger.Options{Mode: ledger.Read})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Check(context.Background()); err != nil {
		t.Fatal(err)
	}
	var lines []string
	err = l.Each(context.Background(), func(e *ledger.Event) error {
		lines = append(lines, fmt.Sprintf("%s %x %v %s %s %s %s", e.Address, e.Key, e.Kind, e.At, e.Cause, e.Action, e.Recipient.Diagnostic))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range l.Leaving(ledger.Mark{}, false) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %d", s.Email, s.State, s.Cause, s.Since, s.Strikes))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func collect(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command("whybounce", append([]string{"collect"}, args...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("collect %q: %v\n%s", args, err, out)
	}
}

// code runs the program and returns its exit code and what it says.
func code(t *testing.T, args ...string) (int, string) {
	t.Helper()
	out, err := exec.Command("whybounce", args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return exit.ExitCode(), string(out)
	}
	return 0, string(out)
}

// disturb runs a collector again and again and kills it at a random moment, until
// one run comes to its end. It returns how many were killed.
func disturb(t *testing.T, random *rand.Rand, usual time.Duration, args ...string) (killed int) {
	t.Helper()
	for {
		cmd := exec.Command("whybounce", append([]string{"collect"}, args...)...)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(usual)*5/4)), func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if err == nil {
			return killed
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != -1 {
			t.Fatalf("collect %q: %v\n%s", args, err, said.String())
		}
		killed++
	}
}

// TestKilled kills collectors at random moments; in the end every ledger is that
// of an undisturbed run, and every message is where it should be.
func TestKilled(t *testing.T) {
	t.Parallel() // a collector mostly waits for the disk
	const messages = 800
	mails := mailOf(messages)
	tests := []struct {
		name  string
		after string
		share int // of the kills on this kind of mailbox
		make  func(*testing.T, string, []string)
	}{
		{"maildir", "keep", 3, makeMaildir},
		{"maildir moved", "move=Done", 3, makeMaildir},
		{"maildir deleted", "delete", 3, makeMaildir},
		{"mbox", "keep", 1, makeMbox},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(i), 7))
			dir := t.TempDir()
			box := filepath.Join(dir, "box")
			test.make(t, box, mails)
			begun := time.Now()
			collect(t, "--ledger", filepath.Join(dir, "want.db"), "--after", test.after, box)
			usual := time.Since(begun)
			want := content(t, filepath.Join(dir, "want.db"))
			if n := strings.Count(want, "\n"); n < messages/2 {
				t.Fatalf("only %d lines", n)
			}
			left := leftIn(t, box)
			for n, round := (kills(t)+test.share-1)/test.share, 0; n > 0; round++ {
				path := filepath.Join(dir, fmt.Sprintf("round%d", round))
				test.make(t, path, mails)
				book := filepath.Join(dir, fmt.Sprintf("round%d.db", round))
				n -= disturb(t, random, usual, "--ledger", book, "--after", test.after, path)
				if got := content(t, book); got != want {
					t.Fatalf("round %d: another ledger:\n%s", round, firstDifference(got, want))
				}
				if got := leftIn(t, path); !slices.Equal(got, left) {
					t.Fatalf("round %d: %d messages are in other places than %d should be", round, len(got), len(left))
				}
				os.RemoveAll(path)
				os.Remove(book)
			}
		})
	}
}

// leftIn lists the files in a mailbox.
func leftIn(t *testing.T, box string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(box, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, strings.TrimPrefix(path, box))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d of %d, %d:\n%s\n%s", i, len(a), len(b), a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

// TestTwoAtOnce lets collectors read the same mailbox at the same time.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	box := filepath.Join(dir, "box")
	makeMaildir(t, box, mailOf(400))
	collect(t, "--ledger", filepath.Join(dir, "want.db"), box)
	book := filepath.Join(dir, "l.db")
	ended := make(chan error, 4)
	for range cap(ended) {
		cmd := exec.Command("whybounce", "collect", "--ledger", book, "--after", "move=Done", box)
		cmd.Stderr = os.Stderr
		go func() { ended <- cmd.Run() }()
	}
	for range cap(ended) {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if got, want := content(t, book), content(t, filepath.Join(dir, "want.db")); got != want {
		t.Error(firstDifference(got, want))
	}
}

// TestDiskFullAnywhere lets no file grow beyond a limit, which is a little higher
// each time: every write fails once. Nothing is lost, and nothing done to the mail.
func TestDiskFullAnywhere(t *testing.T) {
	dir := t.TempDir()
	box := filepath.Join(dir, "box")
	mails := mailOf(150)
	makeMaildir(t, box, mails)
	before := leftIn(t, box)
	collect(t, "--ledger", filepath.Join(dir, "want.db"), box)
	want := content(t, filepath.Join(dir, "want.db"))
	refused := 0
	for blocks := 0; ; blocks += 40 {
		book := filepath.Join(dir, fmt.Sprintf("l%d.db", blocks))
		script := fmt.Sprintf("ulimit -f %d; exec whybounce collect --ledger %s --after delete %s", blocks, book, box)
		out, err := exec.Command("/bin/sh", "-c", script).CombinedOutput()
		if err == nil {
			break
		}
		refused++
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 8 || !strings.Contains(string(out), "hint: the disk is full or failing") {
			t.Fatalf("%d blocks: %v\n%s", blocks, err, out)
		}
		if got := leftIn(t, box); !slices.Equal(got, before) {
			t.Fatalf("%d blocks: the mail was touched", blocks)
		}
		collect(t, "--ledger", book, box) // the same command, with room
		if got := content(t, book); got != want {
			t.Fatalf("%d blocks: %s", blocks, firstDifference(got, want))
		}
	}
	if refused < 5 {
		t.Errorf("only %d runs were refused", refused)
	}
}

// TestExportDiskFull fails to write an export, and gives the same one afterwards.
func TestExportDiskFull(t *testing.T) {
	dir := t.TempDir()
	box, book, out := filepath.Join(dir, "box"), filepath.Join(dir, "l.db"), filepath.Join(dir, "out.csv")
	makeMaildir(t, box, mailOf(300))
	collect(t, "--ledger", book, box)
	_, want := code(t, "export", "--ledger", book)
	for _, blocks := range []int{0, 1, 2, 8} {
		for _, to := range []string{"-o " + out, "> " + out} {
			script := fmt.Sprintf("ulimit -f %d; exec whybounce export --ledger %s --since-last %s", blocks, book, to)
			if err := exec.Command("/bin/sh", "-c", script).Run(); err == nil {
				t.Fatalf("%d blocks, %s: no error", blocks, to)
			}
			os.Remove(out)
		}
	}
	if n, got := code(t, "export", "--ledger", book, "--since-last"); n != 0 || got != want {
		t.Errorf("exit code %d, %d bytes instead of %d", n, len(got), len(want))
	}
}

// TestWrongClock uses a ledger that was last written a day from now, or ten years ago.
func TestWrongClock(t *testing.T) {
	dir := t.TempDir()
	box := filepath.Join(dir, "box")
	makeMaildir(t, box, mailOf(30))
	for name, shift := range map[string]time.Duration{"a day back": 24 * time.Hour, "ten years on": -3650 * 24 * time.Hour} {
		book := filepath.Join(dir, name+".db")
		now := func() time.Time { return time.Now().Add(shift) }
		l, err := ledger.Open(context.Background(), book, ledger.Options{Mode: ledger.Collect, Create: true, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.AcceptClock(), l.Close()); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"collect", "--ledger", book, "--after", "delete", box}, {"export", "--ledger", book}, {"export", "--ledger", book, "--since-last"}, {"ledger", "clock", "--ledger", book}} {
			if n, out := code(t, args...); n != 9 || !strings.Contains(out, "whybounce ledger clock --accept") {
				t.Errorf("%s: %q: exit code %d\n%s", name, args, n, out)
			}
		}
		if n := len(leftIn(t, box)); n != 30 {
			t.Fatalf("%s: %d messages are left", name, n)
		}
		if n, out := code(t, "ledger", "clock", "--accept", "--ledger", book); n != 0 {
			t.Fatal(out)
		}
		collect(t, "--ledger", book, box)
	}
}
