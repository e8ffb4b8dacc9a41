package layouts

import (
	"errors"
	"fmt"
	"math"
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
	first    []calls  // for each literal, its targets; there is one more to end the last
	asks     []uint8  // for each layout, a bit for each key of When that has patterns
}

// calls say where the targets of a literal start, those of one turn beside each other.
type calls [turns]int32

// A turn is when a target is asked.
const (
	lineTurn = iota // for a layout that was chosen
	bodyTurn        // in the text only
	bothTurn        // in the text and in the header
	headTurn        // in the header only
	turns
)

// turnOf tells when the targets of an area are asked.
var turnOf = [...]int{areaFrom: headTurn, areaSubject: headTurn, areaHeader: headTurn, areaBody: bodyTurn,
	areaHost: bodyTurn, areaReporter: bodyTurn, areaLine: lineTurn, areaPhrase: bothTurn}

// A target is a pattern that a literal found calls for: a phrase (layout < 0) or
// one of the keys of a layout's When.
type target struct {
	pattern *Pattern
	layout  int16
	weight  int16 // of the pattern
	key     area
	role    Role
	plain   bool // a literal found is a match found
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
	s.asks = make([]uint8, len(s.layouts))
	for i, l := range s.layouts {
		for key, list := range l.When.lists() {
			if len(list) > 0 {
				s.asks[i] |= 1 << key
			}
		}
	}
	s.first = make([]calls, len(s.literals)+1)
	s.patterns(func(t target) {
		for _, id := range t.pattern.ids {
			s.first[id][turnOf[t.key]]++
		}
	})
	end := int32(0)
	for i := range s.first {
		for turn := range s.first[i] {
			end += s.first[i][turn]
			s.first[i][turn] = end
		}
	}
	s.targets = make([]target, end)
	s.patterns(func(t target) {
		t.weight, t.plain = int16(min(t.pattern.weight(), math.MaxInt16)), t.pattern.plain
		for _, id := range t.pattern.ids {
			at := &s.first[id][turnOf[t.key]]
			*at--
			s.targets[*at] = t
		}
	})
	s.sieve = newSieve(s.literals)
}

// inLine returns what a literal calls for once a layout was chosen.
func (s *Set) inLine(id int32) []target {
	return s.targets[s.first[id][lineTurn]:s.first[id][bodyTurn]]
}

// inBody returns what a literal found in the text calls for.
func (s *Set) inBody(id int32) []target {
	return s.targets[s.first[id][bodyTurn]:s.first[id][headTurn]]
}

// inHead returns what a literal found in the header calls for.
func (s *Set) inHead(id int32) []target {
	return s.targets[s.first[id][bothTurn]:s.first[id+1][lineTurn]]
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
