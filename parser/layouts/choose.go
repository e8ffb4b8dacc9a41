package layouts

import (
	"bytes"
	"slices"
	"strings"
)

// Choose returns the layout that the message follows, or nil. Of several it is one
// that no other beats, the one of which the most literal text matched, then the
// first by id.
func (s *Set) Choose(sc *Scan) *Layout {
	best, most := -1, 0
	slices.Sort(sc.hopeful)
	for _, layout := range sc.hopeful {
		i := int(layout)
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
		for _, t := range s.inLine(h.id) {
			if t.layout == l.index {
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
		return !p.at || sc.Body.Has(n, At)
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
	return sc.mayMatch(p, n) && sc.Match(p, line)
}

// MatchAny reports that a pattern of the selected layout matches one of the first lines
// of Body, which read lines.
func (sc *Scan) MatchAny(p *Pattern, lines []string) bool {
	if len(p.needs) > 0 {
		for _, c := range sc.called {
			if c.pattern == p && int(c.line) < len(lines) && sc.Match(p, lines[c.line]) {
				return true
			}
		}
		return false
	}
	for n, line := range lines {
		if sc.MatchLine(p, n, line) {
			return true
		}
	}
	return false
}

// MatchSubject reports that a pattern of the selected layout matches the subject.
func (sc *Scan) MatchSubject(p *Pattern, subject string) bool {
	for _, need := range p.needs {
		if contains(sc.Head.Line(int(areaSubject)), need) {
			return sc.Match(p, subject)
		}
	}
	return len(p.needs) == 0 && sc.Match(p, subject)
}

// contains reports that a literal stands in a text.
func contains(text []byte, literal string) bool {
	for len(text) >= len(literal) {
		if string(text[:len(literal)]) == literal {
			return true
		}
		i := bytes.IndexByte(text[1:], literal[0])
		if i < 0 {
			return false
		}
		text = text[i+1:]
	}
	return false
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
	weight := 0
	for key, matched := range sc.matched[i] {
		if matched == 0 && s.asks[i]&(1<<key) != 0 {
			return 0
		}
		weight += int(matched)
	}
	return weight
}

// Wanted reports that the header of a message lets some layout hope: each of its
// keys that concern the header holds, and there is one.
func (s *Set) Wanted(sc *Scan) bool {
	for _, i := range sc.hopeful {
		held, lost := false, false
		for key, matched := range sc.matched[i][:areaBody] {
			held = held || matched > 0
			lost = lost || matched == 0 && s.asks[i]&(1<<key) != 0
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
