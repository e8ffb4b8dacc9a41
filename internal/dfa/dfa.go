// Package dfa tells whether a regular expression matches a text, several times
// faster than regexp does: the states of a deterministic automaton are built when
// a text first needs them, and kept. It knows the syntax of regexp/syntax and
// gives the answers of regexp, but no positions.
//
// Its limits: a machine holds at most maxStates states, and gives up on a text
// that needs more; then the caller asks regexp.
package dfa

import (
	"errors"
	"regexp/syntax"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// maxStates bounds the memory of a machine: some 100 KB.
const maxStates = 512

// ErrTooLarge is returned for a pattern with too many instructions or characters.
var ErrTooLarge = errors.New("the pattern is too large for a deterministic automaton")

const (
	maxInst    = 4096
	maxClasses = 255
)

// A Machine is a pattern made ready. It is safe for concurrent use.
type Machine struct {
	prog    *syntax.Prog
	classes classes
	start   *state

	mu     sync.Mutex // guards what follows
	states map[string]*state
	work   closure
	key    []byte
}

// A state is what the automaton knows after some text: the instructions that wait
// for the next character, and what the last character was to assertions.
type state struct {
	insts []uint32
	after syntax.EmptyOp // what holds after the last character, next one unknown
	word  bool           // the last character was a word character
	match bool           // the pattern has matched
	next  []atomic.Pointer[state]
}

// Compile makes a machine of a pattern that regexp/syntax has parsed.
func Compile(re *syntax.Regexp) (*Machine, error) {
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, err
	}
	if len(prog.Inst) > maxInst {
		return nil, ErrTooLarge
	}
	m := &Machine{prog: prog, states: map[string]*state{}}
	if !m.classes.init(prog) {
		return nil, ErrTooLarge
	}
	m.work.init(len(prog.Inst))
	m.start = m.state([]uint32{uint32(prog.Start)}, syntax.EmptyBeginLine|syntax.EmptyBeginText, false, false)
	return m, nil
}

// Match reports whether the pattern matches somewhere in text. Where ok is false
// the machine gave up, and says nothing.
func (m *Machine) Match(text string) (matched, ok bool) { return match(m, text) }

// MatchBytes is Match for a text in bytes.
func (m *Machine) MatchBytes(text []byte) (matched, ok bool) { return match(m, text) }

func match[T string | []byte](m *Machine, text T) (matched, ok bool) {
	s := m.start
	for i := 0; i < len(text); {
		var class uint8
		if c := text[i]; c < utf8.RuneSelf {
			class = m.classes.ascii[c]
			i++
		} else {
			r, n := utf8.DecodeRuneInString(string(text[i:min(i+utf8.UTFMax, len(text))]))
			class = m.classes.of(r)
			i += n
		}
		next := s.next[class].Load()
		if next == nil {
			if next = m.step(s, class); next == nil {
				return false, false
			}
		}
		if next.match {
			return true, true
		}
		s = next
	}
	end := s.next[m.classes.end].Load()
	if end == nil {
		if end = m.step(s, m.classes.end); end == nil {
			return false, false
		}
	}
	return end.match, true
}

// step builds the state that follows s on a character of a class.
func (m *Machine) step(s *state, class uint8) *state {
	m.mu.Lock()
	defer m.mu.Unlock()
	if next := s.next[class].Load(); next != nil {
		return next
	}
	r, word := m.classes.repr[class], false
	holds := s.after
	if class == m.classes.end {
		holds |= syntax.EmptyEndLine | syntax.EmptyEndText
		r = -1
	} else {
		word = syntax.IsWordChar(r)
		if r == '\n' {
			holds |= syntax.EmptyEndLine
		}
	}
	if word != s.word {
		holds |= syntax.EmptyWordBoundary
	} else {
		holds |= syntax.EmptyNoWordBoundary
	}
	matched := m.work.follow(m.prog, s.insts, holds)
	var insts []uint32
	if !matched && r >= 0 {
		insts = m.work.consume(m.prog, r)
	}
	var after syntax.EmptyOp
	if r == '\n' {
		after = syntax.EmptyBeginLine
	}
	next := m.state(insts, after, word, matched)
	if next != nil {
		s.next[class].Store(next)
	}
	return next
}

// state gives the state of that content, a new one where there is none. The
// pattern may start anywhere, so each state waits for its first instruction too.
func (m *Machine) state(insts []uint32, after syntax.EmptyOp, word, match bool) *state {
	if match {
		insts, after, word = nil, 0, false
	}
	flags := byte(after) << 2
	if word {
		flags |= 1
	}
	if match {
		flags |= 2
	}
	m.key = append(m.key[:0], flags)
	for _, i := range insts {
		m.key = append(m.key, byte(i), byte(i>>8))
	}
	if s := m.states[string(m.key)]; s != nil {
		return s
	}
	if len(m.states) >= maxStates {
		return nil
	}
	s := &state{
		insts: append([]uint32(nil), insts...), after: after, word: word, match: match,
		next: make([]atomic.Pointer[state], m.classes.n),
	}
	m.states[string(m.key)] = s
	return s
}
