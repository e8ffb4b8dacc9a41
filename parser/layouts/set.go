package layouts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Set is all layouts and the general words, ready to be asked.
type Set struct {
	layouts []*Layout // in the order of their ids
	general *General
	sieve   *sieve
	targets [][]target // for each literal of the sieve, what may match there
}

// A target is a pattern that a literal found calls for: a phrase (layout < 0) or
// one of the keys of a layout's When.
type target struct {
	pattern *Pattern
	layout  int16
	key     area
	role    Role
}

// An area is where a pattern is matched.
type area uint8

const (
	areaFrom area = iota
	areaSubject
	areaHeader
	areaBody
	areaHost     // a general pattern that catches a host
	areaReporter // a general pattern that catches the reporting server
	areaPhrase
)

// Layouts returns the layouts, in the order of their ids.
func (s *Set) Layouts() []*Layout { return slices.Clone(s.layouts) }

// build makes the sieve.
func (s *Set) build() {
	slices.SortFunc(s.layouts, func(a, b *Layout) int { return strings.Compare(a.ID, b.ID) })
	ids := map[string]int32{}
	var texts []string
	add := func(t target) {
		for _, lit := range t.pattern.needs {
			id, ok := ids[lit]
			if !ok {
				id = int32(len(texts))
				ids[lit] = id
				texts = append(texts, lit)
				s.targets = append(s.targets, nil)
			}
			s.targets[id] = append(s.targets[id], t)
		}
	}
	for _, p := range s.general.phrases {
		add(target{pattern: p.pattern, layout: -1, key: areaPhrase, role: p.role})
	}
	for _, p := range s.general.Hosts {
		add(target{pattern: p, layout: -1, key: areaHost})
	}
	for _, p := range s.general.Reporters {
		add(target{pattern: p, layout: -1, key: areaReporter})
	}
	for i, l := range s.layouts {
		for key, list := range [...][]*Pattern{l.When.From, l.When.Subject, l.When.Header, l.When.Body} {
			for _, p := range list {
				add(target{pattern: p, layout: int16(i), key: area(key)})
			}
		}
	}
	s.sieve = newSieve(texts)
}

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
	catches []catch
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
}

// Reset makes the scan ready for another message.
func (s *Set) Reset(sc *Scan) {
	sc.Head.Reset()
	sc.Body.Reset()
	sc.From, sc.Subject = 0, 0
	sc.Lines, sc.catches, sc.marks = sc.Lines[:0], sc.catches[:0], sc.marks[:0]
	if sc.matched == nil || len(sc.matched) != len(s.layouts) {
		sc.matched = make([][4]int16, len(s.layouts))
	}
	clear(sc.matched)
}

// ScanHead looks through sc.Head, whose first line is From and second is Subject.
func (s *Set) ScanHead(sc *Scan) {
	sc.hits = s.sieve.find(sc.Head.buf, sc.hits[:0])
	for _, h := range sc.hits {
		line := sc.Head.LineAt(int(h.at))
		at := area(min(line, int(areaHeader)))
		for _, t := range s.targets[h.id] {
			switch {
			case t.key == areaPhrase && at == areaFrom && t.role == RoleFrom:
				if t.confirmed(sc.Head.Line(line)) {
					sc.From |= 1 << t.role
				}
			case t.key == areaPhrase && at == areaSubject && t.role != RoleFrom:
				if t.confirmed(sc.Head.Line(line)) {
					sc.Subject |= 1 << t.role
				}
			case (t.key == at || t.key == areaHeader) && t.confirmed(sc.Head.Line(line)):
				sc.note(t)
			}
		}
	}
}

// ScanBody looks through sc.Body.
func (s *Set) ScanBody(sc *Scan) {
	sc.hits = s.sieve.find(sc.Body.buf, sc.hits[:0])
	sc.Lines = slices.Grow(sc.Lines[:0], sc.Body.Len())[:sc.Body.Len()]
	clear(sc.Lines)
	for _, h := range sc.hits {
		first := sc.Body.LineAt(int(h.at))
		for _, t := range s.targets[h.id] {
			last := sc.Body.LineAt(int(h.at) + gram - 1)
			switch t.key {
			case areaPhrase:
				if t.role > RoleTold && t.confirmed(sc.Body.lines(first-1, last+1)) {
					sc.mark(t, h, first)
				}
			case areaBody:
				if t.confirmed(sc.Body.lines(first-3, last+12)) {
					sc.note(t)
				}
			case areaHost, areaReporter:
				sc.catches = append(sc.catches, catch{t.pattern, int32(first), t.key})
			}
		}
	}
}

