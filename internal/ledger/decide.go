package ledger

import (
	"slices"
	"time"

	"github.com/whybounce/whybounce/internal/policy"
)

// states are the states by number, as they stand in the file.
var states = [...]policy.State{"", policy.Stays, policy.Suspended, policy.Removed, policy.Ended, policy.Delivered, policy.PutBack}

// A decision is a row: what the policy says of an address.
type decision struct {
	policy.Decision
	seq  int64 // when it last changed, in the count of all changes
	left int64 // when the address last left
}

func (d *decision) checksum(address int64) int64 {
	return checksum(address, d.seq, d.left, string(d.State), d.Group, d.Cause, unix(d.Since), unix(d.Next), unix(d.First),
		unix(d.Last), int64(d.Strikes), d.Event)
}

// unix is a time as it stands in the file: 0 is none.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromUnix(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

const decisionColumns = "decision.address, decision.seq, left_seq, state, grp, cause, since, next, first, last, strikes, event, decision.sum"

type scanner interface{ Scan(...any) error }

// scanDecision reads a row of decisionColumns, and more columns after them.
func (l *Ledger) scanDecision(from scanner, d *decision, more ...any) (address int64, err error) {
	var state, group, cause, since, next, first, last, sum int64
	into := []any{&address, &d.seq, &d.left, &state, &group, &cause, &since, &next, &first, &last, &d.Strikes, &d.Event, &sum}
	if err := from.Scan(append(into, more...)...); err != nil {
		return 0, err
	}
	if state < 1 || state >= int64(len(states)) {
		return 0, l.damaged("the decision on address %d is not what was written", address)
	}
	d.State = states[state]
	if d.Group, err = l.words.text(l, group); err != nil {
		return 0, err
	}
	if d.Cause, err = l.words.text(l, cause); err != nil {
		return 0, err
	}
	d.Since, d.Next, d.First, d.Last = fromUnix(since), fromUnix(next), fromUnix(first), fromUnix(last)
	if sum != d.checksum(address) {
		return 0, l.damaged("the decision on address %d is not what was written", address)
	}
	return address, nil
}

// decision reads what was decided about an address, or nil.
func (l *Ledger) decision(address int64) (*decision, error) {
	rows, err := l.query("SELECT "+decisionColumns+" FROM decision WHERE address = ?", address)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, l.wrap("reading a decision", rows.Err())
	}
	d := &decision{}
	_, err = l.scanDecision(rows, d)
	return d, l.wrap("reading a decision", err)
}

// decide judges an address anew and writes down what changed.
func (w *writing) decide(a *address) error {
	history, err := w.history(a)
	if err != nil {
		return err
	}
	now := w.policy.Judge(w.judged(history), w.now)
	old, err := w.decision(a.id)
	if err != nil {
		return err
	}
	return w.setDecision(a.id, old, now)
}

func (w *writing) setDecision(address int64, old *decision, now policy.Decision) error {
	next := decision{Decision: now}
	was := policy.Stays
	if old != nil {
		next.seq, next.left, was = old.seq, old.left, old.State
		now.First, now.Last = now.First.UTC(), now.Last.UTC()
		if old.Decision == next.Decision {
			return nil
		}
	}
	if was != now.State || old != nil && (old.Cause != now.Cause || !old.Since.Equal(now.Since)) {
		w.seq++
		next.seq = w.seq
	}
	if now.State.Leaves() && was != now.State {
		next.left = next.seq
		if !was.Leaves() {
			w.result.Left++
		}
	}
	return w.writeDecision(address, &next)
}

func (w *writing) writeDecision(address int64, d *decision) error {
	group, err := w.words.id(w.Ledger, d.Group)
	if err != nil {
		return err
	}
	cause, err := w.words.id(w.Ledger, d.Cause)
	if err != nil {
		return err
	}
	return w.exec("INSERT OR REPLACE INTO decision (address, seq, left_seq, state, grp, cause, since, next, first, last, strikes, event, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		address, d.seq, d.left, slices.Index(states[:], d.State), group, cause, unix(d.Since), unix(d.Next), unix(d.First), unix(d.Last),
		d.Strikes, d.Event, d.checksum(address))
}
