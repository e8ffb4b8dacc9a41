package rules

import (
	"fmt"
	"slices"
	"strings"
)

// A Trial is what all the rules make of a reply.
type Trial struct {
	Verdict Verdict
	// Matches are the rules whose phrase stands in the reply, the winner first, then in
	// the order in which they would win without those before them.
	Matches []Match
}

// A Match is a rule whose phrase stands in a reply.
type Match struct {
	Rule   Rule
	Text   string // the words that match
	Wins   bool
	Reason string // why it comes before the next one, or does not count
}

// Try explains a reply as ExplainReply does and tells of each rule whose phrase
// stands in it, why it wins or loses.
func (s *Set) Try(text string) Trial {
	t := Trial{Verdict: s.ExplainReply(text)}
	r := replyRecipient(text)
	f := facts{status: r.Status, reply: r.Reply}
	sc := s.borrow()
	defer s.release(sc)
	sc.add(r.Diagnostic, "", false)
	for _, p := range sc.passages {
		s.sift(sc, p, &f)
		t.Matches = append(t.Matches, s.tryPassage(sc, p, &f)...)
	}
	s.nameWinner(&t)
	return t
}

// tryPassage gives the matches in one passage that was sifted.
func (s *Set) tryPassage(sc *scratch, p passage, f *facts) []Match {
	var apply, rest []int
	for i := sc.hits.Next(0); i >= 0 && i < len(s.rules); i = sc.hits.Next(i + 1) {
		r := &s.rules[i]
		switch {
		case !r.exact && !r.matcher.Match(sc.folded):
		case r.holds(f, p.text):
			apply = append(apply, i)
		default:
			rest = append(rest, i)
		}
	}
	apply = s.inOrder(apply)
	out := make([]Match, 0, len(apply)+len(rest))
	for n, i := range apply {
		m := s.tried(i, sc, p)
		if n+1 < len(apply) {
			m.Reason = fmt.Sprintf("before %s: %s", s.rules[apply[n+1]].ID, s.whyBefore(i, apply[n+1]))
		}
		out = append(out, m)
	}
	for _, i := range rest {
		m := s.tried(i, sc, p)
		m.Reason = "does not count here: it needs " + s.rules[i].narrowing()
		out = append(out, m)
	}
	return out
}

// inOrder puts rules, given in rank order, into the order in which they win.
func (s *Set) inOrder(list []int) []int {
	var out []int
	for len(list) > 0 {
		n := 0
		for n < len(list) && s.beatenByOne(list[n], list) {
			n++
		}
		out = append(out, list[n])
		list = append(list[:n:n], list[n+1:]...)
	}
	return out
}

func (s *Set) beatenByOne(i int, list []int) bool {
	for _, j := range list {
		if s.beats(j, i) {
			return true
		}
	}
	return false
}

// tried makes a match of a rule that matches a folded passage.
func (s *Set) tried(i int, sc *scratch, p passage) Match {
	h := hit{rule: i, passage: p}
	h.from, h.to, _ = s.rules[i].matcher.Find(sc.folded)
	list := []Rule{s.rules[i].Rule}
	s.fillDocs(list)
	return Match{Rule: list[0], Text: quote(h)}
}

// nameWinner marks the match that decided, if a rule did, and puts it first.
func (s *Set) nameWinner(t *Trial) {
	i := slices.IndexFunc(t.Matches, func(m Match) bool { return m.Rule.ID == t.Verdict.Evidence.Rule })
	if i < 0 {
		return
	}
	m := t.Matches[i]
	m.Wins = true
	if m.Reason == "" {
		m.Reason = "no other rule counts"
	}
	copy(t.Matches[1:i+1], t.Matches[:i])
	t.Matches[0] = m
}

// narrowing tells what a rule demands beside its phrase.
func (c *core) narrowing() string {
	var out []string
	for _, k := range [...]struct {
		name string
		list []string
	}{{"status", c.Status}, {"reply", c.Reply}, {"stage", c.Stage}, {"provider", c.Provider}, {"server", c.Server}} {
		if len(k.list) > 0 {
			out = append(out, k.name+" "+strings.Join(k.list, " or "))
		}
	}
	return strings.Join(out, ", ")
}
