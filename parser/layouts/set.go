package layouts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Set is all layouts and the general words, ready to be asked.
type Set struct {
	layouts  []*Layout // in the order of their ids
	general  *General
	literals []literal // what the patterns need
	sieve    *sieve
	targets  []target // what the literals of the sieve call for
	first    []int32  // for each literal, its first target; the next one's is its end
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

// patterns calls yield for each pattern that the sieve looks for.
func (s *Set) patterns(yield func(target)) {
	for _, p := range s.general.phrases {
		yield(target{pattern: p.pattern, layout: -1, key: areaPhrase, role: p.role})
	}
	for _, p := range s.general.Hosts {
		yield(target{pattern: p, layout: -1, key: areaHost})
	}
	for _, p := range s.general.Reporters {
		yield(target{pattern: p, layout: -1, key: areaReporter})
	}
	for i, l := range s.layouts {
		for key, list := range l.When.lists() {
			for _, p := range list {
				yield(target{pattern: p, layout: int16(i), key: area(key)})
			}
		}
	}
}

// intern gives the literals of all patterns their ids.
func (s *Set) intern() {
	slices.SortFunc(s.layouts, func(a, b *Layout) int { return strings.Compare(a.ID, b.ID) })
	ids := map[string]int32{}
	s.all(func(p *Pattern) {
		p.ids = make([]int32, len(p.needs))
		for i, text := range p.needs {
			id, ok := ids[text]
			if !ok {
				id = int32(len(s.literals))
				ids[text] = id
				s.literals = append(s.literals, literal{text: text})
			}
			p.ids[i] = id
		}
	})
	chooseGrams(s.literals)
}

// all calls yield for all patterns, in a fixed order.
func (s *Set) all(yield func(*Pattern)) {
	s.patterns(func(t target) { yield(t.pattern) })
	for _, l := range s.layouts {
		for _, list := range l.rest() {
			for _, p := range *list {
				yield(p)
			}
		}
	}
}

// build makes the sieve.
func (s *Set) build() {
	s.first = make([]int32, len(s.literals)+1)
	count := int32(0)
	s.patterns(func(t target) {
		for _, id := range t.pattern.ids {
			s.first[id]++
			count++
		}
	})
	for id, end := len(s.literals), count; id >= 0; id-- {
		end, s.first[id] = end-s.first[id], end
	}
	s.targets = make([]target, count)
	s.patterns(func(t target) {
		for _, id := range t.pattern.ids {
			s.first[id]--
			s.targets[s.first[id]] = t
		}
	})
	s.sieve = newSieve(s.literals, func(id int) bool { return s.first[id] < s.first[id+1] })
}

// called returns what a literal calls for.
func (s *Set) called(id int32) []target { return s.targets[s.first[id]:s.first[id+1]] }

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
		for _, t := range s.called(h.id) {
			switch {
			case t.key == areaPhrase && at == areaFrom && t.role == RoleFrom:
				if t.confirmed(sc.Head.Line(line)) {
					sc.From |= 1 << t.role
				}
			case t.key == areaPhrase && at == areaSubject && t.role != RoleFrom:
				if t.confirmed(sc.Head.Line(line)) {
					sc.Subject |= 1 << t.role
				}
			case (t.key == at || t.key == areaHeader) && sc.unnoted(t) && t.confirmed(sc.Head.Line(line)):
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
		for _, t := range s.called(h.id) {
			last := sc.Body.LineAt(int(h.at) + gram - 1)
			switch t.key {
			case areaPhrase:
				if t.role > RoleTold && t.confirmed(sc.Body.lines(first-1, last+1)) {
					sc.mark(t, h, first)
				}
			case areaBody:
				if sc.unnoted(t) && t.confirmed(sc.Body.lines(first-3, last+12)) {
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
	return t.pattern.plain || t.pattern.matchesBytes(text)
}

// unnoted reports that a match of t would tell more than is known.
func (sc *Scan) unnoted(t target) bool {
	return int(sc.matched[t.layout][t.key]) < 1+min(t.pattern.weight(), 1<<10)
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
	for key, list := range when.lists() {
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
		for key, list := range l.When.lists() {
			if key != int(areaBody) && len(list) > 0 {
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
