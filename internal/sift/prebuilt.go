package sift

import "github.com/whybounce/whybounce/internal/prebuilt"

// Encode writes the matcher for Decode.
func (m *Matcher) Encode(e *prebuilt.Encoder) {
	e.Int(m.things)
	e.Int(len(m.lits))
	for i := range m.lits {
		e.String(string(m.text(&m.lits[i])))
		e.Int(int(m.lits[i].gram))
	}
	e.Int(len(m.needs))
	for i := range m.needs {
		n := &m.needs[i]
		e.Int(int(n.thing))
		e.Int(len(n.clauses))
		for _, x := range n.clauses {
			e.Int(int(x))
		}
	}
}

// usualLiteral is room for the text of a literal.
const usualLiteral = 14

// Decode reads a matcher of that many things that Encode wrote.
func Decode(d *prebuilt.Decoder, things int) (*Matcher, error) {
	m := &Matcher{things: d.Int()}
	if m.things != things {
		return nil, prebuilt.ErrDamaged
	}
	n := d.Len(2)
	m.lits, m.texts = make([]literal, 0, n), make([]byte, 0, n*usualLiteral)
	for range n {
		text := d.String()
		m.add(text, d.Below(max(len(text)-maxGram, 0)+1))
		if text == "" {
			return nil, prebuilt.ErrDamaged
		}
	}
	m.needs = make([]need, d.Len(2))
	var room []uint32
	for i := range m.needs {
		m.needs[i].thing = int32(d.Below(things))
		if i > 0 && m.needs[i].thing < m.needs[i-1].thing {
			return nil, prebuilt.ErrDamaged
		}
		room = m.needs[i].decode(d, room, len(m.lits))
	}
	if d.Err() != nil {
		return nil, d.Err()
	}
	m.index()
	return m, nil
}

// decode reads the clauses of a need into room and gives what is left of it.
func (n *need) decode(d *prebuilt.Decoder, room []uint32, lits int) []uint32 {
	size := d.Len(1)
	if size > len(room) {
		room = make([]uint32, max(size, 4096))
	}
	n.clauses = room[:size:size]
	left := 0 // of the clause being read
	for i := range n.clauses {
		if left > 0 {
			n.clauses[i] = uint32(d.Below(lits))
			left--
			continue
		}
		left = d.Below(size - i)
		n.clauses[i] = uint32(left)
	}
	if left > 0 || size == 0 {
		d.Below(0) // fails
	}
	return room[size:]
}
