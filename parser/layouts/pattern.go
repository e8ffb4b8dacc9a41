package layouts

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/whybounce/whybounce/internal/pattern"
)

// notInAddress are what no address holds, the punctuation of scripts without spaces too.
const notInAddress = `[^\s<>()\[\]{},;:"'，。、；：（）「」『』《》【】]`

// macros are what may stand in braces in a pattern.
var macros = strings.NewReplacer(
	"{address}", `(?P<address>(?:"[^"]+"|`+notInAddress+`+)@`+notInAddress+`+)`,
	"{original}", `(?P<original>(?:"[^"]+"|`+notInAddress+`+)@`+notInAddress+`+)`,
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
	raw    atomic.Pointer[pattern.Matcher]
	folded atomic.Pointer[pattern.Matcher] // for folded text, which needs no case folding
}

// newPattern checks a pattern and derives what it needs.
func newPattern(source string) (*Pattern, error) {
	p := &Pattern{source: pattern.WithPlain(macros.Replace(source))}
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

// matcher returns what matches the pattern in text as it stands.
func (p *Pattern) matcher() *pattern.Matcher {
	m := p.raw.Load()
	if m == nil {
		m = pattern.New("(?i-s)" + p.source)
		p.raw.Store(m)
	}
	return m
}

// matchFolded reports that the pattern, which is not plain, matches a folded text.
func (p *Pattern) matchFolded(text []byte) bool {
	m := p.folded.Load()
	if m == nil {
		m = pattern.New(lowered(p.source))
		p.folded.Store(m)
	}
	return m.Match(text)
}

// Match reports that a pattern matches a text of one line.
func (sc *Scan) Match(p *Pattern, line string) bool {
	sc.line = append(sc.line[:0], line...)
	return p.matcher().Match(sc.line)
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
func (p *Pattern) find(line string, sc *Scan) (Find, bool) {
	m := p.matcher()
	sc.line = append(sc.line[:0], line...)
	_, end, groups, ok := m.FindGroups(sc.line, sc.room[:0])
	if !ok {
		return Find{}, false
	}
	f := Find{End: end, ReasonAt: -1}
	for i, name := range m.Names() {
		from, to := groups[2*i], groups[2*i+1]
		if from < 0 {
			continue
		}
		f.set(name, line[from:to])
		if name == "reason" {
			f.ReasonAt = from
		}
	}
	return f, true
}

func (f *Find) set(name, value string) {
	switch name {
	case "address":
		f.Address = value
	case "domain":
		f.Address += "@" + value
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
var groups = []string{"address", "domain", "original", "host", "reply", "status", "stage", "action", "reason"}

// checkGroups refuses a group whose name means nothing.
func (p *Pattern) checkGroups() error {
	for _, name := range regexp.MustCompile(p.source).SubexpNames()[1:] {
		if !slices.Contains(groups, name) {
			return fmt.Errorf("pattern %q: unknown group %q, use one of %s, or (?:...) for none", p.source, name, strings.Join(groups, ", "))
		}
	}
	return nil
}
