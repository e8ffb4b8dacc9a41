package pattern

import (
	"slices"
	"strings"
	"sync"
)

// unaccented says how letters of Latin script are written where only ASCII can be:
// first as in German and Danish, then with the mark left out. A program that has no rules
// of its user's never asks.
var unaccented = sync.OnceValue(func() [2]*strings.Replacer {
	return [2]*strings.Replacer{
		plainLetters("ä", "ae", "ö", "oe", "ü", "ue", "ø", "oe", "å", "aa", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "Ø", "Oe", "Å", "Aa"),
		plainLetters("ä", "a", "ö", "o", "ü", "u", "ø", "o", "å", "a", "Ä", "A", "Ö", "O", "Ü", "U", "Ø", "O", "Å", "A"),
	}
})

// plainLetters makes a replacer of the letters given and of those that have one form.
func plainLetters(pairs ...string) *strings.Replacer {
	const marked, bare = "áàâãéèêëíìîïóòôõúùûýçñąćęłńśźżčďěňřšťůžğışșțţăőű", "aaaaeeeeiiiioooouuuycnacelnszzcdenrstuzgissttaou"
	marks := []rune(marked)
	for i, r := range marks {
		pairs = append(pairs, string(r), bare[i:i+1])
	}
	return strings.NewReplacer(append(pairs, "æ", "ae", "ß", "ss", "É", "E", "À", "A", "Ł", "L", "Ś", "S", "Š", "S", "Č", "C", "İ", "I")...)
}

// umlautClasses makes one letter of the classes that patterns have for a letter with
// and without its mark: without it, it may be two.
var umlautClasses = strings.NewReplacer("[aä]", "ä", "[äa]", "ä", "[oö]", "ö", "[öo]", "ö", "[uü]", "ü", "[üu]", "ü", "[sß]+", "ß", "[aå]", "å", "[oø]", "ø")

// WithPlain returns a pattern that also matches what the pattern matches, written
// without the accents of Latin script, as mail in ASCII has it: "Empfaenger",
// "wiadomosci". A pattern with named groups is left as it is.
func WithPlain(source string) string {
	if strings.Contains(source, "(?P<") || !isAccented(source) {
		return source
	}
	var out []string
	for _, branch := range branches(source) {
		out = append(out, branch)
		for _, form := range Plain(umlautClasses.Replace(branch)) {
			if !slices.Contains(out, form) {
				out = append(out, form)
			}
		}
	}
	return "(?:" + strings.Join(out, "|") + ")"
}

// Plain returns the forms that a text has without the accents of Latin script, none
// where it has no accents.
func Plain(s string) []string {
	if !isAccented(s) {
		return nil
	}
	var forms []string
	for _, letters := range unaccented() {
		if form := letters.Replace(s); form != s && !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	return forms
}

// isAccented reports whether a text holds letters of Latin script beyond ASCII.
func isAccented(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0xC0 && r < 0x250 })
}

// branches splits a pattern at the bars that stand in no group or class.
func branches(source string) []string {
	var out []string
	depth, class, from := 0, false, 0
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			out, from = append(out, source[from:i]), i+1
		}
	}
	return append(out, source[from:])
}