// mark gives the lines that a phrase spans its role.
func (sc *Scan) mark(t target, h hit, first int) {
	to := h.at + int32(shortest(t.pattern.needs))
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

// endsSentence reports that a sentence ends in a folded text.
func endsSentence(text []byte) bool {
	for i := 0; i+1 < len(text); i++ {
		if c := text[i]; (c == '.' || c == '!' || c == '?') && text[i+1] == ' ' {
			return true
		}
	}
	return false
}

func (t *target) confirmed(text []byte) bool {
	return t.pattern.plain || t.pattern.regexp().Match(text)
}

// note keeps that a pattern of a layout matched.
func (sc *Scan) note(t target) {
	at := &sc.matched[t.layout][t.key]
	*at = max(*at, int16(1+min(t.pattern.weight(), 1<<10)))
}

// Choose returns the layout that the message follows, or nil. Of several it is one
// that no other beats, the one of which the most literal text matched, then the
// first by id.
func (s *Set) Choose(sc *Scan) *Layout {
	best, most := -1, 0
	for i := range s.layouts {
		if weight := s.weigh(sc, i); weight > 0 && (best < 0 || s.goesBefore(i, best, weight, most)) {
			best, most = i, weight
		}
	}
	if best < 0 {
		return nil
	}
	return s.layouts[best]
}

// goesBefore reports that layout i, which matched with a weight, is preferred to
// layout j, found before it.
func (s *Set) goesBefore(i, j, weight, most int) bool {
	switch {
	case slices.Contains(s.layouts[i].Beats, s.layouts[j].ID):
		return true
	case slices.Contains(s.layouts[j].Beats, s.layouts[i].ID):
		return false
	}
	return weight > most
}

// weigh returns how much literal text of a layout matched, 0 where it does not hold.
func (s *Set) weigh(sc *Scan, i int) int {
	when, weight := &s.layouts[i].When, 0
	for key, list := range [...][]*Pattern{when.From, when.Subject, when.Header, when.Body} {
		if len(list) == 0 {
			continue
		}
		if sc.matched[i][key] == 0 {
			return 0
		}
		weight += int(sc.matched[i][key])
	}
	return weight
}

// resolve refuses a layout that beats one that does not exist.
func (s *Set) resolve() error {
	var faults []error
	for _, l := range s.layouts {
		for _, id := range l.Beats {
			if !slices.ContainsFunc(s.layouts, func(o *Layout) bool { return o.ID == id }) {
				faults = append(faults, fmt.Errorf("%s.toml: beats %q, which is no layout", l.ID, id))
			}
		}
	}
	return errors.Join(faults...)
}

// Wanted reports that the header of a message lets some layout hope: each of its
// keys that concern the header holds, and there is one.
func (s *Set) Wanted(sc *Scan) bool {
	for i, l := range s.layouts {
		m := &sc.matched[i]
		held, lost := false, false
		for key, list := range [...][]*Pattern{l.When.From, l.When.Subject, l.When.Header} {
			if len(list) > 0 {
				held = held || m[key] > 0
				lost = lost || m[key] == 0
			}
		}
		if held && !lost {
			return true
		}
	}
	return false
}

// Host returns the server that spoke by a general pattern that matches in the
// lines from to to, not included, and the line; "" where there is none.
func (sc *Scan) Host(lines []string, from, to int) string {
	return sc.caught(areaHost, lines, from, to)
}

// Reporter returns the server that wrote the report, or "".
func (sc *Scan) Reporter(lines []string, from, to int) string {
	return sc.caught(areaReporter, lines, from, to)
}

func (sc *Scan) caught(key area, lines []string, from, to int) string {
	for _, c := range sc.catches {
		n := int(c.line)
		if c.key != key || n < from || n >= to {
			continue
		}
		if f, ok := c.pattern.find(lines[n]); ok && isHost(f.Host) {
			return f.Host
		}
		if n+1 < to { // the words may be wrapped
			if f, ok := c.pattern.find(strings.TrimSpace(lines[n]) + " " + strings.TrimSpace(lines[n+1])); ok && isHost(f.Host) {
				return f.Host
			}
		}
	}
	return ""
}

// isHost tells a host from a word that stands where one is expected.
func isHost(s string) bool { return strings.ContainsAny(s, ".:") }
