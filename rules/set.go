package rules

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/whybounce/whybounce/internal/pattern"
	"github.com/whybounce/whybounce/internal/sift"
)

// A Set is a set of rules, ready to explain. It is safe for concurrent use.
type Set struct {
	causes    []Cause // in the order of causeIDs
	rules     []rule  // the first one that matches wins, unless one that beats it matches too
	traits    []trait // of the rules
	harmless  []int   // the rules that are harmless
	providers []provider
	marks     []mark
	codes     codeTable
	hosts     map[string]int // provider by suffix of a server's name
	domains   map[string]int // provider by suffix of a recipient's domain
	sieve     *sift.Matcher  // of the rules, then of the marks
	version   string
	docs      bool // the built-in rules' sources and examples are in their files
	scratch   sync.Pool
}

// A rule is a core with its place in a set.
type rule struct {
	core
	beaters []int32 // the rules that outrank this one by "beats", directly or not; sorted
	matcher pattern.Matcher
}

// A mark proves a provider.
type mark struct {
	core
	provider int
	matcher  pattern.Matcher
}

// build makes a set of a source. The source must be free of errors.
func build(src source) (*Set, error) {
	s := &Set{causes: make([]Cause, len(causeIDs)), codes: src.codes, docs: src.docs}
	for i, id := range causeIDs {
		s.causes[i] = Cause{ID: id, final: finalByDefault(id)}
	}
	for _, c := range src.causes {
		s.causes[causeIndex(c.ID)].take(c)
	}
	s.providers = src.providers
	if err := s.place(src.rules); err != nil {
		return nil, err
	}
	s.link()
	s.sieve = sift.Build(s.things(), s.samples())
	s.version = s.fingerprint()
	return s, nil
}

// take fills a cause from the head of its file. What the file leaves out stays.
func (c *Cause) take(d causeData) {
	for _, f := range [...]struct{ to, from *string }{
		{&c.Title, &d.Title}, {&c.Fix, &d.Fix}, {&c.fixWith, &d.fixWith}, {&c.fixReview, &d.fixReview}, {&c.fixLater, &d.fixLater}, {&c.Act, &d.Act},
		{&c.Sisimai, &d.Sisimai}, {&c.PowerMTA, &d.PowerMTA}, {&c.SparkPost, &d.SparkPost},
	} {
		if *f.from != "" {
			*f.to = *f.from
		}
	}
	if d.Action != "" {
		c.Action = d.Action
	}
	if d.permanent != nil {
		c.Permanent = *d.permanent
	}
	if d.final != nil {
		c.final = *d.final
	}
}

// place ranks the rules and works out which of them beat which.
func (s *Set) place(cores []core) error {
	cores = slices.Clone(cores)
	slices.SortFunc(cores, func(a, b core) int {
		if before, _ := outranks(&a, &b); before {
			return -1
		}
		return 1
	})
	at := make(map[string]int32, len(cores))
	s.rules = make([]rule, len(cores))
	for i := range cores {
		c := &s.rules[i].core
		*c = cores[i]
		s.rules[i].matcher.Init(c.folded)
		if !c.finalSet {
			c.Final = s.causes[c.cause].final
		}
		at[c.ID] = int32(i)
		for _, id := range c.Provider {
			p := s.providerIndex(id)
			if p < 0 || p >= maxProviders {
				return fmt.Errorf("%s:%d: %s: %q is not a provider", c.File, c.Line, c.ID, id)
			}
			c.providers.add(p)
		}
	}
	for i := range s.rules {
		for _, id := range s.rules[i].Beats {
			if j, ok := at[id]; ok {
				s.rules[j].beaters = append(s.rules[j].beaters, int32(i))
			}
			if cause, ok := strings.CutPrefix(id, beatsCause); ok {
				s.beatCause(int32(i), cause)
			}
		}
	}
	return s.closeBeaters()
}

// beatCause makes rule i beat every rule of a cause.
func (s *Set) beatCause(i int32, cause string) {
	for j := range s.rules {
		if r := &s.rules[j]; r.Cause == cause && int32(j) != i {
			r.beaters = append(r.beaters, i)
		}
	}
}

// closeBeaters makes "beats" transitive. A cycle is an error.
func (s *Set) closeBeaters() error {
	state := make([]byte, len(s.rules)) // 1 while being worked on, 2 done
	var visit func(i int32) error
	visit = func(i int32) error {
		r := &s.rules[i]
		switch state[i] {
		case 1:
			return fmt.Errorf("%s:%d: %s: beats runs in a circle", r.File, r.Line, r.ID)
		case 2:
			return nil
		}
		state[i] = 1
		for _, j := range slices.Clone(r.beaters) {
			if err := visit(j); err != nil {
				return err
			}
			r.beaters = append(r.beaters, s.rules[j].beaters...)
		}
		slices.Sort(r.beaters)
		r.beaters = slices.Clip(slices.Compact(r.beaters))
		state[i] = 2
		return nil
	}
	for i := range s.rules {
		if err := visit(int32(i)); err != nil {
			return err
		}
	}
	return nil
}

// A trait is what the engine asks first of a rule. The traits of all rules stand
// together, as most rules are asked no more than that.
type trait uint8

