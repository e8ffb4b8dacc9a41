package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/mailbox"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// stubRules say of everybody that the mailbox is gone, and crash on demand.
type stubRules struct{}

func (stubRules) Explain(r *dsn.Recipient) rules.Verdict {
	if strings.HasPrefix(r.Final, "crash") {
		panic("on demand")
	}
	v := rules.Verdict{Cause: "unknown-user", Outcome: rules.OutcomeFailed, ListAction: rules.Remove}
	if r.Action == dsn.Delayed {
		v.Outcome = rules.OutcomeDelayed
	}
	return v
}

func (stubRules) Of(cause string, o rules.Outcome, ev rules.Evidence) rules.Verdict {
	return rules.Verdict{Cause: cause, Outcome: o, ListAction: rules.Remove, Evidence: ev}
}

// bounce is a delivery report on one recipient, with so many bytes of text.
func bounce(to string, text int) string {
	return "From: MAILER-DAEMON@mx.example.net\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\n" + strings.Repeat("filler\r\n", text/8) +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n" +
		"Final-Recipient: rfc822; " + to + "\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
}

func messages(bodies ...string) iter.Seq2[*mailbox.Message, error] {
	return func(yield func(*mailbox.Message, error) bool) {
		for i, body := range bodies {
			var err error
			m := &mailbox.Message{Path: "in", Number: i + 1, Reader: strings.NewReader(body)}
			if reason, ok := strings.CutPrefix(body, "error "); ok {
				m, err = nil, errors.New(reason)
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

// told is one line for each result.
func told(ctx context.Context, in iter.Seq2[*mailbox.Message, error], workers int) []string {
	var out []string
	for r := range Run(ctx, in, &Analyser{Rules: stubRules{}}, Options{Workers: workers}) {
		line := fmt.Sprintf("%s %d %v", r.Source, r.Class, r.Err)
		for _, row := range r.Rows {
			line += " " + row.Recipient
		}
		out = append(out, line)
	}
	return out
}

func TestOrderIsThatOfTheInput(t *testing.T) {
	var bodies []string
	for i := range 300 {
		bodies = append(bodies, bounce(fmt.Sprintf("u%d@example.com", i), i%7*1000))
		switch i % 97 {
		case 50:
			bodies = append(bodies, bounce(fmt.Sprintf("large%d@example.com", i), 2*maxHeld))
		case 60:
			bodies = append(bodies, fmt.Sprintf("error number %d", i))
		}
	}
	want := told(t.Context(), messages(bodies...), 1)
	if len(want) != len(bodies) {
		t.Fatalf("%d results for %d messages", len(want), len(bodies))
	}
	for i, line := range want {
		if !strings.HasPrefix(bodies[i], "error") && !strings.Contains(line, "@example.com") {
			t.Fatalf("no recipient in %q", line)
		}
	}
	for _, workers := range []int{2, 3, 16} {
		if got := told(t.Context(), messages(bodies...), workers); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%d workers give another result than one", workers)
		}
	}
}

func TestAPanicIsOneUnreadableMessage(t *testing.T) {
	got := told(t.Context(), messages(bounce("a@example.com", 0), bounce("crash@example.com", 0), bounce("crash@example.com", 2*maxHeld), bounce("b@example.com", 0)), 2)
	if len(got) != 4 {
		t.Fatalf("got %q", got)
	}
	for _, i := range []int{1, 2} {
		if !strings.Contains(got[i], "crashed (on demand)") || !strings.HasPrefix(got[i], fmt.Sprintf("in#%d %d", i+1, output.Unreadable)) {
			t.Errorf("got %q", got[i])
		}
	}
	if !strings.Contains(got[3], "b@example.com") {
		t.Errorf("after the panic: %q", got[3])
	}
}

func TestAPanicOfASourceEndsIt(t *testing.T) {
	in := func(yield func(*mailbox.Message, error) bool) {
		yield(&mailbox.Message{Path: "in", Reader: strings.NewReader(bounce("a@example.com", 0))}, nil)
		panic("in the source")
	}
	got := told(t.Context(), in, 1)
	if len(got) != 2 || !strings.Contains(got[1], `reading broke off after "in"`) {
		t.Errorf("got %q", got)
	}
}

func TestTheErrorOfACutMessageIsNoMessage(t *testing.T) {
	in := func(yield func(*mailbox.Message, error) bool) {
		_ = yield(&mailbox.Message{Path: "in", Number: 1, Reader: strings.NewReader(bounce("a@example.com", 0))}, nil) &&
			yield(nil, &mailbox.Error{Path: "in", Number: 1, Err: mailbox.ErrTruncated}) &&
			yield(nil, &mailbox.Error{Path: "other", Err: mailbox.ErrEmpty})
	}
	var cut []bool
	for r := range Run(t.Context(), in, &Analyser{Rules: stubRules{}}, Options{}) {
		cut = append(cut, r.Cut)
	}
	if fmt.Sprint(cut) != "[false true false]" {
		t.Errorf("got %v", cut)
	}
}

func TestTheCallerMayStop(t *testing.T) {
	closed := false
	in := func(yield func(*mailbox.Message, error) bool) {
		defer func() { closed = true }()
		for yield(&mailbox.Message{Path: "in", Reader: strings.NewReader(bounce("a@example.com", 0))}, nil) {
		}
	}
	for range Run(t.Context(), in, &Analyser{Rules: stubRules{}}, Options{}) {
		break
	}
	if !closed {
		t.Error("the source is still open")
	}
}

func TestCancelDoesNotWaitForTheSource(t *testing.T) {
	r, w := io.Pipe() // never written to
	defer w.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	in := func(yield func(*mailbox.Message, error) bool) {
		yield(&mailbox.Message{Path: "-", Reader: r}, nil)
	}
	if got := told(ctx, in, 1); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

func TestALargeMessageIsNotHeld(t *testing.T) {
	body := io.MultiReader(strings.NewReader("From: a@example.com\r\n\r\n"), io.LimitReader(zeros{}, 64<<20))
	in := func(yield func(*mailbox.Message, error) bool) {
		yield(&mailbox.Message{Path: "in", Reader: body}, nil)
	}
	for r := range Run(t.Context(), in, &Analyser{Rules: stubRules{}}, Options{Workers: 1}) {
		if r.Err != nil || r.Size < 8<<20 {
			t.Errorf("%d bytes read, error %v", r.Size, r.Err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte("x\r\n"), len(p)/3+1))
	return len(p), nil
}

func TestRowsGuardRemovals(t *testing.T) {
	a := &Analyser{Rules: stubRules{}}
	for _, tt := range []struct {
		name string
		m    parser.Message
		want rules.ListAction
	}{
		{"a failure", parser.Message{Kind: parser.Bounce, Recipients: []dsn.Recipient{{Final: "a@example.com"}}}, rules.Remove},
		{"a delay", parser.Message{Kind: parser.Bounce, Recipients: []dsn.Recipient{{Final: "a@example.com", Action: dsn.Delayed}}}, rules.Keep},
		{"nobody named", parser.Message{Kind: parser.Bounce}, rules.Review},
		{"a complaint", parser.Message{Kind: parser.Complaint, Recipients: []dsn.Recipient{{Original: "a@example.com"}}}, rules.Remove},
		{"a complaint of nobody", parser.Message{Kind: parser.Complaint}, rules.Review},
		{"an auto-reply", parser.Message{Kind: parser.AutoReply}, rules.Keep},
		{"ordinary mail", parser.Message{Kind: parser.Other}, ""},
	} {
		rows, _ := a.appendRows(nil, "in", &tt.m)
		if len(rows) != 1 || rows[0].ListAction != tt.want {
			t.Errorf("%s: got %+v, want %q", tt.name, rows, tt.want)
		}
	}
}
