package ledger

import (
	"database/sql"
	"fmt"
	"iter"
	"time"

	"github.com/whybounce/whybounce/internal/policy"
)

// History returns what happened to an address, in order of time; nothing where
// the ledger does not know it.
func (l *Ledger) History(email string) ([]Event, error) {
	a, err := l.lookup(email)
	if err != nil || a == nil {
		return nil, err
	}
	history, err := l.history(a)
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(history))
	for i, s := range history {
		if err := s.unpack(s.data); err != nil {
			return nil, l.damaged("event %d cannot be unpacked: %w", s.id, err)
		}
		events[i] = s.Event
	}
	return events, nil
}

// A Standing is an address and what was decided about it.
type Standing struct {
	Email string
	policy.Decision
	Proof *Event // the event that decided, where there is one
}

// Look returns the standing of an address; State is "" where it is not known.
func (l *Ledger) Look(email string) (Standing, error) {
	s := Standing{Email: email}
	a, err := l.lookup(email)
	if err != nil || a == nil {
		return s, err
	}
	d, err := l.decision(a.id)
	if err != nil || d == nil {
		return s, err
	}
	s.Decision = d.Decision
	l.now(&s.Decision)
	if s.Proof, err = l.proof(email, d.Event); err != nil {
		return s, err
	}
	return s, nil
}

// Leaves tells whether an address gets no mail, and why.
func (l *Ledger) Leaves(email string) (policy.Decision, bool, error) {
	rows, err := l.query("SELECT "+decisionColumns+" FROM address JOIN decision ON decision.address = address.id WHERE email = ?", email)
	if err != nil {
		return policy.Decision{}, false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return policy.Decision{}, false, l.wrap("reading a decision", rows.Err())
	}
	var d decision
	if _, err := l.scanDecision(rows, &d); err != nil {
		return policy.Decision{}, false, l.wrap("reading a decision", err)
	}
	l.now(&d.Decision)
	return d.Decision, d.State.Leaves(), nil
}

// now lets a removal that is over by the clock be over, before that is written down.
func (l *Ledger) now(d *policy.Decision) {
	if d.Next.IsZero() || d.Next.After(l.options.Now()) {
		return
	}
	if d.State == policy.Suspended {
		d.State = policy.Removed
	} else {
		d.State = policy.Ended
	}
	d.Since, d.Next = d.Next, time.Time{}
}

// proof reads the event that decided.
func (l *Ledger) proof(email string, id int64) (*Event, error) {
	if id == 0 {
		return nil, nil
	}
	rows, err := l.query("SELECT "+eventColumns+" FROM event WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, l.wrap("reading an event", err)
		}
		return nil, l.damaged("the event that decided about %q is missing", email)
	}
	s, err := l.scanEvent(rows, email)
	if err != nil {
		return nil, err
	}
	if err := s.unpack(s.data); err != nil {
		return nil, l.damaged("event %d cannot be unpacked: %w", s.id, err)
	}
	return &s.Event, nil
}

