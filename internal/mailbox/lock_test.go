//go:build linux || darwin || freebsd || netbsd || openbsd

package mailbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test program be the other program that holds a lock.
func TestMain(m *testing.M) {
	if path := os.Getenv("MAILBOX_TEST_LOCK"); path != "" {
		os.Exit(holdLock(path))
	}
	os.Exit(m.Run())
}

func holdLock(path string) int {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 1
	}
	l := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &l); err != nil {
		return 1
	}
	fmt.Println("held")
	io.Copy(io.Discard, os.Stdin)
	return 0
}

func TestLocked(t *testing.T) {
	box := writeFile(t, sep1+msg1, t.TempDir(), "box")
	o := Options{Lock: true, LockTimeout: 200 * time.Millisecond}
	for m, err := range Open(box, o) {
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(box + ".lock"); err != nil || string(b) != fmt.Sprintln(os.Getpid()) {
			t.Errorf("while reading %s the dotlock holds %q, %v", m.Source(), b, err)
		}
	}
	if _, err := os.Stat(box + ".lock"); err == nil {
		t.Error("the dotlock stays behind")
	}
	writeFile(t, fmt.Sprintln(os.Getpid()), box+".lock")
	_, problems := all(t, box, o)
	want := box + ": another program holds a lock on it (dotlock), waited 200ms; try again later; if no program is using the mbox, remove " + box + ".lock"
	equal(t, "problems", problems, []string{want})
	if _, err := os.Stat(box + ".lock"); err != nil {
		t.Error("another program's dotlock was removed")
	}
	// Without the option, and for what is no mbox, a lock does not matter.
	if messages, _ := all(t, box, Options{}); len(messages) != 1 {
		t.Error("not read without the option")
	}
	eml := writeFile(t, msg1, filepath.Dir(box), "x.eml")
	writeFile(t, "", eml+".lock")
	if messages, _ := all(t, eml, o); len(messages) != 1 {
		t.Error("a lone message was locked")
	}
}

func TestLockComesFree(t *testing.T) {
	box := writeFile(t, sep1+msg1, t.TempDir(), "box")
	name := writeFile(t, fmt.Sprintln(os.Getpid()), box+".lock")
	time.AfterFunc(100*time.Millisecond, func() { os.Remove(name) })
	messages, problems := all(t, box, Options{Lock: true})
	if len(messages) != 1 || len(problems) > 0 {
		t.Errorf("got %d messages, %q", len(messages), problems)
	}
}

func TestStaleDotlock(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	o := Options{Lock: true, LockTimeout: 100 * time.Millisecond}
	for _, tt := range []struct {
		name, text string
		age        time.Duration
		stale      bool
	}{
		{"dead process", fmt.Sprintln(cmd.Process.Pid), 0, true},
		{"no process id", "0", 0, false},
		{"no process id, old", "0", 6 * time.Minute, true},
		{"empty, old", "", 6 * time.Minute, true},
		{"live process, old", fmt.Sprint(os.Getpid()), time.Hour, false},
	} {
		box := writeFile(t, sep1+msg1, t.TempDir(), "box")
		then := time.Now().Add(-tt.age)
		if err := os.Chtimes(writeFile(t, tt.text, box+".lock"), then, then); err != nil {
			t.Fatal(err)
		}
		messages, problems := all(t, box, o)
		if (len(messages) == 1) != tt.stale {
			t.Errorf("%s: got %d messages, %q", tt.name, len(messages), problems)
		}
	}
}

func TestFcntlLocked(t *testing.T) {
	box := writeFile(t, sep1+msg1, t.TempDir(), "box")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "MAILBOX_TEST_LOCK="+box)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if ln, err := bufio.NewReader(out).ReadString('\n'); err != nil || ln != "held\n" {
		t.Fatalf("the other program says %q, %v", ln, err)
	}
	o := Options{Lock: true, LockTimeout: 100 * time.Millisecond}
	for _, err := range Open(box, o) {
		if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "(fcntl)") {
			t.Errorf("got %v", err)
		}
	}
	in.Close()
	cmd.Wait()
	if messages, problems := all(t, box, o); len(messages) != 1 {
		t.Errorf("afterwards: got %q", problems)
	}
}
