package ledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/rules"
)

// TestScale makes a ledger of WHYBOUNCE_SCALE failures of a fifth as many addresses
// and measures what has to stay fast. With WHYBOUNCE_SCALE_FILE the ledger is kept
// there, and used again, so that the program itself can be timed on it:
//
//	WHYBOUNCE_SCALE=10000000 WHYBOUNCE_SCALE_FILE=/var/tmp/scale.db go test ./internal/ledger -run TestScale -v -timeout 0
func TestScale(t *testing.T) {
	failures, err := strconv.Atoi(os.Getenv("WHYBOUNCE_SCALE"))
	if err != nil {
		failures = 20000
		if testing.Short() {
			t.Skip("it takes some seconds")
		}
	}
	path := os.Getenv("WHYBOUNCE_SCALE_FILE")
	if path == "" {
		path = filepath.Join(t.TempDir(), "scale.db")
	}
	c := &clock{now: noon.AddDate(0, 4, 0)}
	random := rand.New(rand.NewPCG(5, 5))
	if _, err := os.Stat(path); err != nil {
		fillScale(t, path, c, random, failures)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d failures, %d MB", failures, info.Size()>>20)
	measureScale(t, path, c, random, failures)
}

// fillScale makes a ledger in the order of addresses, past the parts of Record that
// look for what is known.
func fillScale(t *testing.T, path string, c *clock, random *rand.Rand, failures int) {
	begun := time.Now()
	l := open(t, path, c)
	defer l.Close()
	if err := l.exec("PRAGMA synchronous = OFF"); err != nil {
		t.Fatal(err)
	}
	const chunk = 20000
	for n := 0; n < failures; n += chunk {
		_, err := l.write(context.Background(), "filling", func(w *writing) error {
			return bulk(w, random, n, min(chunk, failures-n), failures/5)
		})
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && n%1000000 == 0 {
			t.Logf("%d in %v", n, time.Since(begun).Round(time.Second))
		}
	}
	mark, err := l.Here()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetMark("csv", mark); err != nil {
		t.Fatal(err)
	}
	t.Logf("made in %v", time.Since(begun).Round(time.Millisecond))
}

// bulk adds failures five to an address, with keys that ascend.
func bulk(w *writing, random *rand.Rand, from, n, addresses int) error {
	mailbox, err := w.mailbox("/mail")
	if err != nil {
		return err
	}
	entries := scaleEntries(random, from, n, addresses)
	var a *address
	for i := range entries {
		e := &entries[i].Events[0]
		if a == nil || i%5 == 0 {
			if a, err = w.address(fmt.Sprintf("subscriber%08d@example.org", (from+i)/5)); err != nil {
				return err
			}
			w.touch(a)
		}
		e.Address = a.email
		binary.BigEndian.PutUint64(e.Key[:], uint64(from+i))
		sum, err := w.insertEvent(a, e)
		if err != nil {
			return err
		}
		a.events++
		a.digest ^= sum
		if err := w.exec("INSERT INTO item (mailbox, key, size, ours) VALUES (?, ?, 0, ?)", mailbox, e.Key[:], oursMark); err != nil {
			return err
		}
	}
	w.result.Events += n
	return nil
}

// scaleEntries makes failures of random addresses over four months.
func scaleEntries(random *rand.Rand, from, n, addresses int) []Entry {
	causes := []struct {
		cause  string
		action rules.ListAction
	}{{"mailbox-full", rules.Keep}, {"network-error", rules.Keep}, {"blocked", rules.Fix}, {"unknown-user", rules.Remove}, {"unknown", rules.Review}}
	var entries []Entry
	for i := from; i < from+n; i++ {
		cause := causes[random.IntN(len(causes))]
		e := failure(i, fmt.Sprintf("subscriber%08d@example.org", random.IntN(addresses)), cause.cause, cause.action, random.IntN(120))
		e.Events[0].Recipient.Diagnostic = fmt.Sprintf("550 5.%d.1 <%s>: words of %s, id %x", i%8, e.Events[0].Address, cause.cause, random.Uint64())
		e.Events[0].Recipient.RemoteServer = fmt.Sprintf("mx%d.example.net", i%50)
		e.Events[0].Original = Original{MessageID: fmt.Sprintf("issue-%d.%d@lists.example.org", i/1000, i), From: "news@example.org", Subject: "News of the week"}
		entries = append(entries, e)
	}
	return entries
}

func measureScale(t *testing.T, path string, c *clock, random *rand.Rand, failures int) {
	ctx := context.Background()
	timed := func(what string, fn func()) {
		begun := time.Now()
		fn()
		t.Logf("%-40s %v", what, time.Since(begun).Round(time.Millisecond))
	}
	var l *Ledger
	timed("open to collect", func() { l = open(t, path, c) })
	const more = 10000
	timed("collect 10,000 more, 500 at a time", func() {
		seed := int(time.Now().UnixNano() & 0xffffffffff) // new ones in a kept ledger, too
		for n := 0; n < more; n += 500 {
			add(t, l, scaleEntries(random, seed+n, 500, failures/5)...)
		}
	})
	timed("close", func() { l.Close() })
	timed("open, history of 100 addresses", func() {
		l, err := Open(ctx, path, Options{Mode: Read, Now: c.read})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		for range 100 {
			address := fmt.Sprintf("subscriber%08d@example.org", random.IntN(failures/5))
			if _, err := l.History(address); err != nil {
				t.Fatal(err)
			}
			if s, err := l.Look(address); err != nil || s.State == policy.State("x") {
				t.Fatal(err)
			}
		}
	})
	timed("open, export since the last time", func() {
		l, err := Open(ctx, path, Options{Mode: Write, Now: c.read})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		mark, err := l.Marked("csv")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range l.Leaving(mark, true) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		here, err := l.Here()
		if err != nil {
			t.Fatal(err)
		}
		if err := l.SetMark("csv", here); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d changes", n)
	})
}