// Leaving yields the addresses that leave the list, in order; with a mark, only
// what changed since then, those included that may come back. Without one it goes
// through all decisions, whatever an index says, and sees that none is missing.
func (l *Ledger) Leaving(since Mark, incremental bool) iter.Seq2[Standing, error] {
	return func(yield func(Standing, error) bool) {
		query := "SELECT " + decisionColumns + ", email FROM decision "
		if incremental {
			query += "JOIN address ON address.id = decision.address WHERE decision.seq > 0 AND decision.seq > ? ORDER BY +email"
		} else {
			if err := l.allDecided(); err != nil {
				yield(Standing{}, err)
				return
			}
			query += "NOT INDEXED JOIN address ON address.id = decision.address WHERE decision.state IN (2, 3) AND ? >= 0 ORDER BY +email"
		}
		rows, err := l.query(query, since.Seq)
		if err != nil {
			yield(Standing{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			s, err := l.scanStanding(rows, since)
			if err == nil && !s.State.Leaves() && (!incremental || !s.left) {
				continue // it came and went since
			}
			if !yield(s.Standing, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Standing{}, l.wrap("reading decisions", err))
		}
	}
}

// A rowStanding is a standing, and whether the address had left at the mark.
type rowStanding struct {
	Standing
	left bool
}

func (l *Ledger) scanStanding(rows *sql.Rows, since Mark) (s rowStanding, err error) {
	var d decision
	if _, err := l.scanDecision(rows, &d, &s.Email); err != nil {
		return s, l.wrap("reading decisions", err)
	}
	l.now(&d.Decision)
	s.Decision, s.left = d.Decision, d.left > 0 && d.left <= since.Seq
	if !s.State.Leaves() && !s.left {
		return s, nil
	}
	s.Proof, err = l.proof(s.Email, d.Event)
	return s, err
}

// allDecided sees that there is a decision on every address.
func (l *Ledger) allDecided() error {
	known, err := l.number("addresses")
	if err != nil {
		return err
	}
	var decided int64
	if err := l.queryRow("SELECT count(*) FROM decision NOT INDEXED").Scan(&decided); err != nil {
		return l.wrap("counting", err)
	}
	if known != decided {
		return l.damaged("there are %d decisions on %d addresses", decided, known)
	}
	return nil
}

// A Mark is how far an export has come.
type Mark struct {
	Seq int64
	At  time.Time
}

// Marked returns the mark of an export; zero where there was none.
func (l *Ledger) Marked(name string) (Mark, error) {
	var seq, at, sum int64
	found, err := l.found("reading marks", l.queryRow("SELECT seq, at, sum FROM export WHERE name = ?", name), &seq, &at, &sum)
	if err != nil || !found {
		return Mark{}, err
	}
	if sum != markSum(name, seq, at) {
		return Mark{}, l.damaged("the mark of export %q is not what was written", name)
	}
	return Mark{seq, fromUnix(at)}, nil
}

// Here returns the mark of all that is in the ledger now.
func (l *Ledger) Here() (Mark, error) {
	seq, err := l.number("seq")
	return Mark{seq, l.options.Now()}, err
}

// SetMark remembers that an export has come as far as m.
func (l *Ledger) SetMark(name string, m Mark) error {
	return l.transaction("marking the export", func() error {
		if err := l.tick(l.options.Now()); err != nil {
			return err
		}
		return l.exec("INSERT OR REPLACE INTO export (name, seq, at, sum) VALUES (?, ?, ?, ?)", name, m.Seq, m.At.Unix(), markSum(name, m.Seq, m.At.Unix()))
	})
}

// CountFresh counts the addresses that newly leave since a mark.
func (l *Ledger) CountFresh(since Mark) (int64, error) {
	var n int64
	err := l.queryRow("SELECT count(*) FROM decision WHERE state IN (2, 3) AND left_seq > ?", since.Seq).Scan(&n)
	return n, l.wrap("counting", err)
}

// Counts are what the ledger holds.
type Counts struct {
	Addresses, Events, Leaving, Messages int64
}

// Addresses returns how many addresses the ledger knows.
func (l *Ledger) Addresses() (int64, error) { return l.number("addresses") }

// Count counts what the ledger holds; that takes its time with a large one.
func (l *Ledger) Count() (Counts, error) {
	var c Counts
	var err error
	if c.Addresses, err = l.number("addresses"); err != nil {
		return c, err
	}
	if c.Events, err = l.number("events"); err != nil {
		return c, err
	}
	if err := l.queryRow("SELECT count(*) FROM decision WHERE state IN (2, 3)").Scan(&c.Leaving); err != nil {
		return c, l.wrap("counting", err)
	}
	err = l.queryRow("SELECT count(*) FROM item").Scan(&c.Messages)
	return c, l.wrap("counting", err)
}

// Unexplained yields the failures that a person should look at, the latest first.
func (l *Ledger) Unexplained() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		rows, err := l.query("SELECT event.id, key, at, kind, grade, cause, action, permanent, rules, data, event.sum, address.email FROM event JOIN address ON address.id = event.address WHERE action = 4 ORDER BY at DESC, event.key")
		if err != nil {
			yield(Event{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			s, err := l.scanEventOf(rows)
			if err == nil {
				err = s.unpack(s.data)
			}
			if err != nil {
				yield(Event{}, l.wrap("reading events", err))
				return
			}
			if !yield(s.Event, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Event{}, l.wrap("reading events", err))
		}
	}
}

// markSum is the checksum of a mark, in the form that checkSettings computes it.
func markSum(name string, seq, at int64) int64 {
	return checksum(name, fmt.Sprintf("%d %d", seq, at))
}
