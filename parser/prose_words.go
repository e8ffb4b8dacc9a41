package parser

import (
	"unicode"
	"unicode/utf8"
)

// How a byte counts where white space is folded.
const (
	inWord = iota
	space  // the one that stands for all
	other  // white space of another kind, or what may be its first byte in UTF-8
)

// spacing maps each byte to how it counts.
var spacing = func() (table [256]uint8) {
	for r := range rune(utf8.RuneSelf) {
		if unicode.IsSpace(r) {
			table[r] = other
		}
	}
	for _, wide := range unicode.White_Space.R16 {
		if wide.Lo >= utf8.RuneSelf {
			table[string(rune(wide.Lo))[0]] = other
		}
	}
	table[' '] = space
	return table
}()

// oneLine joins lines, white space folded, and bounds the result.
func (r *proseReader) oneLine(limit int, lines ...string) string {
	if len(lines) == 1 && len(lines[0]) <= limit && isOneLine(lines[0]) {
		return lines[0]
	}
	out, full := r.room[:0], false
	for _, line := range lines {
		if len(out)+1+len(line) <= limit {
			if next, ok := appendPlain(out, line); ok {
				out = next
				continue
			}
		}
		if out, full = appendWords(out, line, limit); full {
			break
		}
	}
	r.room = out
	return string(out)
}

// isOneLine reports that words stand in a text with a single space between them, and
// nothing else. It may deny that of a text that is not ASCII.
func isOneLine(text string) bool {
	bad, last := uint8(0), uint8(space)
	for i := range len(text) {
		c := spacing[text[i]]
		bad |= c&last | c&other
		last = c & space
	}
	return bad|last == 0
}

// appendPlain appends the words of a line, a space before each; it is not ok where
// white space beyond ASCII parts them. There is room for all of it.
func appendPlain(dst []byte, line string) (out []byte, ok bool) {
	start := len(dst)
	out = append(append(dst, ' '), line...)
	if start == 0 {
		out = out[:len(line)]
	}
	n, last := len(out)-len(line), uint8(space)
	first := n
	for i := range len(line) {
		b := line[i]
		c := spacing[b]
		if c == other {
			switch r, _ := utf8.DecodeRuneInString(line[i:]); {
			case b < utf8.RuneSelf:
				b, c = ' ', space
			case unicode.IsSpace(r):
				return dst, false
			default:
				c = inWord
			}
		}
		out[n] = b
		n += 1 - int(c&last) // a space behind another is written over
		last = c
	}
	if n > first && last == space {
		n--
	}
	if n == first {
		return dst, true
	}
	return out[:n], true
}

// appendWords appends the words of a line, a space before each, up to a limit; full
// says that it was reached.
func appendWords(out []byte, line string, limit int) (_ []byte, full bool) {
	for i := 0; i < len(line); {
		from := i
		i = wordEnd(line, i)
		if from == i {
			_, n := utf8.DecodeRuneInString(line[i:]) // white space
			i += n
			continue
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		if room := limit - len(out); i-from > room {
			return append(out, wholeRunes(line[from:from+max(room, 0)])...), true
		}
		out = append(out, line[from:i]...)
	}
	return out, false
}

// wordEnd returns where the word ends that starts at i, i where white space stands.
func wordEnd(line string, i int) int {
	for i < len(line) {
		c := line[i]
		if c < utf8.RuneSelf {
			if c <= ' ' && unicode.IsSpace(rune(c)) {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(line[i:])
		if unicode.IsSpace(r) {
			return i
		}
		i += n
	}
	return i
}

// wholeRunes cuts off a rune that is cut in two at the end of s.
func wholeRunes(s string) string {
	for i := len(s) - 1; i >= 0 && i > len(s)-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			if !utf8.FullRuneInString(s[i:]) {
				return s[:i]
			}
			break
		}
	}
	return s
}
