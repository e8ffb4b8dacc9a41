package ledger

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/rules"
)

// TestCutShort ends a change of policy and a judging anew in the middle: the next
// process goes on with them.
func TestCutShort(t *testing.T) {
	p := path(t)
	c := (&clock{}).day(1)
	l := open(t, p, c)
	var entries []Entry
	const addresses = 3*chunk + 10
	for i := range addresses {
		entries = append(entries, gone(i, fmt.Sprintf("user%d@example.org", i), 0))
	}
	add(t, l, entries...)
	l.Close()
	count := func(l *Ledger) (n int64) {
		n, err := l.CountFresh(Mark{})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	// later opens the ledger with a clock that cancels after some looks at it.
	later := func(looks int) (*Ledger, context.Context) {
		ctx, cancel := context.WithCancel(context.Background())
		l, err := Open(ctx, p, Options{Mode: Collect, Now: func() time.Time {
			if looks--; looks == 0 {
				cancel()
			}
			return c.now
		}})
		if err != nil {
			t.Fatal(err)
		}
		return l, ctx
	}
	none, err := policy.Builtin("report-only")
	if err != nil {
		t.Fatal(err)
	}
	l, ctx := later(3)
	if err := l.SetPolicy(ctx, none); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := count(l); n == 0 || n == addresses {
		t.Fatalf("%d leave: it was not cut short", n)
	}
	l.Close()
	l, ctx = later(0)
	if pending, err := l.Pending(); !pending || err != nil {
		t.Fatal(pending, err)
	}
	if err := l.Resume(ctx); err != nil {
		t.Fatal(err)
	}
	if n := count(l); n != 0 {
		t.Errorf("%d leave", n)
	}
	all, err := policy.Builtin(policy.Default)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetPolicy(ctx, all); err != nil {
		t.Fatal(err)
	}
	l.Close()

	calls := 0
	explain := func(string, *dsn.Recipient) rules.Verdict {
		calls++
		return rules.Verdict{Cause: "blocked", Outcome: rules.OutcomeFailed, ListAction: rules.Fix}
	}
	l, ctx = later(2)
	if _, err := l.Rejudge(ctx, "v2", explain); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	l.Close()
	l, ctx = later(0)
	defer l.Close()
	if _, err := l.Rejudge(ctx, "v2", explain); err != nil {
		t.Fatal(err)
	}
	if calls != addresses {
		t.Errorf("%d were explained, not %d", calls, addresses)
	}
	if n := count(l); n != 0 {
		t.Errorf("%d leave", n)
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}
