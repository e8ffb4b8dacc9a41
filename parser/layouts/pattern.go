package layouts

import (
	"bytes"
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
	re     atomic.Pointer[regexp.Regexp]
	dfa    atomic.Pointer[dfa.Machine]
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

// matches reports that the pattern matches somewhere in text. It says where a
// pattern does not match at a fraction of what regexp takes for it.
func (p *Pattern) matches(text string) bool {
	if m := p.machine(); m != nil {
		if matched, ok := m.Match(text); ok {
			return matched
		}
	}
	return p.regexp().MatchString(text)
}

// matchesBytes is matches for a text in bytes.
func (p *Pattern) matchesBytes(text []byte) bool {
	if m := p.machine(); m != nil {
		if matched, ok := m.MatchBytes(text); ok {
			return matched
		}
	}
	return p.regexp().Match(text)
}

// machine returns the automaton of the pattern, nil where there is none.
func (p *Pattern) machine() *dfa.Machine {
	if m := p.dfa.Load(); m != nil {
		return m
	}
	re, err := syntax.Parse("(?i)"+p.source, syntax.Perl)
	if err != nil {
		return nil // newPattern has refused it already
	}
	m, err := dfa.Compile(re)
	if err != nil {
		return nil
	}
	p.dfa.Store(m)
	return m
}

// weight is how much literal text a match holds at least.
func (p *Pattern) weight() int { return max(shortest(p.needs), 0) }

// sifted reports that a folded line may match.
func (p *Pattern) sifted(folded []byte) bool {
	for _, literal := range p.needs {
		if contains(folded, strings.TrimSpace(literal)) {
			return true
		}
	}
	return len(p.needs) == 0
}

// contains is bytes.Contains for a string, without a copy of it.
func contains(b []byte, s string) bool {
	for len(b) >= len(s) && s != "" {
		i := bytes.IndexByte(b[:len(b)-len(s)+1], s[0])
		if i < 0 {
			return false
		}
		if string(b[i:i+len(s)]) == s {
			return true
		}
		b = b[i+1:]
	}
	return s == ""
}

// MatchLine reports that a line matches; folded is its folded form.
func (p *Pattern) MatchLine(line string, folded []byte) bool {
	return p.sifted(folded) && p.matches(line)
}

// A Find is what the groups of a pattern caught.
type Find struct {
	Address, Original, Host, Reply, Status, Stage, Action, Reason string
	// End is where the match ends in the line, ReasonAt where Reason starts, or -1.
	End, ReasonAt int
}

// FindLine returns what a pattern catches in a line; folded is its folded form.
func (p *Pattern) FindLine(line string, folded []byte) (Find, bool) {
	if !p.sifted(folded) || !p.matches(line) {
		return Find{}, false
	}
	return p.find(line)
}

// find returns what a pattern catches in a line.
func (p *Pattern) find(line string) (Find, bool) {
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
