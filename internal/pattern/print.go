package pattern

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// write writes a folded tree as RE2 without flags. (String of package syntax looks
// at each character of each class.)
func write(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(regexp.QuoteMeta(string(re.Rune)))
	case syntax.OpCharClass:
		writeClass(b, re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('.')
	case syntax.OpBeginText, syntax.OpBeginLine:
		b.WriteString(`\A`)
	case syntax.OpEndText, syntax.OpEndLine:
		b.WriteString(`\z`)
	case syntax.OpWordBoundary:
		b.WriteString(`\b`)
	case syntax.OpNoWordBoundary:
		b.WriteString(`\B`)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			write(b, sub)
		}
	case syntax.OpAlternate:
		writeAlternate(b, re.Sub)
	case syntax.OpCapture:
		b.WriteString("(?P<" + re.Name + ">")
		write(b, re.Sub[0])
		b.WriteByte(')')
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		writeRepeat(b, re)
	case syntax.OpNoMatch:
		b.WriteString(`[^\x00-\x{10FFFF}]`)
	default:
		b.WriteString("(?:)")
	}
}

func writeAlternate(b *strings.Builder, subs []*syntax.Regexp) {
	b.WriteString("(?:")
	for i, sub := range subs {
		if i > 0 {
			b.WriteByte('|')
		}
		write(b, sub)
	}
	b.WriteByte(')')
}

func writeRepeat(b *strings.Builder, re *syntax.Regexp) {
	sub := re.Sub[0]
	switch {
	case sub.Op == syntax.OpCharClass, sub.Op == syntax.OpAnyChar, sub.Op == syntax.OpAlternate, sub.Op == syntax.OpCapture,
		sub.Op == syntax.OpLiteral && len(sub.Rune) == 1:
		write(b, sub)
	default:
		b.WriteString("(?:")
		write(b, sub)
		b.WriteByte(')')
	}
	switch re.Op {
	case syntax.OpStar:
		b.WriteByte('*')
	case syntax.OpPlus:
		b.WriteByte('+')
	case syntax.OpQuest:
		b.WriteByte('?')
	default:
		b.WriteString("{" + strconv.Itoa(re.Min))
		if re.Max != re.Min {
			b.WriteByte(',')
			if re.Max > 0 {
				b.WriteString(strconv.Itoa(re.Max))
			}
		}
		b.WriteByte('}')
	}
	if re.Flags&syntax.NonGreedy != 0 {
		b.WriteByte('?')
	}
}

// writeClass writes the pairs of a class, or those that it leaves out where it
// reaches to the last character.
func writeClass(b *strings.Builder, pairs []rune) {
	if len(pairs) == 0 {
		b.WriteString(`[^\x00-\x{10FFFF}]`)
		return
	}
	b.WriteByte('[')
	if last := len(pairs) - 1; pairs[last] == utf8.MaxRune && (len(pairs) > 2 || pairs[0] > 0) {
		b.WriteByte('^')
		pairs = gapsBetween(pairs)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		writeRune(b, pairs[i])
		if pairs[i+1] > pairs[i] {
			b.WriteByte('-')
			writeRune(b, pairs[i+1])
		}
	}
	b.WriteByte(']')
}

// gapsBetween gives what the pairs of a class leave out below their end.
func gapsBetween(pairs []rune) []rune {
	var out []rune
	next := rune(0)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] > next {
			out = append(out, next, pairs[i]-1)
		}
		next = pairs[i+1] + 1
	}
	return out
}

func writeRune(b *strings.Builder, r rune) {
	switch {
	case r > ' ' && r < 0x7f && strings.ContainsRune(`\]^-[`, r):
		b.WriteByte('\\')
		b.WriteRune(r)
	case r >= ' ' && r < 0x7f || r > 0xff && r < utf8.RuneError && strconv.IsPrint(r):
		b.WriteRune(r)
	default:
		b.WriteString(`\x{` + strconv.FormatInt(int64(r), 16) + "}")
	}
}
