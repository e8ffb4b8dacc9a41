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
