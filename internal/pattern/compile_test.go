package pattern

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/internal/sift"
)

func TestCompile(t *testing.T) {
	for _, c := range []struct {
		pattern string
		folded  string
		needs   string
		exact   bool
		weight  int
	}{
		{`User Unknown`, `user unknown`, "user unknown", true, 12},
		{"user \n\t unknown", `user unknown`, "user unknown", true, 12},
		{`user\s+unknown`, `user unknown`, "user unknown", true, 12},
		{`user \s* unknown`, `user unknown`, "user unknown", true, 12},
		{`user\s* unknown`, `user unknown`, "user unknown", true, 12},
		{`over\s*quota`, `over ?quota`, "over quota,overquota", true, 9},
		{`no such (user|mailbox) here`, ``, "no such user here,no such mailbox here", true, 17},
		{`mailbox(es)? full`, ``, "mailboxes full,mailbox full", true, 12},
		{`mailboxe?s?`, ``, "mailbox", true, 7},
		{`quota .* exceeded`, ``, " exceeded&quota ", false, 15},
		{`ab+c blocked`, ``, "bc blocked", false, 11},
		{`\buser unknown\b`, ``, "user unknown", false, 12},
		{`(?P<list>\S+) lists you`, ``, " lists you", false, 10},
		{`can['’]t open`, ``, "can't open", true, 10},
		{`(full|over) (\d+)`, ``, "full ,over ", false, 5},
		{`почтовый ЯЩИК`, ``, "почтовый ящик", true, 13},
		{`无效用户`, ``, "无效用户", true, 4},
		{`(?:mailbox ){2}`, ``, "mailbox mailbox ", true, 16},
		{`(mailbox|account).*(full|closed)|quota (\d+) reached|over it`, ``,
			"mailbox,account&full,closed| reached&quota |over it", false, 7},
		{`(?:foo.*bar|bax.*quux) x`, ``, "foo,quux", false, 8},
	} {
		p, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if c.folded != "" && p.Folded != c.folded {
			t.Errorf("%q: folded is %q, want %q", c.pattern, p.Folded, c.folded)
		}
		if got := show(p.Needs); got != c.needs || p.Exact != c.exact || p.Weight != c.weight {
			t.Errorf("%q: needs %q exact=%v weight=%d, want %q %v %d", c.pattern, got, p.Exact, p.Weight, c.needs, c.exact, c.weight)
		}
	}
}

// show writes needs as a text: '|' between needs, '&' between clauses.
func show(needs []sift.Need) string {
	var out []string
	for _, n := range needs {
		var clauses []string
		for _, c := range n {
			clauses = append(clauses, strings.Join(c, ","))
		}
		out = append(out, strings.Join(clauses, "&"))
	}
	return strings.Join(out, "|")
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
		if _, err := Compile(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want one with %q", pattern, err, want)
		}
	}
}

// patterns are patterns of all kinds, for fuzzing.
var patterns = []string{
	`(user|mailbox) (is )?full`, `no (?P<what>\w+) here|over\s*quota`, `a.c[de]{2,3}xyz+`, `(?:not )*found$`,
	`^\S+ lists? (?P<a>[^ ]+?)(?: at (?P<b>.*))?`, `(?:ab|abc)(?:cd|d)xyz`, `(?:very |too )+busy\b`, `x(?:abc|de){0,3}yzz`,
	`пользо.*ват(?:ель|ели)`, `[^a-z]ünknown\B`, `(?:\bfoo|bar\b) baz`, `.{0,20}?quota.{3,}`, `(a|b|ab)(c|bcd)(d*) end`,
}

