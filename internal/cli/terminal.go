package cli

import (
	"bytes"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// terminalOf gives the terminal that w writes to, or nil.
func terminalOf(w io.Writer) *os.File {
	if f, ok := w.(*outFile); ok {
		w = f.Writer
	}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}

func isTerminal(w io.Writer) bool { return terminalOf(w) != nil }

// terminalWidth is the width of the terminal that w writes to, or 0.
func terminalWidth(w io.Writer) int {
	f := terminalOf(w)
	if f == nil {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// colors reports whether to write colours to w (https://no-color.org).
func (a *app) colors(w io.Writer) bool {
	return isTerminal(w) && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}

// A progress is a bar on standard error, once a run takes longer than a second.
// A nil progress does nothing.
type progress struct {
	total int64 // bytes; -1 where that is not known
	done  int64
	calls int
	bar   *progressbar.ProgressBar
}

// newProgress gives a bar where standard error is a terminal.
func (a *app) newProgress(paths []string, wanted bool) *progress {
	if !wanted || !isTerminal(a.stderr) {
		return nil
	}
	total := plainSize(paths)
	return &progress{total: total, bar: progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(&late{w: a.stderr, from: time.Now().Add(time.Second)}),
		progressbar.OptionSetDescription("reading"),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true))}
}

// A late writer drops what is written before a time.
type late struct {
	w    io.Writer
	from time.Time
}

func (l *late) Write(p []byte) (int, error) {
	if time.Now().Before(l.from) {
		return len(p), nil
	}
	return l.w.Write(p)
}

// plainSize is the size of all paths together where they are plain files, else -1.
func plainSize(paths []string) int64 {
	var sum int64
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil || !info.Mode().IsRegular() || isCompressed(p) {
			return -1
		}
		sum += info.Size()
	}
	return sum
}

func isCompressed(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	io.ReadFull(f, head)
	for _, magic := range [...]string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh", "\xfd7zX"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// add tells of n more bytes done.
func (p *progress) add(n int64) {
	if p == nil {
		return
	}
	p.done += n
	if p.calls++; p.calls%32 != 0 && n < 1<<20 {
		return
	}
	at := p.done
	if p.total > 0 {
		at = min(at, p.total-1) // at its end the bar would finish
	}
	p.bar.Set64(at) // a bar that cannot be drawn is no error
}

// clear wipes the bar off the line.
func (p *progress) clear() {
	if p != nil {
		p.bar.Clear()
	}
}

// finish wipes the bar off for good.
func (a *app) finishProgress() {
	if a.progress != nil {
		a.progress.bar.Finish()
		a.progress = nil
	}
}

// stdinIsTerminal reports whether somebody sits at standard input.
func (a *app) stdinIsTerminal() bool {
	f, ok := a.stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
