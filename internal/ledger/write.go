package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/whybounce/whybounce/internal/policy"
)

// oursMark stands in the file for a message that may be moved or deleted: no
// flipped bit makes it of a zero.
const oursMark = 7411

// tomorrow is how far ahead of the clock a message may be dated.
const tomorrow = 48 * time.Hour

// Known tells whether an item was recorded, with the same size, and whether it was ours.
func (l *Ledger) Known(mailbox string, key Key, size int64) (known, ours bool, err error) {
	var itemSize, mark int64
	known, err = l.found("looking up a message", l.queryRow(
		"SELECT item.size, item.ours FROM mailbox JOIN item ON item.mailbox = mailbox.id WHERE mailbox.name = ? AND item.key = ?",
		mailbox, key[:]), &itemSize, &mark)
	return known && itemSize == size, mark == oursMark, err
}

// Position returns what was last remembered of a mailbox, or "".
func (l *Ledger) Position(mailbox string) (string, error) {
	var position string
	var sum int64
	found, err := l.found("looking up a mailbox", l.queryRow("SELECT position, sum FROM mailbox WHERE name = ?", mailbox), &position, &sum)
	if err == nil && found && sum != checksum(mailbox, position) {
		err = l.damaged("the position in %q is not what was written", mailbox)
	}
	return position, err
}

// Record writes messages down and decides about their addresses, all or nothing:
// when it returns without an error, that is on disk.
func (l *Ledger) Record(ctx context.Context, entries []Entry) (Result, error) {
	return l.write(ctx, "recording", func(w *writing) error {
		for i := range entries {
			if err := w.entry(&entries[i]); err != nil {
				return err
			}
		}
		return w.touchDue()
	})
}

// Settle makes the changes that come with time alone, such as the end of a removal.
func (l *Ledger) Settle(ctx context.Context) (Result, error) {
	var due int64
	err := l.queryRow("SELECT count(*) FROM decision WHERE next <> 0 AND next <= ?", l.options.Now().Unix()).Scan(&due)
	if err != nil || due == 0 {
		return Result{}, l.wrap("reading decisions", err)
	}
	return l.write(ctx, "settling", (*writing).touchDue)
}

// ErrUnknownAddress tells that the ledger has never heard of an address.
var ErrUnknownAddress = errors.New("the ledger does not know this address")

// Restore puts an address back on the list: what happened before does not count
// any more, what comes counts anew.
func (l *Ledger) Restore(ctx context.Context, address, note string) error {
	_, err := l.write(ctx, "restoring", func(w *writing) error {
		a, err := w.lookup(address)
		if err != nil {
			return err
		}
		if a == nil {
			return ErrUnknownAddress
		}
		history, err := w.history(a)
		if err != nil {
			return err
		}
		at := w.now
		if len(history) > 0 && history[len(history)-1].At.After(at) {
			at = history[len(history)-1].At // dated ahead of our clock
		}
		e := &Event{Address: address, At: at, Kind: policy.Restored, Grade: Signed, Source: note}
		e.Key = HashKey("restore", address, w.now.Format(time.RFC3339Nano))
		return w.event(e)
	})
	return err
}

// A writing is one transaction.
type writing struct {
	*Ledger
	now       time.Time
	seq       int64
	mailboxes map[string]int64
	addresses map[string]*address
	touched   []*address // to decide about, in order
	fresh     int64      // new addresses
	result    Result
}

// An address is a row that a writing has read.
type address struct {
	id, events, digest int64
	email              string
	touched            bool
}

// write runs fn in a transaction and then decides about the addresses it touched.
func (l *Ledger) write(ctx context.Context, doing string, fn func(*writing) error) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	w := &writing{Ledger: l, now: l.options.Now(), mailboxes: make(map[string]int64), addresses: make(map[string]*address)}
	err := l.transaction(doing, func() error {
		if err := l.tick(w.now); err != nil {
			return err
		}
		if err := fn(w); err != nil {
			return err
		}
		return w.finish()
	})
	if err != nil {
		return Result{}, err
	}
	return w.result, nil
}

// finish decides, and brings the counters up to date.
func (w *writing) finish() error {
	var err error
	if w.seq, err = w.number("seq"); err != nil {
		return err
	}
	before := w.seq
	for _, a := range w.touched {
		if err := w.exec("UPDATE address SET events = ?, digest = ? WHERE id = ?", a.events, a.digest, a.id); err != nil {
			return err
		}
		if err := w.decide(a); err != nil {
			return err
		}
	}
	if w.seq != before {
		if err := w.setNumber("seq", w.seq); err != nil {
			return err
		}
	}
	if err := w.count("addresses", w.fresh); err != nil {
		return err
	}
	return w.count("events", int64(w.result.Events))
}

