package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// run runs a command line.
func run(stdin io.Reader, stdout io.Writer, args ...string) (code int, stderr string) {
	var errs bytes.Buffer
	code = Main(args, stdin, stdout, &errs)
	return code, errs.String()
}

func TestEveryCommandHasExamples(t *testing.T) {
	root := (&app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}).root()
	todo := root.Commands()
	for len(todo) > 0 {
		cmd := todo[0]
		todo = append(todo[1:], cmd.Commands()...)
		if cmd.Name() == "completion" || cmd.HasParent() && cmd.Parent().Name() == "completion" { // cobra's own
			continue
		}
		if !strings.Contains(cmd.Example, "whybounce "+strings.TrimPrefix(cmd.CommandPath(), "whybounce ")) && cmd.Name() != "report" {
			t.Errorf("%s: no example of it in its help: %q", cmd.CommandPath(), cmd.Example)
		}
		if cmd.Short == "" {
			t.Errorf("%s: no short help", cmd.CommandPath())
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

const mail = "From: MAILER-DAEMON@example.net\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" +
	"Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1\n\n--b--\n"

func TestWriteErrors(t *testing.T) {
	for _, args := range [][]string{
		{"report", "-"}, {"report", "-f", "jsonl", "-"}, {"report", "-f", "csv", "-"}, {"report", "-f", "json", "-"},
		{"explain", "550"}, {"explain", "-f", "csv", "-"}, {"causes"}, {"rules", "list"}, {"version"},
	} {
		if code, stderr := run(strings.NewReader(mail), brokenPipe{}, args...); code != ExitDone || stderr != "" {
			t.Errorf("%q into a broken pipe: exit code %d, %q", args, code, stderr)
		}
		if code, stderr := run(strings.NewReader(mail), fullDisk{}, args...); code != ExitFailed || !strings.Contains(stderr, "no space left") {
			t.Errorf("%q onto a full disk: exit code %d, %q", args, code, stderr)
		}
	}
}

// TestErrorsAreClean: what a command line or a library's error quotes reaches
// standard error spelled out.
func TestErrorsAreClean(t *testing.T) {
	const evil = "\x1b[31m\u202e\x00"
	for _, args := range [][]string{
		{evil}, {"report", "--cause", evil, "x"}, {"--since", evil, "x"}, {"--fail-on", evil, "x"}, {"-f", evil, "-"},
		{"rules", "show", evil}, {"rules", "check", evil}, {"--" + evil}, {"--max-depth", evil, "x"}, {"help", evil}, {"-o", evil + "/x", "-"},
	} {
		code, stderr := run(strings.NewReader(mail), io.Discard, args...)
		if code == ExitDone || stderr == "" {
			t.Errorf("%q: exit code %d, %q", args, code, stderr)
		}
		if strings.ContainsAny(strings.ReplaceAll(stderr, "\n", ""), "\x1b\u202e\x00") {
			t.Errorf("%q: %q", args, stderr)
		}
	}
}

func TestACrashIsAnErrorWithAHint(t *testing.T) {
	code, stderr := run(crashing{}, io.Discard, "explain", "-")
	if code != ExitFailed || !strings.Contains(stderr, "error: whybounce crashed: on demand") || !strings.Contains(stderr, "hint: ") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

type crashing struct{}

func (crashing) Read([]byte) (int, error) { panic("on demand") }

func TestInterrupted(t *testing.T) {
	r, w := io.Pipe() // never written to
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := &app{stdin: r, stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}
	if code := a.run(ctx, []string{"report", "-"}); code != ExitFailed {
		t.Errorf("exit code %d", code)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"format", "output", "summary", "since"}
	for _, tt := range []struct{ in, want string }{
		{"fromat", "format"}, {"out", "output"}, {"sumary", "summary"}, {"zzzz", ""}, {"sins", "since"},
	} {
		if got := nearest(tt.in, names); got != tt.want {
			t.Errorf("nearest(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestLimit(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want int
	}{{"1", 1}, {"64k", 64 << 10}, {"64KiB", 64 << 10}, {"2M", 2 << 20}, {"1024MB", 1 << 30}, {"0", 0}, {"-1", 0}, {"x", 0}, {"1025M", 0}, {"", 0}} {
		n := 0
		l := size(&n, 7)
		err := l.Set(tt.in)
		if (err == nil) != (tt.want > 0) || err == nil && n != tt.want {
			t.Errorf("Set(%q) gives %d and %v, want %d", tt.in, n, err, tt.want)
		}
	}
	var l parser.Limits
	if s := size(&l.Text, 128<<10).String(); s != "128K" {
		t.Errorf("the default reads %q", s)
	}
}

func TestFilter(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	row := output.Row{Kind: "bounce", Recipient: "Ada@Bücher.example", Outcome: rules.OutcomeFailed, Cause: "unknown-user", Date: "2026-03-01T23:30:00-02:00"}
	for _, tt := range []struct {
		o    filterOptions
		want bool
	}{
		{filterOptions{}, true},
		{filterOptions{causes: []string{"moved"}}, false},
		{filterOptions{domains: []string{"xn--bcher-kva.EXAMPLE."}}, true},
		{filterOptions{domains: []string{"@bücher.example"}}, true},
		{filterOptions{domains: []string{"example"}}, false},
		{filterOptions{domains: []string{".example"}}, true},
		{filterOptions{since: "2026-03-02"}, true}, // it is 01:30 in UTC
		{filterOptions{since: "2026-03-03"}, false},
		{filterOptions{until: "2026-03-01"}, false},
		{filterOptions{until: "2026-03-02T01:30:00Z"}, true},
	} {
		f, err := tt.o.compile(set)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.shows(&row); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.o, got, tt.want)
		}
	}
}

func TestExitWrapsItsError(t *testing.T) {
	if !errors.Is(failed(io.ErrUnexpectedEOF, ""), io.ErrUnexpectedEOF) {
		t.Error("the error within is lost")
	}
}
