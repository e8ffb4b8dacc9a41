package rules

import "github.com/whybounce/whybounce/internal/sift"

// A Rule says what a phrase means. Its id is stable.
type Rule struct {
	ID      string
	Cause   string
	Pattern string    // RE2 as written: case-insensitive, white space stands for any run of it
	Source  string    // who prints the phrase
	Match   []Example // texts that this rule must win
	Reject  []Example // texts that it must not win
	File    string    // where the rule stands
	Line    int

	// What narrows the rule: each list that is not empty must hold one value that fits.
	Status   []string // dotted prefixes of enhanced status codes
	Reply    []string // prefixes of reply codes
	Stage    []string
	Provider []string
	Server   []string // the software that wrote the message

	Beats    []string   // ids of rules that it outranks, or "cause:" and a cause
	Generic  bool       // it wins only where no other rule matches
	Doubt    bool       // it never wins, but where it matches too nobody is removed
	Harmless bool       // it never wins, and no doubt sees the words that it matches
	Final    bool       // the phrase is final even with a 4xx code
	Action   ListAction // overrides the cause's action, or ""
	Fix      string     // overrides the cause's fix, or ""; {name} stands for a named group
	User     bool       // it came from the user's own rules
}

// An Example is a text that proves a rule, with what is known beside the text.
type Example struct {
	Text     string
	Status   string
	Reply    string
	Stage    string
	Provider string
	Server   string
}

// A core is a rule as the engine uses it.
type core struct {
	Rule
	cause     int         // index in causeIDs
	folded    string      // the pattern for folded text
	needs     []sift.Need // what a text that matches holds; nil in the prebuilt form
	exact     bool        // and a text that meets a need matches
	groups    bool        // it has named groups
	weight    int         // characters of literal text that every match has
	providers providerSet
	finalSet  bool // Final was given with the rule
}

// keys counts the kinds of narrowing that a rule has.
func (c *core) keys() int {
	n := 0
	for _, list := range [...][]string{c.Status, c.Reply, c.Stage, c.Provider, c.Server} {
		if len(list) > 0 {
			n++
		}
	}
	return n
}

// outranks reports whether rule a stands before rule b where neither beats the
// other, and why.
func outranks(a, b *core) (before bool, reason string) {
	if a.Harmless != b.Harmless {
		return b.Harmless, "harmless words never win"
	}
	if a.Doubt != b.Doubt {
		return b.Doubt, "a doubt never wins"
	}
	if a.Generic != b.Generic {
		return b.Generic, "a generic rule gives way"
	}
	if ka, kb := a.keys(), b.keys(); ka != kb {
		return ka > kb, "it is narrowed by more context"
	}
	if a.User != b.User {
		return a.User, "the user's rules come first"
	}
	if a.weight != b.weight {
		return a.weight > b.weight, "its pattern holds more literal text"
	}
	return a.ID < b.ID, "its id comes first"
}

// Rules gives the rules, ordered by cause, file and place in the file.
func (s *Set) Rules() []Rule {
	out := make([]Rule, len(s.rules))
	for i := range s.rules {
		out[i] = s.rules[i].Rule
	}
	s.fillDocs(out)
	sortRules(out)
	return out
}

// Rule gives the rule of that id.
func (s *Set) Rule(id string) (Rule, bool) {
	for i := range s.rules {
		if s.rules[i].ID == id {
			out := []Rule{s.rules[i].Rule}
			s.fillDocs(out)
			return out[0], true
		}
	}
	return Rule{}, false
}
