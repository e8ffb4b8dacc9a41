package ledger

import (
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"

	"github.com/whybounce/whybounce/internal/policy"
)

// A rescuer takes over from a damaged ledger what its checksums prove whole.
type rescuer struct {
	old, next         *Ledger
	words             map[int64]string
	emails, mailboxes map[int64]string
	saved             Saved
}

func (r *rescuer) run(ctx context.Context) error {
	for _, table := range []struct {
		query string
		into  map[int64]string
	}{
		{"SELECT id, id, text FROM word WHERE id > ? ORDER BY id LIMIT ?", r.words},
		{"SELECT id, id, email FROM address WHERE id > ? ORDER BY id LIMIT ?", r.emails},
		{"SELECT id, id, name FROM mailbox WHERE id > ? ORDER BY id LIMIT ?", r.mailboxes},
	} {
		err := r.walk(ctx, table.query, func(rows *sql.Rows) (int64, error) {
			var id int64
			var text string
			if err := rows.Scan(&id, &id, &text); err != nil {
				return id, err
			}
			table.into[id] = text
			return id, nil
		})
		if err != nil {
			return err
		}
	}
	if err := r.settings(); err != nil {
		return err
	}
	if err := r.events(ctx); err != nil {
		return err
	}
	if err := r.items(ctx); err != nil {
		return err
	}
	if err := r.marks(ctx); err != nil {
		return err
	}
	if said, err := r.old.number("events"); err == nil && said > r.saved.Events {
		r.saved.Lost = said - r.saved.Events
	}
	return nil
}

// walk reads a table in the order of its numbers, in steps, and over what cannot be
// read. visit returns the number of a row, even of one that it drops.
func (r *rescuer) walk(ctx context.Context, query string, visit func(*sql.Rows) (int64, error)) error {
	const patience, many = 1000, 500
	after, failures, step := int64(math.MinInt64), 0, int64(1)
	for limit := many; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		last, n, err := r.read(query, after, limit, visit)
		if n > 0 {
			after, failures, step, limit = last, 0, 1, many
		}
		switch {
		case err == nil && n == 0:
			return nil
		case err != nil && n == 0:
			if after = max(after, 0); after > math.MaxInt32 {
				return nil // past all that there can be
			}
			if failures++; failures > patience {
				step *= 2
			}
			after, limit = after+step, 1
		}
	}
}

func (r *rescuer) read(query string, after int64, limit int, visit func(*sql.Rows) (int64, error)) (last int64, n int, err error) {
	rows, err := r.old.query(query, after, limit)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		id, err := visit(rows)
		if err != nil {
			return last, n, err
		}
		last = id
		n++
	}
	return last, n, rows.Err()
}

// settings takes over what decides.
func (r *rescuer) settings() error {
	return r.next.transaction("saving the settings", func() error {
		for _, key := range []string{"policy", "verified", "clock", "seq"} {
			value, found, err := r.old.meta(key)
			if err != nil || !found {
				continue // as in a new ledger
			}
			if _, err := r.old.checkClock(r.next.options.Now()); err != nil && key == "clock" {
				continue
			}
			if err := r.next.setMeta(key, value); err != nil {
				return err
			}
		}
		return r.next.load()
	})
}

