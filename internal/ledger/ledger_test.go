package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/rules"
)

func TestRecordCountsOnce(t *testing.T) {
	c := (&clock{}).day(0)
	l := open(t, path(t), c)
	first := gone(1, "a@example.org", 0)
	if r := add(t, l, first, full(2, "b@example.org", 0)); r != (Result{Items: 2, Events: 2, Left: 1}) {
		t.Errorf("first: %+v", r)
	}
	if r := add(t, l, first); r != (Result{Known: 1}) {
		t.Errorf("the same again: %+v", r)
	}
	moved := first
	moved.Item.Mailbox = "/other"
	if r := add(t, l, moved); r != (Result{Items: 1, Known: 1}) {
		t.Errorf("in another mailbox: %+v", r)
	}
	known, ours, err := l.Known("/other", first.Item.Key, 9)
	if err != nil || !known || !ours {
		t.Errorf("known %v, ours %v, %v", known, ours, err)
	}
	if known, _, _ := l.Known("/other", first.Item.Key, 10); known {
		t.Error("a file of another size is taken for the same")
	}
	if got := leaving(t, l, Mark{}, false); got != "a@example.org remove unknown-user" {
		t.Error(got)
	}
	events, err := l.History("a@example.org")
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	want := first.Events[0]
	if events[0] != want {
		t.Errorf("got %+v\nwant %+v", events[0], want)
	}
}

