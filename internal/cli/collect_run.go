package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/mailbox"
	"github.com/whybounce/whybounce/internal/pipeline"
)

// A batch is written when it has so many messages or events, or after so long:
// what a crash can cost is to read them again.
const (
	batchMessages = 500
	batchEvents   = 5000
	batchTime     = 2 * time.Second
)

// A collector reads feeds into a ledger.
type collector struct {
	*app
	ledger   *ledger.Ledger
	analyser *pipeline.Analyser
	maker    *eventMaker
	again    bool
	tally    tally
	trouble  bool // some input could not be read, or be taken away
	code     int  // the exit code of what was wrong with a source, if it has its own

	feed    feed
	entries []ledger.Entry
	items   []*feedItem // of the entries, and those known before
	events  int
	begun   time.Time // the batch
}

// collect reads a feed to its end. It writes down what it has read, even if it is
// interrupted.
func (c *collector) collect(ctx context.Context, f feed) error {
	c.feed = f
	for item, err := range f.items(ctx, c.ledger) {
		if err == nil {
			err = c.take(ctx, item)
		}
		if err != nil {
			if fatal(err) {
				return err
			}
			c.warnOf(err)
			c.code = max(c.code, sourceCode(err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return c.flush(context.WithoutCancel(ctx))
}

// fatal tells which errors end a run: those of the ledger and of the command line.
func fatal(err error) bool {
	var ofLedger *ledger.Error
	var known *exit
	return errors.As(err, &ofLedger) || errors.As(err, &known)
}

func (c *collector) warnOf(err error) {
	c.trouble = true
	for _, line := range strings.Split(err.Error(), "\n") {
		c.warn(line)
	}
}

// take reads one message.
func (c *collector) take(ctx context.Context, f *feedItem) error {
	if len(c.items) == 0 && len(c.entries) == 0 {
		c.begun, c.maker.now = time.Now(), c.clock()
	}
	if f.known {
		c.items = append(c.items, f)
	} else if err := c.read(f); err != nil {
		return err
	}
	if len(c.items) >= batchMessages || c.events >= batchEvents || time.Since(c.begun) >= batchTime {
		return c.flush(context.WithoutCancel(ctx))
	}
	return nil
}

// read analyses one message and adds it to the batch.
func (c *collector) read(f *feedItem) error {
	if f.read == nil { // no message, but something to remember
		c.add(f, nil)
		return nil
	}
	print := newFingerprint()
	in := io.TeeReader(f.read, print)
	res := c.analyser.Read(f.source, in)
	if _, err := io.Copy(io.Discard, in); err != nil {
		return fmt.Errorf("%s: %w", f.source, err)
	}
	if f.cut != nil {
		if err := f.cut(); err != nil {
			c.trouble = true // told by the feed; to be read again
			return nil
		}
	}
	content := print.key()
	if f.byContent {
		f.item.Key = ledger.HashKey(string(f.item.Key[:]), string(content[:]))
		if known, _, err := c.ledger.Known(f.item.Mailbox, f.item.Key, f.item.Size); err != nil || known && !c.again {
			return err
		}
	}
	if res.Err != nil {
		c.tally.messages++
		c.tally.unreadable++
		c.warnOf(fmt.Errorf("%s: %w", f.source, res.Err))
		c.add(f, nil) // said once
		return nil
	}
	f.item.Ours = ours(res)
	events, nameless := c.maker.events(res, content)
	c.tally.count(res, events, nameless)
	c.add(f, events)
	return nil
}

func (c *collector) add(f *feedItem, events []ledger.Event) {
	c.items = append(c.items, f)
	c.entries = append(c.entries, ledger.Entry{Item: f.item, Events: events, Position: f.position})
	c.events += len(events)
}

// flush writes the batch to the ledger and then, and only then, does what --after
// says.
func (c *collector) flush(ctx context.Context) error {
	if len(c.items) == 0 {
		return nil
	}
	onlyLastPositions(c.entries)
	if len(c.entries) > 0 {
		result, err := c.ledger.Record(ctx, c.entries)
		if err != nil {
			return err
		}
		c.tally.result.Add(result)
	}
	if err := c.feed.done(ctx, c.items); err != nil {
		c.warnOf(err)
	}
	c.entries, c.items, c.events = c.entries[:0], c.items[:0], 0
	return nil
}

// onlyLastPositions keeps the last position of each mailbox in a batch.
func onlyLastPositions(entries []ledger.Entry) {
	set := make(map[string]bool)
	for i := len(entries) - 1; i >= 0; i-- {
		e := &entries[i]
		if e.Position == "" {
			continue
		}
		if set[e.Item.Mailbox] {
			e.Position = ""
		}
		set[e.Item.Mailbox] = true
	}
}

// summary is the line of --summary.
func (c *collector) summary(verified bool) string {
	t := &c.tally
	var parts []string
	part := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, counted(n, one, many))
		}
	}
	part(t.failures, "failure", "failures")
	part(t.complaints, "complaint", "complaints")
	part(t.delays, "delay", "delays")
	part(t.deliveries, "success notice", "success notices")
	part(t.autoReplies, "auto-reply", "auto-replies")
	part(t.others, "other message", "other messages")
	part(t.nameless, "report without an address", "reports without an address")
	part(t.unreadable, "unreadable message", "unreadable messages")
	line := counted(t.messages, "new message", "new messages")
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	line += fmt.Sprintf("; %s counted, %d known before; %s", counted(t.result.Events, "event", "events"), t.result.Known,
		counted(t.result.Left, "address leaves the list", "addresses leave the list"))
	if !verified && t.messages > 0 {
		line += "; " + errUnproven.Error()
	}
	return line
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// sourceCode is the exit code of a source that is not there or lets nobody in.
func sourceCode(err error) int {
	var e *mailbox.Error
	if errors.As(err, &e) && e.Number == 0 && errors.Is(e.Err, fs.ErrNotExist) {
		return ExitNoSource
	}
	return remoteCode(err)
}
