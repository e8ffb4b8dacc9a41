package pattern

import (
	"regexp"
	"slices"
	"sync"
)

// A Matcher matches one pattern against folded texts. It is made ready when it is
// first used, and safe for concurrent use.
type Matcher struct {
	folded  string
	once    sync.Once
	program *program       // nil where only package regexp can do it
	slow    sync.Once      // makes re
	re      *regexp.Regexp // nil where the pattern is broken
}

// New makes a matcher of a folded pattern, as Compile gives it.
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
	if p := m.ready(); p != nil {
		if from, to, ok, done := p.find(text, nil); done {
			return from, to, ok
		}
	}
	if re := m.regexp(); re != nil {
		if at := re.FindIndex(text); at != nil {
			return at[0], at[1], true
		}
	}
	return 0, 0, false
}

// Groups gives the places of the named groups in the leftmost match in a folded text,
// two numbers each, -1 where a group took no part, and the groups' names. Without a
// match the places are nil.
func (m *Matcher) Groups(text []byte) (places []int, names []string) {
	if p := m.ready(); p != nil {
		caps := slices.Repeat([]int{-1}, 2*len(p.names))
		if _, _, ok, done := p.find(text, caps); done {
			if !ok {
				caps = nil
			}
			return caps, p.names
		}
	}
	re := m.regexp()
	if re == nil {
		return nil, nil
	}
	if at := re.FindSubmatchIndex(text); at != nil {
		places = at[2:]
	}
	return places, re.SubexpNames()[1:]
}
