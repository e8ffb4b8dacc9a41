package ledger

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// filled makes a closed ledger of n addresses with some history.
func filled(t *testing.T, n int) string {
	t.Helper()
	c := (&clock{}).day(10)
	p := path(t)
	l := open(t, p, c)
	var entries []Entry
	for i := range n {
		address := fmt.Sprintf("user%d@example.org", i)
		for day := range i%5 + 1 {
			entries = append(entries, full(day, address, day*2))
		}
		if i%3 == 0 {
			entries = append(entries, gone(9, address, 9))
		}
	}
	add(t, l, entries...)
	here, err := l.Here()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetMark("csv", here); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFlippedBits flips bits all over a ledger. Each one is refused, or is in a
// place that no row depends on; then everything is as it was.
func TestFlippedBits(t *testing.T) {
	p := filled(t, 150)
	whole, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	c := (&clock{}).day(10)
	l := open(t, p, c)
	want := content(t, l)
	l.Close()
	rounds := 150
	if testing.Short() {
		rounds = 40
	}
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range rounds {
		at, bit := random.IntN(len(whole)), byte(1)<<random.IntN(8)
		bad := append([]byte(nil), whole...)
		bad[at] ^= bit
		if err := os.WriteFile(p, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Open(context.Background(), p, Options{Mode: Collect, Now: c.read})
		if err != nil {
			if problem := ProblemOf(err); problem != Damaged && problem != Newer {
				t.Fatalf("byte %d, bit %d: %v", at, bit, err)
			}
			if !strings.Contains(err.Error(), "ledger rebuild") && ProblemOf(err) == Damaged {
				t.Fatalf("byte %d: no way out: %v", at, err)
			}
			refused++
			continue
		}
		if got := content(t, l); got != want {
			t.Fatalf("byte %d, bit %d: not refused, and not what was written", at, bit)
		}
		l.Close()
	}
	t.Logf("%d of %d refused", refused, rounds)
	if refused < rounds/3 {
		t.Errorf("only %d of %d were refused", refused, rounds)
	}
}

// TestRebuild destroys bytes and sees what comes back.
func TestRebuild(t *testing.T) {
	c := (&clock{}).day(10)
	p := filled(t, 400)
	whole, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, p, c)
	want := content(t, l)
	events, err := l.number("events")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	tests := []struct {
		name   string
		damage func([]byte)
		atMost int64 // events lost
	}{
		{"nothing", func([]byte) {}, 0},
		{"header", func(b []byte) { clear(b[:100]) }, 0},
		{"first page", func(b []byte) { clear(b[:pageSize]) }, 0},
		{"schema text", func(b []byte) { b[strings.Index(string(b), "CREATE TABLE word")] = 'X' }, 0},
		{"one address", func(b []byte) { b[strings.Index(string(b), "user17@example.org")] = 'X' }, 0},
		{"a page in the middle", func(b []byte) { n := len(b) / 2 / pageSize * pageSize; clear(b[n : n+pageSize]) }, 80},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bad := append([]byte(nil), whole...)
			test.damage(bad)
			if err := os.WriteFile(p, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			saved, err := Rebuild(context.Background(), p, Options{Now: c.read})
			if err != nil {
				t.Fatal(err)
			}
			defer os.Remove(saved.Old)
			if lost := events - saved.Events; lost > test.atMost || lost < 0 {
				t.Errorf("%d of %d events lost", lost, events)
			}
			l := open(t, p, c)
			defer l.Close()
			if got := content(t, l); test.atMost == 0 && got != want {
				t.Error("not what it was")
			}
			if err := l.Check(context.Background()); err != nil {
				t.Error(err)
			}
			mark, err := l.Marked("csv")
			if err != nil || mark.Seq == 0 {
				t.Errorf("mark %v, %v", mark, err)
			}
			if got := leaving(t, l, mark, true); test.atMost == 0 && got != "" {
				t.Errorf("exported again: %.200s", got)
			}
			if old, err := os.ReadFile(saved.Old); err != nil || string(old) != string(bad) {
				t.Error("the old file is not kept", err)
			}
		})
	}
}

// TestDiskFull lets the file grow by one page more each time: every write fails
// once, and what stands there after is what stood there before.
func TestDiskFull(t *testing.T) {
	c := (&clock{}).day(10)
	p := filled(t, 30)
	info, err := os.Stat(p)
	if err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	for i := range 400 {
		entries = append(entries, gone(i, fmt.Sprintf("new%d@example.org", i), 9))
	}
	l := open(t, p, c)
	before := content(t, l)
	l.Close()
	failed := 0
	for pages := int(info.Size() / pageSize); ; pages++ {
		l, err := Open(context.Background(), p, Options{Mode: Collect, Now: c.read, MaxPages: pages})
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Record(context.Background(), entries)
		got := content(t, l)
		if closeErr := l.Close(); closeErr != nil {
			t.Fatal(closeErr)
		}
		if err == nil {
			break
		}
		failed++
		if ProblemOf(err) != DiskFull || got != before {
			t.Fatalf("%d pages: %v; unchanged: %v", pages, err, got == before)
		}
	}
	if failed < 10 {
		t.Errorf("only %d writes failed", failed)
	}
}
