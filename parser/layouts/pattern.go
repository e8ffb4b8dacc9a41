package layouts

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/whybounce/whybounce/internal/dfa"
)

// macros are what may stand in braces in a pattern.
var macros = strings.NewReplacer(
	"{address}", `(?P<address>(?:"[^"]+"|[^\s<>()\[\]{},;:"']+)@[^\s<>()\[\]{},;:"']+)`,
	"{original}", `(?P<original>(?:"[^"]+"|[^\s<>()\[\]{},;:"']+)@[^\s<>()\[\]{},;:"']+)`,
	"{name}", `(?P<address>[^\s<>()\[\]{},;:"'@]+)`,
	"{host}", `(?P<host>[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?)`,
	"{ip}", `\[?[0-9A-Fa-f:.]+\]?`,
	"{reason}", `(?P<reason>\S.*)`,
)

// A Pattern is RE2 text, case-insensitive, compiled when it is first used.
type Pattern struct {
	source string   // the pattern, macros expanded
	needs  []string // folded literals one of which stands in each match; may be empty
	ids    []int32  // their ids in the set
	plain  bool     // a literal found is a match found
	at     bool     // an "@" stands in each match
	first  string   // the bytes one of which starts a folded line that matches; may be empty
	field  area     // of a Header pattern: the field it is matched against, areaHeader for any
	re     atomic.Pointer[regexp.Regexp]
	low    atomic.Pointer[regexp.Regexp] // for folded text, which needs no case folding
	raw    machine
	folded machine
}

// newPattern checks a pattern and derives what it needs.
func newPattern(source string) (*Pattern, error) {
	p := &Pattern{source: macros.Replace(source)}
	if _, err := regexp.Compile("(?i)" + p.source); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", source, err)
	}
	var err error
	if p.needs, p.plain, err = literals(p.source); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", source, err)
	}
	p.first = firstBytes(p.source)
	p.at = strings.Contains(source, "{address}") && !strings.Contains(source, "|")
	return p, nil
}

// never matches nothing.
var never = regexp.MustCompile(`[^\s\S]`)

func (p *Pattern) regexp() *regexp.Regexp {
	if re := p.re.Load(); re != nil {
		return re
	}
	re, err := regexp.Compile("(?i)" + p.source)
	if err != nil {
		re = never // newPattern has refused it already
	}
	p.re.Store(re)
	return re
}

// matchFolded reports that the pattern matches a folded text in which one of its
// literals stands.
func (p *Pattern) matchFolded(text []byte) bool {
	if p.plain {
		return true
	}
	if m := p.folded.get(p.source, true); m != nil {
		if matched, ok := m.MatchBytes(text); ok {
			return matched
		}
	}
	re := p.low.Load()
	if re == nil {
		var err error
		if re, err = regexp.Compile(lowered(p.source)); err != nil {
			re = p.regexp()
		}
		p.low.Store(re)
	}
	return re.Match(text)
}

// MatchString reports that a text of one line matches. An automaton says where a
// pattern does not match at a fraction of what regexp takes for it.
func (p *Pattern) MatchString(s string) bool {
	if m := p.raw.get(p.source, false); m != nil {
		if matched, ok := m.Match(s); ok {
			return matched
		}
	}
	return p.regexp().MatchString(s)
}

// A machine is the automaton of a pattern, made when it is first asked.
type machine struct{ dfa atomic.Pointer[dfa.Machine] }

// get returns the automaton, nil where there is none.
func (m *machine) get(source string, folded bool) *dfa.Machine {
	if d := m.dfa.Load(); d != nil {
		return d
	}
	re, err := syntax.Parse(source, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return nil // newPattern has refused it already
	}
	if folded {
		lowerTree(re)
	}
	d, err := dfa.Compile(re)
	if err != nil {
		return nil
	}
	m.dfa.Store(d)
	return d
}

// lowered returns a pattern that matches in folded text what the pattern matches
// without regard to case. It runs faster, having no case to fold.
func lowered(source string) string {
	re, err := syntax.Parse(source, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return source
	}
	lowerTree(re)
	return re.String()
}

func lowerTree(re *syntax.Regexp) {
	if re.Op == syntax.OpLiteral {
		re.Rune = []rune(foldLiteral(re.Rune))
		re.Flags &^= syntax.FoldCase
	}
	for _, sub := range re.Sub {
		lowerTree(sub)
	}
}

// weight is how much literal text a match holds at least.
func (p *Pattern) weight() int { return max(shortest(p.needs), 0) }

// A Find is what the groups of a pattern caught.
type Find struct {
	Address, Original, Host, Reply, Status, Stage, Action, Reason string
	// End is where the match ends in the line, ReasonAt where Reason starts, or -1.
	End, ReasonAt int
}

// find returns what a pattern catches in a line.
func (p *Pattern) find(line string) (Find, bool) {
	if !p.MatchString(line) {
		return Find{}, false
	}
	re := p.regexp()
	m := re.FindStringSubmatchIndex(line)
	if m == nil {
		return Find{}, false
	}
	f := Find{End: m[1], ReasonAt: -1}
	for i, name := range re.SubexpNames() {
		if i == 0 || name == "" || m[2*i] < 0 {
			continue
		}
		f.set(name, line[m[2*i]:m[2*i+1]])
		if name == "reason" {
			f.ReasonAt = m[2*i]
		}
	}
	return f, true
}

func (f *Find) set(name, value string) {
	switch name {
	case "address":
		f.Address = value
	case "original":
		f.Original = value
	case "host":
		f.Host = value
	case "reply":
		f.Reply = value
	case "status":
		f.Status = value
	case "stage":
		f.Stage = value
	case "action":
		f.Action = value
	case "reason":
		f.Reason = value
	}
}

// Merge adds what g caught and f did not.
func (f *Find) Merge(g Find) {
	for _, c := range [...]struct {
		to    *string
		value string
	}{{&f.Original, g.Original}, {&f.Host, g.Host}, {&f.Reply, g.Reply}, {&f.Status, g.Status}, {&f.Stage, g.Stage}, {&f.Action, g.Action}} {
		if *c.to == "" {
			*c.to = c.value
		}
	}
}

// groups are the names that a pattern may give its groups.
var groups = []string{"address", "original", "host", "reply", "status", "stage", "action", "reason"}

// checkGroups refuses a group whose name means nothing.
func (p *Pattern) checkGroups() error {
	for _, name := range p.regexp().SubexpNames() {
		if name != "" && !slices.Contains(groups, name) {
			return fmt.Errorf("pattern %q: unknown group %q, use one of %s", p.source, name, strings.Join(groups, ", "))
		}
	}
	return nil
}
