package rules

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/whybounce/whybounce/dsn"
)

// Check reports what is wrong with the rules in fsys, in the order of files and
// lines. A directory that holds codes.toml is a whole set, as the built-in rules
// are; any other is a user's own and is checked over the built-in ones. A nil fsys
// stands for the built-in rules themselves.
func Check(fsys fs.FS) []Problem {
	set, problems := open(fsys)
	if set != nil {
		problems = append(problems, set.check()...)
	}
	sortProblems(problems)
	return problems
}

// open loads a directory as Check does.
func open(fsys fs.FS) (*Set, []Problem) {
	if fsys == nil {
		fsys = files
	}
	if _, err := fs.Stat(fsys, "codes.toml"); err == nil {
		src, problems := load(fsys, false)
		set, problems := finish(src, problems)
		return set, append(problems, src.checkComplete()...)
	}
	builtin, err := Builtin()
	if err != nil {
		return nil, []Problem{{File: "built-in rules", Line: 1, Reason: err.Error()}}
	}
	return builtin.with(fsys)
}

// checkComplete reports causes without a file.
func (src *source) checkComplete() []Problem {
	var out []Problem
	for _, id := range causeIDs {
		if !slices.ContainsFunc(src.causes, func(c causeData) bool { return c.ID == id }) {
			out = append(out, Problem{File: "causes/" + id + ".toml", Line: 1, Reason: "the file of this cause is missing"})
		}
	}
	return out
}

// check runs the examples of all rules and reports what does not come out as they say.
func (s *Set) check() []Problem {
	var out []Problem
	rules := s.Rules()
	if slices.ContainsFunc(rules, func(r Rule) bool { return r.User }) {
		rules = slices.DeleteFunc(rules, func(r Rule) bool { return !r.User }) // they may well outrank the others
	}
	for i := range rules {
		out = append(out, s.checkExamples(&rules[i])...)
	}
	return append(out, s.checkOrder(rules)...)
}

// checkExamples runs the examples of one rule against the whole set.
func (s *Set) checkExamples(r *Rule) []Problem {
	var out []Problem
	bad := func(format string, args ...any) {
		out = append(out, Problem{File: r.File, Line: r.Line, ID: r.ID, Reason: fmt.Sprintf(format, args...)})
	}
	i := s.ruleIndex(r.ID)
	if r.Doubt || r.Harmless {
		return s.checkDoubt(r, i)
	}
	won := 0
	for _, e := range r.Match {
		got, rival := s.try(e, r)
		switch {
		case got == i && rival != nil:
			won++
			bad("removes nobody in its own example %q: %s matches too; one of them must beat the other", e.Text, rival.ID)
		case got == i:
			won++
		case got < 0:
			bad("does not match its own example %q%s", e.Text, s.whyNot(i, e, r))
		default:
			bad("loses its own example %q to %s (%s)", e.Text, s.rules[got].ID, s.whyBefore(got, i))
		}
	}
	if won == 0 && len(r.Match) > 0 {
		bad("can never win: none of its own examples is won by it")
	}
	for _, e := range r.Reject {
		if got, _ := s.try(e, r); got == i {
			bad("wins %q, which it must reject", e.Text)
		}
	}
	return out
}

// checkDoubt holds that a rule that never wins matches its examples and no reject, and
// that nobody is removed for them; or somebody is, where the rule is harmless.
func (s *Set) checkDoubt(r *Rule, i int) []Problem {
	var out []Problem
	bad := func(format string, args ...any) {
		out = append(out, Problem{File: r.File, Line: r.Line, ID: r.ID, Reason: fmt.Sprintf(format, args...)})
	}
	matches := func(e Example) bool {
		sc, f := s.borrow(), s.exampleFacts(e, r)
		defer s.release(sc)
		p := passage{text: e.Text}
		s.sift(sc, p, &f)
		return s.matches(i, sc, p, &f)
	}
	for _, e := range r.Match {
		if !matches(e) {
			bad("does not match its own example %q", e.Text)
		} else if v := s.ExplainReply(e.Text); r.Harmless && v.ListAction != Remove {
			bad("is no harm, but %q removes nobody", e.Text)
		} else if r.Doubt && v.ListAction == Remove {
			bad("does not keep %q from removing", e.Text)
		}
	}
	for _, e := range r.Reject {
		if matches(e) {
			bad("matches %q, which it must reject", e.Text)
		}
	}
	return out
}

// try gives the rule that wins an example, or -1, and its rival, or nil. What the example does not say
// beside its text is taken from what narrows its rule, and codes from the text.
func (s *Set) try(e Example, r *Rule) (int, *rule) {
	sc, f := s.borrow(), s.exampleFacts(e, r)
	defer s.release(sc)
	sc.add(e.Text, "", false)
	if h, ok := s.search(sc, &f); ok {
		return h.rule, h.rival
	}
	return -1, nil
}

// exampleFacts gives what is known beside an example's text.
func (s *Set) exampleFacts(e Example, r *Rule) facts {
	reply := replyRecipient(e.Text)
	f := facts{
		action: dsn.Failed, status: or(e.Status, reply.Status), reply: or(e.Reply, reply.Reply),
		stage: or(e.Stage, first(r.Stage)), server: or(e.Server, first(r.Server)),
	}
	if i := s.providerIndex(or(e.Provider, first(r.Provider))); i >= 0 {
		f.providers.add(i)
	}
	return f
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// whyNot says which narrowing keeps a rule from an example, or "".
func (s *Set) whyNot(i int, e Example, r *Rule) string {
	sc, f := s.borrow(), s.exampleFacts(e, r)
	defer s.release(sc)
	p := passage{text: e.Text}
	s.sift(sc, p, &f)
	c := &s.rules[i].core
	if c.holds(&f, e.Text) {
		return ""
	}
	return fmt.Sprintf(": it is narrowed, and the example has status %q, reply %q, stage %q", f.status, f.reply, f.stage)
}

// beats reports whether rule i beats rule j, directly or not.
func (s *Set) beats(i, j int) bool {
	_, ok := slices.BinarySearch(s.rules[j].beaters, int32(i))
	return ok
}

// whyBefore says why rule i stands before rule j.
func (s *Set) whyBefore(i, j int) string {
	if s.beats(i, j) {
		return "it beats that rule"
	}
	_, reason := outranks(&s.rules[i].core, &s.rules[j].core)
	return reason
}

// checkOrder warns of "beats" that no example shows at work. One that only says what
// the order is anyhow is fine: it still holds when a pattern is changed.
func (s *Set) checkOrder(rules []Rule) []Problem {
	var out []Problem
	for i := range rules {
		r := &rules[i]
		for _, id := range r.Beats {
			j := s.ruleIndex(id)
			if j < 0 || s.meet(r, j) {
				continue
			}
			out = append(out, Problem{
				File: r.File, Line: r.Line, ID: r.ID, Warning: true,
				Reason: fmt.Sprintf("beats %q, but no example of match shows both", id),
			})
		}
	}
	return out
}

// meet reports whether rule j matches an example that r must win, too.
func (s *Set) meet(r *Rule, j int) bool {
	sc := s.borrow()
	defer s.release(sc)
	for _, e := range r.Match {
		f, p := s.exampleFacts(e, r), passage{text: e.Text}
		s.sift(sc, p, &f)
		if sc.hits.Has(j) && s.matches(j, sc, p, &f) {
			return true
		}
	}
	return false
}
