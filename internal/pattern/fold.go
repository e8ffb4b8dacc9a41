package pattern

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The characters beyond ASCII that differ only in case from one of ASCII.
const kelvin, longS = "\u212a", "\u017f"

// literal makes nodes for a literal: where its case does not count, one for each run
// of ASCII, and a class for each other character.
func (b *builder) literal(re *syntax.Regexp, next *node) *node {
	if re.Flags&syntax.FoldCase == 0 {
		return b.node(node{op: opText, text: string(re.Rune), next: next})
	}
	for end := len(re.Rune); end > 0; {
		start := end
		for start > 0 && re.Rune[start-1] < utf8.RuneSelf {
			start--
		}
		if start < end {
			next = b.node(node{op: opFold, text: strings.ToLower(string(re.Rune[start:end])), next: next})
			end = start
			continue
		}
		end--
		next = b.node(node{op: opClass, class: foldClassOf(re.Rune[end]), min: 1, max: 1, next: next})
	}
	return next
}

// foldClassOf makes the class of a character and those that differ from it in case.
func foldClassOf(r rune) *class {
	same := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		same = append(same, f)
	}
	slices.Sort(same)
	c := &class{}
	for _, f := range same {
		c.ranges = append(c.ranges, f, f)
	}
	c.fillASCII()
	return c
}

// addFold adds the bytes that a character of ASCII in either case starts with.
func (b *byteSet) addFold(c byte) {
	for _, v := range variants(c) {
		b.add(v[0])
	}
}

// variants gives the forms of a character of lower case ASCII without regard to case.
func variants(c byte) []string {
	switch {
	case c == 'k':
		return []string{"k", "K", kelvin}
	case c == 's':
		return []string{"s", "S", longS}
	case 'a' <= c && c <= 'z':
		return []string{string(c), string(c - 'a' + 'A')}
	}
	return []string{string(c)}
}

// foldedSize gives the size of the part at the start of a text that differs from a
// literal in lower case ASCII by its case at most, -1 where there is none.
func foldedSize(text []byte, literal string) int {
	at := 0
	for i := range len(literal) {
		if at >= len(text) {
			return -1
		}
		c, want := text[at], literal[i]
		switch {
		case c == want, c|0x20 == want && 'a' <= want && want <= 'z':
			at++
		case want == 'k' && strings.HasPrefix(string(text[at:min(at+len(kelvin), len(text))]), kelvin):
			at += len(kelvin)
		case want == 's' && strings.HasPrefix(string(text[at:min(at+len(longS), len(text))]), longS):
			at += len(longS)
		default:
			return -1
		}
	}
	return at
}