const (
	narrowed trait = 1 << iota // it holds for some recipients only
	generic                    // it gives way
	removal                    // the action of its cause is to remove
	grouped                    // it has named groups
	doubtful                   // it never wins
	harmless                   // it never wins, and hides words from doubts
)

func (s *Set) traitOf(c *core) trait {
	var t trait
	if c.keys() > 0 {
		t |= narrowed
	}
	if c.Generic {
		t |= generic
	}
	if s.causes[c.cause].Action == Remove {
		t |= removal
	}
	if c.groups {
		t |= grouped
	}
	if c.Doubt {
		t |= doubtful
	}
	if c.Harmless {
		t |= harmless
	}
	return t
}

// link makes the look-up tables of rules and providers.
func (s *Set) link() {
	s.harmless = nil
	s.traits = make([]trait, len(s.rules))
	for i := range s.rules {
		s.traits[i] = s.traitOf(&s.rules[i].core)
		if s.traits[i]&harmless != 0 {
			s.harmless = append(s.harmless, i)
		}
	}
	s.hosts, s.domains = map[string]int{}, map[string]int{}
	s.marks = nil
	for i := range s.providers {
		p := &s.providers[i]
		for _, h := range p.hosts {
			s.hosts[h] = i
		}
		for _, d := range p.domains {
			s.domains[d] = i
		}
		for _, m := range p.marks {
			s.marks = append(s.marks, mark{core: m, provider: i})
			s.marks[len(s.marks)-1].matcher.Init(m.folded)
		}
	}
}

// things gives what the sieve looks for: the rules, then the marks.
func (s *Set) things() [][]sift.Need {
	out := make([][]sift.Need, 0, len(s.rules)+len(s.marks))
	for i := range s.rules {
		out = append(out, s.rules[i].needs)
	}
	for i := range s.marks {
		out = append(out, s.marks[i].needs)
	}
	return out
}

// samples gives texts that show what is common in replies.
func (s *Set) samples() []string {
	var out []string
	for i := range s.rules {
		for _, e := range s.rules[i].Match {
			out = append(out, string(fold(nil, e.Text)))
		}
	}
	return out
}

// With gives a set in which a user's own rules stand over those of s: fsys holds
// causes/*.toml and providers/*.toml of the same form as the built-in ones.
func (s *Set) With(fsys fs.FS) (*Set, error) {
	set, problems := s.with(fsys)
	if err := problemsError(problems); err != nil {
		return nil, err
	}
	return set, nil
}

// with is With, with all that is wrong. The set is nil where there are errors.
func (s *Set) with(fsys fs.FS) (*Set, []Problem) {
	src, problems := load(fsys, true)
	merged, more := s.merge(src)
	problems = append(problems, more...)
	return finish(merged, problems)
}

// finish builds a set unless there are errors.
func finish(src source, problems []Problem) (*Set, []Problem) {
	problems = append(problems, src.check()...)
	sortProblems(problems)
	if problemsError(problems) != nil {
		return nil, problems
	}
	set, err := build(src)
	if err != nil {
		return nil, append(problems, Problem{Reason: err.Error()})
	}
	return set, problems
}

// merge puts a user's source over the set's own.
func (s *Set) merge(user source) (source, []Problem) {
	var problems []Problem
	out := source{causes: s.causeData(), providers: slices.Clone(s.providers), codes: s.codes, docs: s.docs}
	off := map[string]bool{}
	for _, o := range user.off {
		if s.ruleIndex(o.id) < 0 {
			problems = append(problems, Problem{File: o.file, Line: o.line, ID: o.id, Reason: "off names no built-in rule"})
		}
		off[o.id] = true
	}
	things := s.sieve.Things()
	for i := range s.rules {
		if c := s.rules[i].core; !off[c.ID] {
			c.providers, c.needs = providerSet{}, things[i]
			out.rules = append(out.rules, c)
		}
	}
	things = things[len(s.rules):]
	for i := range out.providers {
		p := &out.providers[i]
		p.marks = slices.Clone(p.marks)
		for j := range p.marks {
			p.marks[j].needs, things = things[0], things[1:]
		}
	}
	out.causes = append(out.causes, user.causes...)
	out.rules = append(out.rules, user.rules...)
	for _, p := range user.providers {
		i := slices.IndexFunc(out.providers, func(q provider) bool { return q.id == p.id })
		if i < 0 {
			out.providers = append(out.providers, p)
			continue
		}
		q := &out.providers[i]
		q.domains = append(slices.Clip(q.domains), p.domains...)
		q.hosts = append(slices.Clip(q.hosts), p.hosts...)
		q.marks = append(slices.Clip(q.marks), p.marks...)
	}
	return out, problems
}

// causeData gives the causes of a set as a source holds them.
func (s *Set) causeData() []causeData {
	out := make([]causeData, len(s.causes))
	for i, c := range s.causes {
		out[i] = causeData{Cause: c, permanent: &c.Permanent, final: &c.final}
	}
	return out
}

// ruleIndex gives the index of a rule, or -1.
func (s *Set) ruleIndex(id string) int {
	for i := range s.rules {
		if s.rules[i].ID == id {
			return i
		}
	}
	return -1
}

// Version is a fingerprint of all that decides verdicts. It changes with the rules.
func (s *Set) Version() string { return s.version }
