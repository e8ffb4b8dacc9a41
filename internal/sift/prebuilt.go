package sift

import "github.com/whybounce/whybounce/internal/prebuilt"

// Encode writes the matcher for Decode.
func (m *Matcher) Encode(e *prebuilt.Encoder) {
	e.Int(m.things)
	e.Int(len(m.needs))
	for _, n := range m.needs {
		e.Int(int(n.thing))
		e.Int(int(n.full))
	}
	e.Int(len(m.lits))
	for i := range m.lits {
		l := &m.lits[i]
		e.String(l.text)
		e.Int(l.gram)
		e.Int(len(l.refs))
		for _, r := range l.refs {
			e.Int(int(r))
		}
	}
}

// Decode reads a matcher of that many things that Encode wrote.
func Decode(d *prebuilt.Decoder, things int) (*Matcher, error) {
	m := &Matcher{things: d.Int()}
	if m.things != things {
		return nil, prebuilt.ErrDamaged
	}
	m.needs = make([]need, d.Len(2))
	for i := range m.needs {
		m.needs[i] = need{thing: int32(d.Below(things)), full: uint8(d.Below(1 << maxClauses))}
	}
	m.lits = make([]literal, d.Len(3))
	var room []ref
	for i := range m.lits {
		l := &m.lits[i]
		l.text = d.String()
		l.gram = d.Below(max(len(l.text)-gramSize(l.text), 0) + 1)
		n := d.Len(1)
		if n > len(room) {
			room = make([]ref, max(n, len(m.lits)))
		}
		l.refs, room = room[:n:n], room[n:]
		for j := range l.refs {
			l.refs[j] = ref(d.Below(len(m.needs) * maxClauses))
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