// count adds to a counter.
func (w *writing) count(name string, more int64) error {
	if more == 0 {
		return nil
	}
	n, err := w.number(name)
	if err != nil {
		return err
	}
	return w.setNumber(name, n+more)
}

func (w *writing) touch(a *address) {
	if !a.touched {
		a.touched = true
		w.touched = append(w.touched, a)
	}
}

// touchDue touches the addresses whose state changes by time.
func (w *writing) touchDue() error {
	rows, err := w.query("SELECT address.email FROM decision JOIN address ON address.id = decision.address WHERE next <> 0 AND next <= ?", w.now.Unix())
	if err != nil {
		return err
	}
	emails, err := texts(rows)
	if err != nil {
		return w.wrap("reading decisions", err)
	}
	for _, email := range emails {
		a, err := w.lookup(email)
		if err != nil {
			return err
		}
		if a == nil {
			return w.damaged("it knows %q and does not find it", email)
		}
		w.touch(a)
	}
	return nil
}

func (w *writing) entry(e *Entry) error {
	mailbox, err := w.mailbox(e.Item.Mailbox)
	if err != nil {
		return err
	}
	ours := 0
	if e.Item.Ours {
		ours = oursMark
	}
	r, err := w.execResult(`INSERT INTO item (mailbox, key, size, ours) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
		SET size = excluded.size, ours = excluded.ours WHERE size <> excluded.size OR ours <> excluded.ours`,
		mailbox, e.Item.Key[:], e.Item.Size, ours)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err == nil && n > 0 {
		w.result.Items++
	}
	if e.Position != "" {
		if err := w.exec("UPDATE mailbox SET position = ?, sum = ? WHERE id = ?", e.Position, checksum(e.Item.Mailbox, e.Position), mailbox); err != nil {
			return err
		}
	}
	for i := range e.Events {
		if err := w.event(&e.Events[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) mailbox(name string) (int64, error) {
	if id, known := w.mailboxes[name]; known {
		return id, nil
	}
	if err := w.exec("INSERT INTO mailbox (name, position, sum) VALUES (?, '', ?) ON CONFLICT DO NOTHING", name, checksum(name, "")); err != nil {
		return 0, err
	}
	var id int64
	if err := w.queryRow("SELECT id FROM mailbox WHERE name = ?", name).Scan(&id); err != nil {
		return 0, w.wrap("reading a mailbox", err)
	}
	w.mailboxes[name] = id
	return id, nil
}

// event adds an event, or finds that it was counted before.
func (w *writing) event(e *Event) error {
	if e.At.Unix() <= 0 || e.At.After(w.now.Add(tomorrow)) {
		e.At = w.now // the message does not say, or cannot be right
	}
	a, err := w.address(e.Address)
	if err != nil {
		return err
	}
	old, err := w.eventByKey(e.Key, a)
	if err != nil {
		return err
	}
	if old != nil {
		return w.again(a, old, e)
	}
	sum, err := w.insertEvent(a, e)
	if err != nil {
		return err
	}
	a.events++
	a.digest ^= sum
	w.touch(a)
	w.result.Events++
	return nil
}

// again meets an event that was counted before. A forged one may have come
// first: the better proof stands.
func (w *writing) again(a *address, old *stored, e *Event) error {
	w.result.Known++
	if e.Grade <= old.Grade {
		return nil
	}
	w.result.Upgraded++
	old.Grade = e.Grade
	return w.updateEvent(a, old)
}

// lookup finds an address, or nil.
func (w *writing) lookup(email string) (*address, error) {
	if a := w.addresses[email]; a != nil {
		return a, nil
	}
	a, err := w.Ledger.lookup(email)
	if a != nil {
		w.addresses[email] = a
	}
	return a, err
}

func (l *Ledger) lookup(email string) (*address, error) {
	a := &address{}
	found, err := l.found("looking up an address", l.queryRow("SELECT id, email, events, digest FROM address WHERE email = ?", email),
		&a.id, &a.email, &a.events, &a.digest)
	if err != nil || !found {
		return nil, err
	}
	if a.email != email {
		return nil, l.damaged("looking up %q finds %q", email, a.email)
	}
	return a, nil
}

// address finds an address or adds it.
func (w *writing) address(email string) (*address, error) {
	a, err := w.lookup(email)
	if err != nil || a != nil {
		return a, err
	}
	r, err := w.execResult("INSERT INTO address (email, events, digest) VALUES (?, 0, 0)", email)
	if err != nil {
		return nil, err
	}
	id, err := r.LastInsertId()
	if err != nil {
		return nil, w.wrap("adding an address", err)
	}
	a = &address{id: id, email: email}
	w.addresses[email] = a
	w.fresh++
	return a, nil
}
