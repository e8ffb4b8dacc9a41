//go:build unix

package mailbox

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Nothing waits for the other end of a FIFO.
func TestSpecialFiles(t *testing.T) {
	dir, err := os.MkdirTemp("", "m") // short: the name of a socket is bounded
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	fifo := filepath.Join(dir, "a.eml")
	if err := syscall.Mkfifo(fifo, 0o644); err != nil {
		t.Skip(err)
	}
	os.Symlink("a.eml", filepath.Join(dir, "b.eml"))
	l, err := net.Listen("unix", filepath.Join(dir, "c.eml"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	writeFile(t, msg1, dir, "d.eml")
	done := make(chan bool)
	go func() {
		defer close(done)
		names, problems := sources(t, dir, Options{})
		equal(t, "names", names, []string{"eml d.eml"})
		equal(t, "problems", problems, []string{
			"a.eml: it is a FIFO; it was passed over", "b.eml: it is a FIFO; it was passed over", "c.eml: it is a socket; it was passed over"})
		_, problems = all(t, fifo, Options{})
		if len(problems) != 1 || !strings.HasSuffix(problems[0], "it is a FIFO; name it as standard input: whybounce - < FIFO") {
			t.Errorf("a FIFO: got %q", problems)
		}
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("hangs")
	}
}
