package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/rules"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// clock is a clock that tests set.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func (c *clock) day(n int) *clock { c.now = noon.AddDate(0, 0, n); return c }

func open(t *testing.T, path string, c *clock) *Ledger {
	t.Helper()
	l, err := Open(context.Background(), path, Options{Mode: Collect, Create: true, Now: c.read})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func path(t *testing.T) string { return filepath.Join(t.TempDir(), "ledger.db") }

// failure makes an entry of one failure of an address on a day.
func failure(n int, address, cause string, action rules.ListAction, day int) Entry {
	e := Event{
		Key: HashKey("test", fmt.Sprint(n), address), Address: address, At: noon.AddDate(0, 0, day), Kind: policy.Failure,
		Cause: cause, Action: action, Permanent: action == rules.Remove, Status: "5.0.0", Reply: "550", RulesVersion: "v1",
		Evidence: rules.Evidence{Text: "words of " + cause, Origin: "body line 1", Rule: "rule-of-" + cause},
		Source:   fmt.Sprintf("mbox#%d", n), Outcome: rules.OutcomeFailed,
		Recipient: dsn.Recipient{Final: address, Diagnostic: "550 5.0.0 words of " + cause},
	}
	return Entry{Item: Item{Mailbox: "/mail", Key: HashKey("item", fmt.Sprint(n), address), Size: 9, Ours: true}, Events: []Event{e}}
}

func gone(n int, address string, day int) Entry {
	return failure(n, address, "unknown-user", rules.Remove, day)
}

func full(n int, address string, day int) Entry {
	return failure(n, address, "mailbox-full", rules.Keep, day)
}

func add(t *testing.T, l *Ledger, entries ...Entry) Result {
	t.Helper()
	r, err := l.Record(context.Background(), entries)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// leaving lists who leaves, as "address state cause" lines.
func leaving(t *testing.T, l *Ledger, since Mark, incremental bool) string {
	t.Helper()
	var lines []string
	for s, err := range l.Leaving(since, incremental) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", s.Email, s.State, s.Cause))
	}
	return strings.Join(lines, "; ")
}

// content is all that a ledger says, without the order in which it was written.
func content(t *testing.T, l *Ledger) string {
	t.Helper()
	var b strings.Builder
	err := l.Each(context.Background(), func(e *Event) error {
		fmt.Fprintf(&b, "%x %s %s %v %s %s %s\n", e.Key, e.Address, e.At, e.Kind, e.Cause, e.Grade, e.Recipient.Diagnostic)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString(leaving(t, l, Mark{}, false))
	return b.String()
}
