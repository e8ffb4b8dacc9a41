package sift

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// dropped marks a rune that has no place in folded text.
const dropped = -1

// asciiFold gives the folded byte of each ASCII byte: white space and control
// characters become a space, letters lower case.
var asciiFold = func() (t [utf8.RuneSelf]byte) {
	for i := range t {
		c := byte(i)
		switch {
		case c <= ' ' || c == 0x7f:
			c = ' '
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		t[i] = c
	}
	return t
}()

// FoldRune gives the folded form of a rune, or -1 where folding drops it.
func FoldRune(r rune) rune {
	switch {
	case r < 0:
		return dropped
	case r < utf8.RuneSelf:
		return rune(asciiFold[r])
	}
	switch r {
	case '\u2018', '\u2019', '\u201b', '\u02bc':
		return '\''
	case '\u201c', '\u201d', '\u201f':
		return '"'
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return dropped
	case '\u017f': // long s
		return 's'
	case '\u03c2': // final sigma
		return '\u03c3'
	case '\u00b5': // micro sign; regexp/syntax writes it for mu
		return '\u03bc'
	case '\u0345', '\u1fbe': // iota subscript; regexp/syntax writes it for iota
		return '\u03b9'
	}
	if unicode.IsSpace(r) || unicode.IsControl(r) {
		return ' '
	}
	return unicode.ToLower(r)
}

// Fold appends the folded form of s to dst, without white space at its ends.
// A byte that is no UTF-8 folds to the replacement character.
func Fold(dst []byte, s string) []byte {
	dst = slices.Grow(dst, len(s))
	start, n := len(dst), len(dst)
	buf := dst[:cap(dst)]
	space := true // the last byte written was a space, or nothing was written
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			i += size - 1
			if r = FoldRune(r); r == dropped || r == ' ' && space {
				continue
			}
			space = r == ' '
			buf = utf8.AppendRune(buf[:n], r)
			n = len(buf)
			buf = slices.Grow(buf, len(s)-i)
			buf = buf[:cap(buf)]
			continue
		}
		c = asciiFold[c]
		if c == ' ' {
			if space {
				continue
			}
			space = true
		} else {
			space = false
		}
		buf[n] = c
		n++
	}
	if space && n > start {
		n--
	}
	return buf[:n]
}

// Span gives the part s[start:end] of a text that stands behind the part
// [from, to) of its folded form.
func Span(s string, from, to int) (start, end int) {
	n := 0 // length of the folded form of s[:i]
	space := true
	start, end = -1, len(s)
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r < utf8.RuneSelf {
			r = rune(asciiFold[r])
		} else {
			r, size = utf8.DecodeRuneInString(s[i:])
			r = FoldRune(r)
		}
		if r == dropped || r == ' ' && space {
			i += size
			continue
		}
		if n >= to {
			end = i
			break
		}
		if n >= from && start < 0 {
			start = i
		}
		space = r == ' '
		if n++; r >= utf8.RuneSelf {
			n += utf8.RuneLen(r) - 1
		}
		i += size
	}
	if start < 0 {
		return len(s), len(s)
	}
	return start, trimEnd(s, start, end)
}

// trimEnd moves end back over what folded into the space before it.
func trimEnd(s string, start, end int) int {
	for end > start {
		r, size := utf8.DecodeLastRuneInString(s[start:end])
		if f := FoldRune(r); f != ' ' && f != dropped {
			break
		}
		end -= size
	}
	return end
}
