package rules

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/internal/sift"
)

func TestCompilePattern(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		folded   string
		literals []string
		exact    bool
		weight   int
	}{
		{`User Unknown`, `user unknown`, []string{"user unknown"}, true, 12},
		{"user \n\t unknown", `user unknown`, []string{"user unknown"}, true, 12},
		{`user\s+unknown`, `user unknown`, []string{"user unknown"}, true, 12},
		{`user \s* unknown`, `user unknown`, []string{"user unknown"}, true, 12},
		{`user\s* unknown`, `user unknown`, []string{"user unknown"}, true, 12},
		{`over\s*quota`, `over ?quota`, []string{"over quota", "overquota"}, true, 9},
		{`no such (user|mailbox) here`, ``, []string{"no such user here", "no such mailbox here"}, true, 17},
		{`mailbox(es)? full`, ``, []string{"mailboxes full", "mailbox full"}, true, 12},
		{`quota .* exceeded`, ``, []string{" exceeded"}, false, 15},
		{`\buser unknown\b`, ``, []string{"user unknown"}, false, 12},
		{`(?P<list>\S+) lists you`, ``, []string{" lists you"}, false, 10},
		{`can['’]t open`, ``, []string{"can't open"}, true, 10},
		{`(full|over) (\d+)`, ``, []string{"full ", "over "}, false, 5},
		{`почтовый ЯЩИК`, ``, []string{"почтовый ящик"}, true, 13},
		{`无效用户`, ``, []string{"无效用户"}, true, 4},
		{`(?:mailbox ){2}`, ``, []string{"mailbox mailbox "}, true, 16},
	} {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if c.folded != "" && p.folded != c.folded {
			t.Errorf("%q: folded is %q, want %q", c.pattern, p.folded, c.folded)
		}
		if !slices.Equal(p.literals, c.literals) || p.exact != c.exact || p.weight != c.weight {
			t.Errorf("%q: literals %q exact=%v weight=%d, want %q %v %d", c.pattern,
				p.literals, p.exact, p.weight, c.literals, c.exact, c.weight)
		}
	}
}

func TestBadPatterns(t *testing.T) {
	for pattern, want := range map[string]string{
		`user (unknown`:           "missing closing",
		`\d{3} \S+`:               "3 fixed characters",
		`(user unknown|\d+)`:      "3 fixed characters",
		`(user unknown)?`:         "the empty text",
		`ab`:                      "3 fixed characters",
		`用`:                       "3 fixed characters",
		strings.Repeat("a", 1001): "longer than",
		`user unknown\x{110000}`:  "bad pattern",
	} {
		if _, err := compilePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want one with %q", pattern, err, want)
		}
	}
}

// FuzzPattern holds that the derived literals never sift out a text that matches,
// that an exact pattern is matched by its literals, and that rewriting a pattern for
// folded text keeps what it matches.
func FuzzPattern(f *testing.F) {
	f.Add(`(user|mailbox) (is )?full`, "the MAILBOX  full")
	f.Add(`no (?P<what>\w+) here|over\s*quota`, "over quota")
	f.Add(`a.c[de]{2,3}xyz+`, "abcddxyzz")
	f.Fuzz(func(t *testing.T, text, input string) {
		p, err := compilePattern(text)
		if err != nil {
			return
		}
		folded := sift.Fold(nil, input)
		matches := regexp.MustCompile(p.folded).Match(folded)
		holds := slices.ContainsFunc(p.literals, func(l string) bool { return strings.Contains(string(folded), l) })
		if matches && !holds || p.exact && holds != matches {
			t.Errorf("%q on %q: match %v, literals %q (exact %v): %v", text, folded, matches, p.literals, p.exact, holds)
		}
	})
}
