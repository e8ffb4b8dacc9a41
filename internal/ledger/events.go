package ledger

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"slices"
	"time"

	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/rules"
)

// HashKey makes a key of texts.
func HashKey(texts ...string) Key {
	h := sha256.New()
	var n [8]byte
	for _, text := range texts {
		binary.LittleEndian.PutUint64(n[:], uint64(len(text)))
		h.Write(n[:])
		h.Write([]byte(text))
	}
	return Key(h.Sum(nil)[:16])
}

// actions are the list actions by number, as they stand in the file.
var actions = [...]rules.ListAction{"", rules.Remove, rules.Keep, rules.Fix, rules.Review}

// stored is an event as it stands in the file.
type stored struct {
	Event
	id, sum int64
	data    []byte
}

// checksum is the checksum that the event's row must have.
func (s *stored) checksum(email string) int64 {
	permanent := int64(0)
	if s.Permanent {
		permanent = 1
	}
	return checksum(s.Key[:], email, s.At.Unix(), int64(s.Kind), int64(s.Grade), s.Cause,
		int64(slices.Index(actions[:], s.Action)), permanent, s.RulesVersion, s.data)
}

const eventColumns = "id, key, at, kind, grade, cause, action, permanent, rules, data, sum"

// scanEvent reads a row of eventColumns and verifies it.
func (l *Ledger) scanEvent(rows *sql.Rows, email string) (*stored, error) {
	return l.scanEventAnd(rows, &email)
}

// scanEventOf is scanEvent where the address stands in a further column.
func (l *Ledger) scanEventOf(rows *sql.Rows) (*stored, error) {
	var email string
	return l.scanEventAnd(rows, &email, &email)
}

func (l *Ledger) scanEventAnd(rows *sql.Rows, email *string, more ...any) (*stored, error) {
	var s stored
	var key []byte
	var at, kind, grade, cause, action, version int64
	into := []any{&s.id, &key, &at, &kind, &grade, &cause, &action, &s.Permanent, &version, &s.data, &s.sum}
	err := rows.Scan(append(into, more...)...)
	if err != nil {
		return nil, l.wrap("reading an event", err)
	}
	if len(key) != len(s.Key) || action < 0 || action >= int64(len(actions)) {
		return nil, l.damaged("event %d is not what was written", s.id)
	}
	s.Key, s.Address, s.At = Key(key), *email, time.Unix(at, 0).UTC()
	s.Kind, s.Grade, s.Action = policy.EventKind(kind), Grade(grade), actions[action]
	if s.Cause, err = l.words.text(l, cause); err != nil {
		return nil, err
	}
	if s.RulesVersion, err = l.words.text(l, version); err != nil {
		return nil, err
	}
	if s.sum != s.checksum(*email) {
		return nil, l.damaged("event %d is not what was written", s.id)
	}
	return &s, nil
}

// eventByKey finds an event of an address by its key, or nil.
func (l *Ledger) eventByKey(key Key, a *address) (*stored, error) {
	rows, err := l.query("SELECT "+eventColumns+" FROM event WHERE key = ?", key[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, l.wrap("looking up an event", rows.Err())
	}
	return l.scanEvent(rows, a.email)
}

// insertEvent adds a row and returns its checksum.
func (w *writing) insertEvent(a *address, e *Event) (int64, error) {
	s := stored{Event: *e}
	s.At = time.Unix(e.At.Unix(), 0).UTC()
	var err error
	if s.data, err = e.pack(); err != nil {
		return 0, err
	}
	cause, err := w.words.id(w.Ledger, e.Cause)
	if err != nil {
		return 0, err
	}
	version, err := w.words.id(w.Ledger, e.RulesVersion)
	if err != nil {
		return 0, err
	}
	sum := s.checksum(a.email)
	err = w.exec("INSERT INTO event (key, address, at, kind, grade, cause, action, permanent, rules, data, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		s.Key[:], a.id, s.At.Unix(), int64(s.Kind), int64(s.Grade), cause, slices.Index(actions[:], s.Action), s.Permanent, version, s.data, sum)
	return sum, err
}

// updateEvent writes a changed event over the old one.
func (w *writing) updateEvent(a *address, s *stored) error {
	cause, err := w.words.id(w.Ledger, s.Cause)
	if err != nil {
		return err
	}
	version, err := w.words.id(w.Ledger, s.RulesVersion)
	if err != nil {
		return err
	}
	a.digest ^= s.sum
	s.sum = s.checksum(a.email)
	a.digest ^= s.sum
	w.touch(a)
	return w.exec("UPDATE event SET grade = ?, cause = ?, action = ?, permanent = ?, rules = ?, data = ?, sum = ? WHERE id = ?",
		int64(s.Grade), cause, slices.Index(actions[:], s.Action), s.Permanent, version, s.data, s.sum, s.id)
}

// history reads all events of an address, in order of time, and verifies that
// they are all there.
func (l *Ledger) history(a *address) ([]*stored, error) {
	rows, err := l.query("SELECT "+eventColumns+" FROM event WHERE address = ?", a.id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var events []*stored
	var digest int64
	seen := make(map[Key]bool)
	for rows.Next() {
		s, err := l.scanEvent(rows, a.email)
		if err != nil {
			return nil, err
		}
		if seen[s.Key] {
			return nil, l.damaged("event %d of %s stands twice", s.id, a.email)
		}
		seen[s.Key] = true
		digest ^= s.sum
		events = append(events, s)
	}
	if err := rows.Err(); err != nil {
		return nil, l.wrap("reading a history", err)
	}
	if int64(len(events)) != a.events || digest != a.digest {
		return nil, l.damaged("%d events of %s were written, %d are found", a.events, a.email, len(events))
	}
	slices.SortFunc(events, func(x, y *stored) int {
		if c := x.At.Compare(y.At); c != 0 {
			return c
		}
		if x.Kind != y.Kind && (x.Kind == policy.Restored || y.Kind == policy.Restored) {
			return cmp.Compare(x.Kind, y.Kind) // who restores has seen what happened
		}
		return bytes.Compare(x.Key[:], y.Key[:])
	})
	return events, nil
}

// judged makes of a history what the policy needs to see.
func (l *Ledger) judged(history []*stored) []policy.Event {
	events := make([]policy.Event, len(history))
	for i, s := range history {
		events[i] = policy.Event{ID: s.id, At: s.At, Kind: s.Kind, Cause: s.Cause, Action: s.Action, Permanent: s.Permanent,
			Unproven: l.verified && s.Grade == Unverified}
	}
	return events
}

// texts reads rows of one text column.
func texts(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