// FuzzPattern holds that the needs never sift out a text that matches, that an exact
// pattern is matched by its literals, and that matchers find what package regexp finds.
func FuzzPattern(f *testing.F) {
	for _, p := range patterns {
		f.Add(p, "the MAILBOX  full, over quota abcdxyz not found foo baz very busy abcd end")
	}
	f.Fuzz(func(t *testing.T, text, input string) {
		p, err := Compile(text)
		if err != nil {
			return
		}
		folded := sift.Fold(nil, input)
		re := regexp.MustCompile(p.Folded)
		want := re.FindSubmatchIndex(folded)
		var h sift.Hits
		sift.Build([][]sift.Need{p.Needs}, nil).Scan(folded, &h)
		if want != nil && !h.Has(0) || p.Exact && h.Has(0) != (want != nil) {
			t.Errorf("%q on %q: match %v, needs %q (exact %v): %v", text, folded, want, p.Needs, p.Exact, h.Has(0))
		}
		m := New(p.Folded)
		from, to, ok := m.Find(folded)
		switch {
		case ok != (want != nil) || m.Match(folded) != ok:
			t.Errorf("%q (%q) on %q: found %v, want %v", text, p.Folded, folded, ok, want)
		case ok && (from != want[0] || to != want[1]):
			t.Errorf("%q (%q) on %q: found [%d,%d), want %v", text, p.Folded, folded, from, to, want)
		}
		if want == nil {
			return
		}
		_, _, groups, _ := m.FindGroups(folded, make([]int, 0, 4))
		if !slices.Equal(groups, want[2:]) || !slices.Equal(m.Names(), p.Names) {
			t.Errorf("%q (%q) on %q: groups %q at %v, want %v", text, p.Folded, folded, m.Names(), groups, want[2:])
		}
	})
}

// TestStepsAreBounded holds that a pattern that backtracks without end gives way to
// package regexp.
func TestStepsAreBounded(t *testing.T) {
	text := []byte(strings.Repeat("a ", 4000))
	for _, pattern := range []string{`(?:a ?)*(?:a ?)*(?:a ?)*b`, `a.*a.*a.*a.*b`, `(?:a |a a )+xyz`} {
		m := New(pattern)
		if _, _, ok, done := m.ready().find(text, nil); ok || done {
			t.Errorf("%q: found %v, done %v; want to give up", pattern, ok, done)
		}
		if m.Match(text) {
			t.Errorf("%q matches", pattern)
		}
	}
}

// TestLoops holds that a part that may end in nothing goes on to its next turn.
func TestLoops(t *testing.T) {
	for pattern, text := range map[string]string{
		`x(?:a(?:bc)?)*d`: "xaabcad", `limit (?:\w+ )*messages`: "limit on all messages", `(?:ab?c?)+ end`: "aabac end", `(?:na(?:-|$))+$`: "na-na",
	} {
		m := New(pattern)
		if _, to, ok := m.Find([]byte(text)); m.ready() == nil || !ok || to != len(text) {
			t.Errorf("%q on %q: found %v to %d", pattern, text, ok, to)
		}
	}
}

// TestProgramsAreMade holds that usual patterns do not need package regexp.
func TestProgramsAreMade(t *testing.T) {
	for _, text := range patterns {
		p, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if New(p.Folded).ready() == nil {
			t.Errorf("%q is left to package regexp", text)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	text := sift.Fold(nil, "host mx.example.net[192.0.2.25] said: 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.org; https://www.example.org/query/ip/192.0.2.1 (in reply to RCPT TO command)")
	for _, pattern := range []string{
		`(?:message was )?(?:refused|rejected) by (?:the )?(?:recipient's |user's )?(?:sieve|mail filter)`,
		`(?:blocked|listed)\b.{0,60}(?:please )?(?:see|visit)\b.{0,20}(?P<url>https?://\S*)`,
		`(?:blocked|rejected|refused|listed) (?:using|by|at|on|in) (?:the )?(?P<list>(?:[a-z0-9-]+\.)+[a-z]{2,})`,
	} {
		b.Run("program", func(b *testing.B) {
			m := New(pattern)
			for b.Loop() {
				m.Match(text)
			}
		})
		b.Run("regexp", func(b *testing.B) {
			m := New(pattern).regexp()
			for b.Loop() {
				m.Match(text)
			}
		})
	}
}
