package dfa

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"testing"
)

// patterns and texts cross: each pattern must say of each text what regexp says.
var patterns = []string{
	`user unknown`, `(?i)User Unknown`, `^a`, `a$`, `^$`, ``, `\bcat\b`, `\Bcat`, `(?m)^cat$`, `(?m)cat$`,
	`a.{0,3}b`, `a[^b]*b`, `(?:mailbox|account) (?:is )?full`, `не найден`, `(?i)НЕ найден`, `[а-я]+ю`, `ß|ſ`, `(?i)s`, `(?i)k`,
	`\d{3} \d\.\d{1,3}\.\d{1,3}`, `(a|b)*abb`, `a\sb`, `(?s)a.b`, `a.b`, `\x{FFFD}`, `[^\n]`, `\z`, `\A\z`, `x*`,
	`(?:said|talking to)[: ]+(?P<reply>\d{3})`, `\w+@\w+`,
}

var texts = []string{
	"", "a", "b", "ab", "aab", "aabb", "abb", "cat", "concat", "cat s", "the cat\nsat", "x\ncat\ny", "catcat", "User unknown", "550 5.1.1 user unknown",
	"mailbox is full", "account full", "пользователь не найден", "НЕ НАЙДЕН", "ю", "ſ", "ß", "K", "s", "a\nb", "a b", "a  b", "a\tb", "\xff", "a\xffb", "\n", "\n\n",
	"while talking to 550", "neko@example", "axxxb", "axxxxb", "a\u2028b",
}

func machine(tb testing.TB, pattern string) *Machine {
	tb.Helper()
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		tb.Skip()
	}
	m, err := Compile(re)
	if err != nil {
		tb.Skip()
	}
	return m
}

func TestMatch(t *testing.T) {
	for _, p := range patterns {
		m, re := machine(t, p), regexp.MustCompile(p)
		for _, text := range texts {
			got, ok := m.Match(text)
			same, _ := m.MatchBytes([]byte(text))
			if want := re.MatchString(text); !ok || got != want || same != want {
				t.Errorf("%q on %q: got %v (%v), want %v", p, text, got, ok, want)
			}
		}
	}
}

func TestConcurrent(t *testing.T) {
	m := machine(t, `(a|b)*abb|не найден`)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, text := range texts {
				m.Match(text)
			}
			if got, ok := m.Match("xaabb"); !got || !ok {
				t.Error("no match")
			}
		})
	}
	all.Wait()
}

// TestTooManyStates holds that a machine gives up rather than grow.
func TestTooManyStates(t *testing.T) {
	m := machine(t, `a[ab]{14}c`)
	text := ""
	for i := range 1 << 12 {
		if i*i%7 < 3 {
			text += "a"
		} else {
			text += "b"
		}
		text += strings.Repeat("ab", i%5)
	}
	if _, ok := m.Match(text); ok {
		t.Skip("it fits")
	}
	if len(m.states) > maxStates {
		t.Errorf("%d states", len(m.states))
	}
}

func FuzzMatch(f *testing.F) {
	for _, p := range patterns {
		f.Add(p, "550 5.1.1 user unknown")
	}
	for _, text := range texts {
		f.Add(`(?i)\bcat.{0,4}$`, text)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 60 || len(text) > 300 {
			t.Skip()
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			t.Skip()
		}
		got, ok := machine(t, pattern).Match(text)
		if want := re.MatchString(text); ok && got != want {
			t.Errorf("%q on %q: got %v, want %v", pattern, text, got, want)
		}
	})
}

const diagnostic = "550 5.1.1 <neko@example.org>: recipient address rejected: user unknown in virtual mailbox table (in reply to rcpt to command)"

func BenchmarkMatch(b *testing.B) {
	m := machine(b, `mail ?box (?:is |was )?(?:over quota|full)|quota exceeded`)
	b.SetBytes(int64(len(diagnostic)))
	for b.Loop() {
		m.Match(diagnostic)
	}
}

func BenchmarkRegexp(b *testing.B) {
	re := regexp.MustCompile(`mail ?box (?:is |was )?(?:over quota|full)|quota exceeded`)
	b.SetBytes(int64(len(diagnostic)))
	for b.Loop() {
		re.MatchString(diagnostic)
	}
}
