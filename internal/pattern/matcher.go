package pattern

import (
	"regexp"
	"slices"
	"sync"
)

// A Matcher matches one pattern against texts. It is made ready when it is first
// used, and safe for concurrent use.
type Matcher struct {
	folded  string
	once    sync.Once
	program *program       // nil where only package regexp can do it
	slow    sync.Once      // makes re
	re      *regexp.Regexp // nil where the pattern is broken
}

// New makes a matcher of a folded pattern, as Compile gives it, or of any other in the
// syntax of package regexp.
func New(folded string) *Matcher { return &Matcher{folded: folded} }

// Init makes a zero Matcher one of a folded pattern.
func (m *Matcher) Init(folded string) { m.folded = folded }

func (m *Matcher) ready() *program {
	m.once.Do(func() { m.program = compileProgram(m.folded) })
	return m.program
}

func (m *Matcher) regexp() *regexp.Regexp {
	m.slow.Do(func() { m.re, _ = regexp.Compile(m.folded) })
	return m.re
}

// Match reports whether the pattern matches somewhere in a folded text.
func (m *Matcher) Match(text []byte) bool {
	if p := m.ready(); p != nil {
		if _, _, ok, done := p.find(text, nil); done {
			return ok
		}
	}
	re := m.regexp()
	return re != nil && re.Match(text)
}

// Find gives the place of the leftmost match in a folded text.
func (m *Matcher) Find(text []byte) (from, to int, ok bool) {
	from, to, _, ok = m.FindGroups(text, nil)
	return from, to, ok
}

// FindGroups gives the place of the leftmost match in a folded text, and those of the
// named groups in room: two numbers each, in the order of Names, -1 where a group took
// no part. Where room is nil it gives no groups.
func (m *Matcher) FindGroups(text []byte, room []int) (from, to int, groups []int, ok bool) {
	if p := m.ready(); p != nil {
		groups = room
		if room != nil {
			groups = room[:0]
			for range 2 * len(p.names) {
				groups = append(groups, -1)
			}
		}
		if from, to, ok, done := p.find(text, groups); done {
			return from, to, groups, ok
		}
	}
	re := m.regexp()
	if re == nil {
		return 0, 0, nil, false
	}
	at := re.FindSubmatchIndex(text)
	if at == nil {
		return 0, 0, nil, false
	}
	groups = room[:0]
	for i, name := range re.SubexpNames() {
		if name != "" {
			groups = append(groups, at[2*i], at[2*i+1])
		}
	}
	return at[0], at[1], groups, true
}

// Names gives the names of the named groups, in their order.
func (m *Matcher) Names() []string {
	if p := m.ready(); p != nil {
		return p.names
	}
	if re := m.regexp(); re != nil {
		return slices.DeleteFunc(re.SubexpNames(), func(name string) bool { return name == "" })
	}
	return nil
}
