package layouts

import "slices"

// A Scan is what the literals found tell of one message. It can be reused.
type Scan struct {
	// Head holds From, Subject and the other fields, a line each; Body the text.
	Head, Body Text
	// From and Subject are the roles of the phrases in those fields.
	From, Subject Roles
	// Lines are the roles of the phrases in each line of Body.
	Lines []Roles

	marks   []mark
	hits    []hit
	matched [][4]int16 // for each layout and area: 1 + the weight of what matched
	hopeful []int16    // the layouts of which anything matched, sorted once chosen from
	catches []catch
	called  []call
	line    []byte  // of a pattern that is asked
	room    [24]int // for its groups
}

// A call is a line in which a pattern of the chosen layout may match.
type call struct {
	pattern *Pattern
	line    int32
}

// A mark is where a phrase stands in Body.
type mark struct {
	role     Role
	from, to int32
}

// A catch is a line in which a host or reporter pattern may match.
type catch struct {
	pattern *Pattern
	line    int32
	key     area
	asked   bool
	host    string // what the pattern caught, once asked
}

// Reset makes the scan ready for another message.
func (s *Set) Reset(sc *Scan) {
	sc.Head.Reset()
	sc.Body.Reset()
	sc.From, sc.Subject = 0, 0
	sc.Lines, sc.catches, sc.marks = sc.Lines[:0], sc.catches[:0], sc.marks[:0]
	sc.called = sc.called[:0]
	if sc.matched == nil || len(sc.matched) != len(s.layouts) {
		sc.matched = make([][4]int16, len(s.layouts))
	}
	clear(sc.matched)
	sc.hopeful = sc.hopeful[:0]
}

// ScanHead looks through sc.Head, whose first line is From and second is Subject.
func (s *Set) ScanHead(sc *Scan) {
	sc.hits = s.sieve.find(sc.Head.buf, sc.hits[:0])
	line := 0
	for _, h := range sc.hits {
		line = sc.Head.lineAt(h.at, line)
		targets := s.inHead(h.id)
		for i := range targets {
			t := &targets[i]
			if sc.wants(t, area(min(line, int(areaHeader)))) && (t.plain || t.pattern.matchFolded(sc.Head.Line(line))) {
				sc.noteHead(t)
			}
		}
	}
}

// wants reports that a target concerns a field and is not settled yet.
func (sc *Scan) wants(t *target, field area) bool {
	switch t.key {
	case areaPhrase:
		if field == areaFrom {
			return t.role == RoleFrom && !sc.From.Has(t.role)
		}
		return field == areaSubject && t.role != RoleFrom && !sc.Subject.Has(t.role)
	case areaFrom, areaSubject:
		return t.key == field && !sc.noted(t)
	case areaHeader:
		return (t.pattern.field == field || t.pattern.field == areaHeader) && !sc.noted(t)
	}
	return false
}

func (sc *Scan) noteHead(t *target) {
	switch {
	case t.key != areaPhrase:
		sc.note(t)
	case t.role == RoleFrom:
		sc.From |= 1 << t.role
	default:
		sc.Subject |= 1 << t.role
	}
}

// ScanBody looks through sc.Body.
func (s *Set) ScanBody(sc *Scan) {
	sc.hits = s.sieve.find(sc.Body.buf, sc.hits[:0])
	sc.Lines = slices.Grow(sc.Lines[:0], sc.Body.Len())[:sc.Body.Len()]
	clear(sc.Lines)
	first := 0
	for _, h := range sc.hits {
		first = sc.Body.lineAt(h.at, first)
		targets := s.inBody(h.id)
		for i := range targets {
			sc.noteBody(&targets[i], h, first)
		}
	}
}

// noteBody keeps what a literal, found in line first of the text, calls for.
func (sc *Scan) noteBody(t *target, h hit, first int) {
	switch t.key {
	case areaPhrase:
		if t.role > RoleTold && (t.plain || t.pattern.matchFolded(sc.Body.lines(first-1, first+2))) {
			sc.mark(t, h, first)
		}
	case areaBody:
		if !sc.noted(t) && (t.plain || t.pattern.matchFolded(sc.Body.lines(first-3, first+12))) {
			sc.note(t)
		}
	case areaHost, areaReporter:
		sc.catches = append(sc.catches, catch{pattern: t.pattern, line: int32(first), key: t.key})
	}
}

// mark gives the lines that a phrase spans its role.
func (sc *Scan) mark(t *target, h hit, first int) {
	to := h.at + int32(t.weight)
	sc.marks = append(sc.marks, mark{t.role, h.at, to})
	for n := first; n < sc.Body.Len(); n++ {
		sc.Lines[n] |= 1 << t.role
		if to <= sc.Body.end(n)+1 {
			break
		}
	}
}

// Before returns the role of the phrase that stands nearest before offset at of
// folded line n, in the same sentence and not further away than reach, among those
// that say what an address is; no role where there is none.
func (sc *Scan) Before(n, at, reach int) Roles {
	end := sc.Body.starts[n] + int32(at)
	for i := len(sc.marks) - 1; i >= 0; i-- {
		m := sc.marks[i]
		if m.from >= end {
			continue
		}
		if int(end-m.to) > reach || m.to < end && endsSentence(sc.Body.buf[m.to:end]) {
			return 0
		}
		switch m.role {
		case RoleContact, RoleSender, RoleHeading, RoleFailed, RoleDelayed, RoleDelivered, RoleRcpt, RoleMail:
			return 1 << m.role
		}
	}
	return 0
}

// Follows reports that a phrase of a role starts within reach behind offset at of
// folded line n.
func (sc *Scan) Follows(role Role, n, at, reach int) bool {
	from := int(sc.Body.starts[n]) + at
	for _, m := range sc.marks {
		if m.role == role && int(m.from) >= from && int(m.from) <= from+reach {
			return true
		}
	}
	return false
}

// endsSentence reports that a sentence ends in a folded text.
func endsSentence(text []byte) bool {
	for i := 0; i+1 < len(text); i++ {
		if c := text[i]; (c == '.' || c == '!' || c == '?') && text[i+1] == ' ' {
			return true
		}
	}
	return false
}

// noted reports that a pattern of the same key and no less weight matched already.
func (sc *Scan) noted(t *target) bool {
	return sc.matched[t.layout][t.key] >= 1+min(t.weight, 1<<10)
}

// note keeps that a pattern of a layout matched.
func (sc *Scan) note(t *target) {
	if sc.matched[t.layout] == [4]int16{} {
		sc.hopeful = append(sc.hopeful, t.layout)
	}
	at := &sc.matched[t.layout][t.key]
	*at = max(*at, 1+min(t.weight, 1<<10))
}