func TestStrikesRestoreAndEnd(t *testing.T) {
	c := (&clock{}).day(0)
	l := open(t, path(t), c)
	ctx := context.Background()
	add(t, l, full(1, "a@example.org", 0))
	c.day(3)
	add(t, l, full(2, "a@example.org", 3))
	c.day(7)
	if r := add(t, l, full(3, "a@example.org", 7)); r.Left != 1 {
		t.Errorf("third strike: %+v", r)
	}
	mark, err := l.Here()
	if err != nil {
		t.Fatal(err)
	}
	c.day(98)
	if _, leaves, _ := l.Leaves("a@example.org"); leaves {
		t.Error("a removal does not end")
	}
	if _, err := l.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if got := leaving(t, l, mark, true); got != "a@example.org ended mailbox-full" {
		t.Error(got)
	}
	add(t, l, gone(4, "a@example.org", 98))
	c.day(99)
	if err := l.Restore(ctx, "a@example.org", "by hand"); err != nil {
		t.Fatal(err)
	}
	if got := leaving(t, l, Mark{}, false); got != "" {
		t.Error(got)
	}
	c.day(100)
	add(t, l, gone(5, "a@example.org", 100))
	if got := leaving(t, l, Mark{}, false); got != "a@example.org remove unknown-user" {
		t.Error(got)
	}
	if err := l.Restore(ctx, "nobody@example.org", ""); !errors.Is(err, ErrUnknownAddress) {
		t.Error(err)
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}

func TestProofMatters(t *testing.T) {
	c := (&clock{}).day(0)
	l := open(t, path(t), c)
	ctx := context.Background()
	add(t, l, gone(1, "a@example.org", 0))
	if err := l.SetVerified(ctx, true); err != nil {
		t.Fatal(err)
	}
	if got := leaving(t, l, Mark{}, false); got != "" {
		t.Errorf("unproven: %s", got)
	}
	proven := gone(1, "a@example.org", 0)
	proven.Events[0].Grade = Signed
	if r := add(t, l, proven); r.Upgraded != 1 || r.Left != 1 {
		t.Errorf("%+v", r)
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}

func TestPolicyAndRulesChange(t *testing.T) {
	c := (&clock{}).day(1)
	l := open(t, path(t), c)
	ctx := context.Background()
	add(t, l, gone(1, "a@example.org", 0), failure(2, "b@example.org", "blocked", rules.Fix, 0))
	set := func(name string) {
		p, err := policy.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.SetPolicy(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	set("report-only")
	if got := leaving(t, l, Mark{}, false); got != "" {
		t.Error(got)
	}
	set("default")
	n, err := l.Rejudge(ctx, "v2", func(_ string, r *dsn.Recipient) rules.Verdict {
		if strings.Contains(r.Diagnostic, "blocked") {
			return rules.Verdict{Cause: "unknown-user", Outcome: rules.OutcomeFailed, ListAction: rules.Remove, Permanent: true}
		}
		return rules.Verdict{Cause: "unknown", Outcome: rules.OutcomeFailed, ListAction: rules.Review}
	})
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if got := leaving(t, l, Mark{}, false); got != "b@example.org remove unknown-user" {
		t.Error(got)
	}
	var unexplained []string
	for e, err := range l.Unexplained() {
		if err != nil {
			t.Fatal(err)
		}
		unexplained = append(unexplained, e.Address+" "+e.RulesVersion)
	}
	if !slices.Equal(unexplained, []string{"a@example.org v2"}) {
		t.Error(unexplained)
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}

func TestMarks(t *testing.T) {
	c := (&clock{}).day(0)
	l := open(t, path(t), c)
	add(t, l, gone(1, "a@example.org", 0))
	here, err := l.Here()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetMark("csv", here); err != nil {
		t.Fatal(err)
	}
	add(t, l, gone(2, "b@example.org", 0), gone(3, "c@example.org", 0))
	if err := l.Restore(context.Background(), "c@example.org", ""); err != nil {
		t.Fatal(err)
	}
	mark, err := l.Marked("csv")
	if err != nil || mark != here {
		t.Fatal(mark, err)
	}
	if got := leaving(t, l, mark, true); got != "b@example.org remove unknown-user" {
		t.Errorf("since the mark: %s", got)
	}
	if n, err := l.CountFresh(mark); n != 1 || err != nil {
		t.Error(n, err)
	}
	if err := l.Restore(context.Background(), "a@example.org", ""); err != nil {
		t.Fatal(err)
	}
	if got := leaving(t, l, mark, true); got != "a@example.org restored unknown-user; b@example.org remove unknown-user" {
		t.Errorf("since the mark: %s", got)
	}
}

func TestDates(t *testing.T) {
	c := (&clock{}).day(0)
	l := open(t, path(t), c)
	undated, future := gone(1, "a@example.org", 0), gone(2, "b@example.org", 30)
	undated.Events[0].At = time.Time{}
	add(t, l, undated, future, gone(3, "c@example.org", 1))
	for address, want := range map[string]time.Time{"a@example.org": noon, "b@example.org": noon, "c@example.org": noon.AddDate(0, 0, 1)} {
		if events, err := l.History(address); err != nil || !events[0].At.Equal(want) {
			t.Error(address, events[0].At, err)
		}
	}
}

func TestClock(t *testing.T) {
	c := (&clock{}).day(0)
	p := path(t)
	l := open(t, p, c)
	add(t, l, gone(1, "a@example.org", 0))
	for _, days := range []int{-1, 3650} {
		c.day(days)
		before := content(t, l)
		_, err := l.Record(context.Background(), []Entry{gone(2, "b@example.org", 0)})
		if ProblemOf(err) != Clock {
			t.Errorf("%d days: %v", days, err)
		}
		if err := l.Restore(context.Background(), "a@example.org", ""); ProblemOf(err) != Clock {
			t.Errorf("%d days: %v", days, err)
		}
		if days < 0 && content(t, l) != before {
			t.Error("something was changed")
		}
	}
	if err := l.AcceptClock(); err != nil {
		t.Fatal(err)
	}
	add(t, l, gone(2, "b@example.org", 0))
	c.now = c.now.Add(-30 * time.Minute)
	add(t, l, gone(3, "c@example.org", 0))
}

func TestRefusals(t *testing.T) {
	ctx := context.Background()
	c := (&clock{}).day(0)
	made := func(t *testing.T) string {
		p := path(t)
		l := open(t, p, c)
		add(t, l, gone(1, "a@example.org", 0))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	tests := []struct {
		name   string
		change func(t *testing.T, p string)
		mode   Mode
		want   Problem
	}{
		{"missing", func(t *testing.T, p string) { os.Remove(p) }, Write, Missing},
		{"empty", func(t *testing.T, p string) { os.Truncate(p, 0) }, Read, Missing},
		{"no directory", func(t *testing.T, p string) { os.RemoveAll(filepath.Dir(p)) }, Collect, Missing},
		{"newer", func(t *testing.T, p string) { patch(t, p, 60, 0, 0, 0, 99) }, Collect, Newer},
		{"another program's", func(t *testing.T, p string) { patch(t, p, 68, 1, 2, 3, 4) }, Collect, Damaged},
		{"no SQLite", func(t *testing.T, p string) { patch(t, p, 0, 'X') }, Read, Damaged},
		{"cut", func(t *testing.T, p string) { os.Truncate(p, 3*pageSize) }, Read, Damaged},
		{"cut to some bytes", func(t *testing.T, p string) { os.Truncate(p, 50) }, Collect, Damaged},
		{"read-only", func(t *testing.T, p string) { os.Chmod(p, 0o400) }, Collect, ReadOnly},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := made(t)
			test.change(t, p)
			l, err := Open(ctx, p, Options{Mode: test.mode, Create: test.name == "no directory", Now: c.read})
			if err == nil {
				l.Close()
			}
			if ProblemOf(err) != test.want || err == nil {
				t.Fatalf("got %v, want problem %d", err, test.want)
			}
			var e *Error
			if !errors.As(err, &e) || e.Hint == "" {
				t.Errorf("no way out: %v", err)
			}
		})
	}
	t.Run("read-only is enough to read", func(t *testing.T) {
		p := made(t)
		os.Chmod(p, 0o400)
		os.Chmod(filepath.Dir(p), 0o500)
		defer os.Chmod(filepath.Dir(p), 0o700)
		l, err := Open(ctx, p, Options{Mode: Read, Now: c.read})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if got := leaving(t, l, Mark{}, false); got != "a@example.org remove unknown-user" {
			t.Error(got)
		}
		if err := l.Restore(ctx, "a@example.org", ""); ProblemOf(err) != ReadOnly {
			t.Error(err)
		}
	})
}

// patch overwrites bytes of a file.
func patch(t *testing.T, path string, at int64, bytes ...byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(bytes, at); err != nil {
		t.Fatal(err)
	}
}

func TestMode(t *testing.T) {
	p := path(t)
	open(t, p, (&clock{}).day(0))
	info, err := os.Stat(p)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

func TestTwoCollectors(t *testing.T) {
	c := (&clock{}).day(0)
	p := path(t)
	l := open(t, p, c)
	_, err := Open(context.Background(), p, Options{Mode: Collect, Now: c.read, Wait: 100 * time.Millisecond})
	if ProblemOf(err) != Busy || !strings.Contains(err.Error(), "is held by process ") {
		t.Fatal(err)
	}
	reader, err := Open(context.Background(), p, Options{Mode: Read, Now: c.read})
	if err != nil {
		t.Fatalf("reading beside a collector: %v", err)
	}
	reader.Close()
	time.AfterFunc(200*time.Millisecond, func() { l.Close() })
	second, err := Open(context.Background(), p, Options{Mode: Collect, Now: c.read, Wait: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

func TestNormalize(t *testing.T) {
	tests := []struct{ in, want string }{
		{"User@Example.ORG", "User@example.org"},
		{"<user@example.org>", "user@example.org"},
		{"user@bücher.example", "user@xn--bcher-kva.example"},
		{"user@BÜCHER.example.", "user@xn--bcher-kva.example"},
		{"user@XN--BCHER-KVA.example", "user@xn--bcher-kva.example"},
		{`"user"@example.org`, "user@example.org"},
		{`"a b"@example.org`, `"a b"@example.org`},
		{"用户@例子.example", "用户@xn--fsqu00a.example"},
		{"a@b@example.org", "a@b@example.org"},
		{"user@[192.0.2.1]", "user@[192.0.2.1]"},
		{"user@under_score.example.org", "user@under_score.example.org"},
		{"user", ""}, {"@example.org", ""}, {"user@", ""}, {"u\x00@example.org", ""}, {"u@exa mple.org", ""}, {"\xff@example.org", ""},
	}
	for _, test := range tests {
		if got, ok := Normalize(test.in); got != test.want || ok != (test.want != "") {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}

// TestIndices sees that what must stay fast in a large ledger goes by an index.
func TestIndices(t *testing.T) {
	l := open(t, path(t), (&clock{}).day(0))
	for query, index := range map[string]string{
		"SELECT 1 FROM decision JOIN address ON address.id = decision.address WHERE decision.seq > 0 AND decision.seq > ? ORDER BY +email": "decision_seq",
		"SELECT count(*) FROM decision WHERE state IN (2, 3) AND left_seq > ?":                                                             "decision_left",
		"SELECT address.email FROM decision JOIN address ON address.id = decision.address WHERE next <> 0 AND next <= ?":                   "decision_next",
		"SELECT id FROM event WHERE address = ?": "event_address",
	} {
		rows, err := l.query("EXPLAIN QUERY PLAN "+query, 1)
		if err != nil {
			t.Fatal(err)
		}
		plan := ""
		for rows.Next() {
			var a, b, c int
			var step string
			if err := rows.Scan(&a, &b, &c, &step); err != nil {
				t.Fatal(err)
			}
			plan += step + "; "
		}
		if err := rows.Close(); err != nil || !strings.Contains(plan, index) || strings.Contains(plan, "SCAN") {
			t.Errorf("%s: %v: %s", query, err, plan)
		}
	}
}
