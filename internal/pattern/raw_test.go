package pattern

import (
	"regexp"
	"slices"
	"testing"
)

// rawPatterns and rawTexts cross: each pattern, without regard to case, must find in
// each text, which is not folded, what package regexp finds.
var rawPatterns = []string{
	`user unknown`, `^a`, `a$`, `^$`, `\bcat\b`, `\Bcat`, `a.{0,3}b`, `a[^b]*b`, `(?:mailbox|account) (?:is )?full`,
	`не найден`, `[а-я]+ю`, `ß|ſ`, `s+`, `k`, `skis?`, `a\sb`, `a.b`, `x*`, `[^\n]+$`, `é{2}`,
	`(?:said|talking to)[: ]+(?P<reply>\d{3})`, `^<(?P<address>[^\s<>]+@[^\s<>]+)>:\s*(?P<reason>\S.*)`, `(?P<host>[a-z.]+)(?: \((?P<reply>\d+)\))?`,
}

var rawTexts = []string{
	"", "a", "AB", "aab", "cat", "CONCAT", "The Cat\nsat", "User unknown", "550 USER UNKNOWN", "Mailbox IS full", "ACCOUNT full",
	"пользователь НЕ Найден", "Ю", "ſ", "ẞ", "\u212a", "sKIs", "\u017f\u212ai\u017f", "s\u212a", "a\nb", "A b", "\xff", "a\xffb", "ÉéÉ",
	"while Talking To: 550", "<Neko@Example.com>: Host unknown", "mx.example.com (550)", "AXxxB", "a\u2028b",
}

func TestRaw(t *testing.T) {
	for _, p := range rawPatterns {
		m, re := New("(?i-s)"+p), regexp.MustCompile("(?i)"+p)
		if m.ready() == nil {
			t.Errorf("%q: no program", p)
		}
		for _, text := range rawTexts {
			from, to, groups, ok := m.FindGroups([]byte(text), []int{})
			want := re.FindStringSubmatchIndex(text)
			if ok != (want != nil) || ok && !slices.Equal(append([]int{from, to}, groups...), want) {
				t.Errorf("%q on %q: got %d %d %v %v, want %v", p, text, from, to, groups, ok, want)
			}
		}
	}
}
