package sift

import "github.com/whybounce/whybounce/internal/prebuilt"

// Encode writes the matcher for Decode.
func (m *Matcher) Encode(e *prebuilt.Encoder) {
	e.Int(m.sets)
	e.Int(len(m.lits))
	for i := range m.lits {
		l := &m.lits[i]
		e.String(l.text)
		e.Int(l.gram)
		e.Int(len(l.sets))
		for _, s := range l.sets {
			e.Int(int(s))
		}
	}
}

// Decode reads a matcher of that many sets that Encode wrote.
func Decode(d *prebuilt.Decoder, sets int) (*Matcher, error) {
	m := &Matcher{sets: d.Int()}
	if m.sets != sets {
		return nil, prebuilt.ErrDamaged
	}
	m.lits = make([]literal, d.Len(3))
	var room []int32
	for i := range m.lits {
		l := &m.lits[i]
		l.text = d.String()
		l.gram = d.Below(max(len(l.text)-gramSize(l.text), 0) + 1)
		n := d.Len(1)
		if n > len(room) {
			room = make([]int32, max(n, len(m.lits)))
		}
		l.sets, room = room[:n:n], room[n:]
		for j := range l.sets {
			l.sets[j] = int32(d.Below(m.sets))
		}
		if l.text == "" {
			return nil, prebuilt.ErrDamaged
		}
	}
	if d.Err() != nil {
		return nil, d.Err()
	}
	m.index()
	return m, nil
}
