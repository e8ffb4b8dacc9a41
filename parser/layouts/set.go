package layouts

import (
	"bytes"
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
	areaLine     // a pattern that a chosen layout asks of a line
	areaPhrase
)

// Layouts returns the layouts, in the order of their ids.
func (s *Set) Layouts() []*Layout { return slices.Clone(s.layouts) }

// patterns calls yield for each pattern, in a fixed order.
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
		for _, list := range l.rest() {
			for _, p := range *list {
				yield(target{pattern: p, layout: int16(i), key: areaLine})
			}
		}
	}
}

// intern gives the literals of all patterns their ids.
func (s *Set) intern() {
	slices.SortFunc(s.layouts, func(a, b *Layout) int { return strings.Compare(a.ID, b.ID) })
	ids := map[string]int32{}
	s.patterns(func(t target) {
		p := t.pattern
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

// build makes the sieve.
func (s *Set) build() {
	for i, l := range s.layouts {
		l.index = int16(i)
	}
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
	s.sieve = newSieve(s.literals)
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
}

// ScanHead looks through sc.Head, whose first line is From and second is Subject.
func (s *Set) ScanHead(sc *Scan) {
	sc.hits = s.sieve.find(sc.Head.buf, sc.hits[:0])
	line := 0
	for _, h := range sc.hits {
		line = sc.Head.lineAt(h.at, line)
		for _, t := range s.called(h.id) {
			if sc.wants(t, area(min(line, int(areaHeader)))) && t.pattern.matchFolded(sc.Head.Line(line)) {
				sc.noteHead(t)
			}
		}
	}
}

// wants reports that a target concerns a field and is not settled yet.
func (sc *Scan) wants(t target, field area) bool {
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

func (sc *Scan) noteHead(t target) {
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
		for _, t := range s.called(h.id) {
			switch t.key {
			case areaPhrase:
				if t.role > RoleTold && t.pattern.matchFolded(sc.Body.lines(first-1, first+2)) {
					sc.mark(t, h, first)
				}
			case areaBody:
				if !sc.noted(t) && t.pattern.matchFolded(sc.Body.lines(first-3, first+12)) {
					sc.note(t)
				}
			case areaHost, areaReporter:
				sc.catches = append(sc.catches, catch{pattern: t.pattern, line: int32(first), key: t.key})
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
func (sc *Scan) noted(t target) bool {
	return int(sc.matched[t.layout][t.key]) >= 1+min(t.pattern.weight(), 1<<10)
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

// Select prepares the scan to be asked the patterns of a layout.
func (s *Set) Select(sc *Scan, l *Layout) {
	line := 0
	for _, h := range sc.hits {
		for _, t := range s.called(h.id) {
			if t.key == areaLine && t.layout == l.index {
				line = sc.Body.lineAt(h.at, line)
				sc.called = append(sc.called, call{t.pattern, int32(line)})
			}
		}
	}
}

// mayMatch reports that a pattern of the selected layout may match line n of Body.
func (sc *Scan) mayMatch(p *Pattern, n int) bool {
	if len(p.needs) == 0 {
		line := sc.Body.Line(n)
		if p.first != "" && (len(line) == 0 || strings.IndexByte(p.first, line[0]) < 0) {
			return false
		}
		return !p.at || bytes.IndexByte(line, '@') >= 0
	}
	for _, c := range sc.called {
		if c.line == int32(n) && c.pattern == p {
			return true
		}
	}
	return false
}

// MatchLine reports that a pattern of the selected layout matches line n of Body,
// which reads line.
func (sc *Scan) MatchLine(p *Pattern, n int, line string) bool {
	return sc.mayMatch(p, n) && p.MatchString(line)
}

// FindLine returns what a pattern of the selected layout catches in line n of Body,
// which reads line.
func (sc *Scan) FindLine(p *Pattern, n int, line string) (Find, bool) {
	if !sc.mayMatch(p, n) {
		return Find{}, false
	}
	return p.find(line, sc)
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
	for i := range sc.catches {
		c := &sc.catches[i]
		if n := int(c.line); c.key != key || n < from || n >= to {
			continue
		}
		if !c.asked {
			c.host, c.asked = c.ask(lines, sc), true
		}
		if c.host != "" {
			return c.host
		}
	}
	return ""
}

// ask matches the pattern in its line, and in its line and the next: the words may
// be wrapped.
func (c *catch) ask(lines []string, sc *Scan) string {
	n := int(c.line)
	if f, ok := c.pattern.find(lines[n], sc); ok && isHost(f.Host) {
		return f.Host
	}
	if n+1 < len(lines) {
		if f, ok := c.pattern.find(strings.TrimSpace(lines[n])+" "+strings.TrimSpace(lines[n+1]), sc); ok && isHost(f.Host) {
			return f.Host
		}
	}
	return ""
}

// isHost tells a host from a word that stands where one is expected.
func isHost(s string) bool { return strings.ContainsAny(s, ".:") }