// events takes over the events, deciding about their addresses.
func (r *rescuer) events(ctx context.Context) error {
	r.old.words.ids, r.old.words.texts = map[string]int64{}, r.words
	var batch []Event
	flush := func() error {
		result, err := r.next.write(ctx, "saving events", func(w *writing) error {
			for i := range batch {
				if err := w.event(&batch[i]); err != nil {
					return err
				}
			}
			return nil
		})
		r.saved.Events += int64(result.Events)
		batch = batch[:0]
		return err
	}
	var failed error
	err := r.walk(ctx, "SELECT "+eventColumns+", address FROM event WHERE id > ? ORDER BY id LIMIT ?", func(rows *sql.Rows) (int64, error) {
		id, e := r.event(rows)
		if e != nil {
			batch = append(batch, *e)
		}
		if len(batch) == chunk && failed == nil {
			failed = flush()
		}
		return id, nil
	})
	if err != nil || failed != nil {
		return firstError(failed, err)
	}
	return flush()
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// event reads one event; nil where it is damaged.
func (r *rescuer) event(rows *sql.Rows) (id int64, whole *Event) {
	var s stored
	var key []byte
	var at, kind, grade, cause, action, version, address int64
	if rows.Scan(&s.id, &key, &at, &kind, &grade, &cause, &action, &s.Permanent, &version, &s.data, &s.sum, &address) != nil {
		return s.id, nil
	}
	if len(key) != len(s.Key) || action < 0 || action >= int64(len(actions)) || s.unpack(s.data) != nil {
		return s.id, nil
	}
	s.Key, s.At, s.Kind, s.Grade, s.Action = Key(key), fromUnix(at), policy.EventKind(kind), Grade(grade), actions[action]
	s.Cause, s.RulesVersion = r.words[cause], r.words[version]
	for _, email := range []string{r.emails[address], s.Recipient.Original, s.Recipient.Final} {
		if normal, ok := Normalize(email); ok && s.checksum(normal) == s.sum {
			s.Address = normal
			return s.id, &s.Event
		}
	}
	return s.id, nil
}

// items takes over which messages are known. What is lost is read again, and
// known by its events.
func (r *rescuer) items(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(r.mailboxes)) {
		for after := (Key{}); ; {
			entries, err := r.itemsAfter(id, after)
			if err != nil || len(entries) == 0 {
				break
			}
			result, err := r.next.Record(ctx, entries)
			if err != nil {
				return err
			}
			r.saved.Messages += int64(result.Items)
			after = entries[len(entries)-1].Item.Key
		}
	}
	return nil
}

func (r *rescuer) itemsAfter(mailbox int64, after Key) ([]Entry, error) {
	rows, err := r.old.query("SELECT key, size, ours FROM item WHERE mailbox = ? AND key > ? ORDER BY key LIMIT ?", mailbox, after[:], chunk)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []Entry
	for rows.Next() {
		var key []byte
		item := Item{Mailbox: r.mailboxes[mailbox]}
		var ours int64
		if err := rows.Scan(&key, &item.Size, &ours); err != nil || len(key) != len(item.Key) {
			return entries, nil
		}
		item.Key, item.Ours = Key(key), ours == oursMark
		entries = append(entries, Entry{Item: item})
	}
	return entries, nil
}

// marks gives decisions that are what they were their place in the order of
// changes, so that an incremental export goes on where it stopped.
func (r *rescuer) marks(ctx context.Context) error {
	seq, err := r.next.number("seq")
	if err != nil || seq == 0 {
		return err
	}
	var whole []renumbering
	var failed error
	err = r.walk(ctx, "SELECT "+decisionColumns+" FROM decision WHERE address > ? ORDER BY address LIMIT ?", func(rows *sql.Rows) (int64, error) {
		var d decision
		id, err := r.old.scanDecision(rows, &d)
		if err == nil && d.seq > 0 {
			whole = append(whole, renumbering{r.emails[id], d})
		}
		if len(whole) == chunk && failed == nil {
			failed = r.renumber(whole)
			whole = whole[:0]
		}
		return id, nil
	})
	if err = firstError(failed, err); err == nil {
		err = r.renumber(whole)
	}
	if err != nil {
		return err
	}
	return r.exports()
}

// exports takes over how far the exports have come.
func (r *rescuer) exports() error {
	rows, err := r.old.query("SELECT name FROM export")
	if err != nil {
		return nil // the next export is a full one
	}
	names, _ := texts(rows)
	for _, name := range names {
		if mark, err := r.old.Marked(name); err == nil && mark.Seq > 0 {
			if err := r.next.SetMark(name, mark); err != nil {
				return err
			}
		}
	}
	return nil
}

type renumbering struct {
	email string
	decision
}

func (r *rescuer) renumber(part []renumbering) error {
	w := &writing{Ledger: r.next}
	return r.next.transaction("saving decisions", func() error {
		for i := range part {
			a, err := r.next.lookup(part[i].email)
			if err != nil || a == nil {
				continue // its events are lost
			}
			d, err := r.next.decision(a.id)
			if err != nil || d == nil || d.State != part[i].State || d.Cause != part[i].Cause || !d.Since.Equal(part[i].Since) {
				continue
			}
			d.seq, d.left = part[i].seq, part[i].left
			if err := w.writeDecision(a.id, d); err != nil {
				return err
			}
		}
		return nil
	})
}
