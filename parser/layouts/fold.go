package layouts

import (
	"unicode"
	"unicode/utf8"
)

// cjk is where scripts begin that are written without spaces: two lines of such
// a text are joined without one.
const cjk = 0x2E80

// A Text is lines folded for matching: lower case, white space of any kind and
// length as one space, the lines joined. It can be reused.
type Text struct {
	buf    []byte
	starts []int32
}

// Reset empties the text and keeps its memory.
func (t *Text) Reset() {
	t.buf, t.starts = t.buf[:0], t.starts[:0]
}

// Add appends a line.
func (t *Text) Add(line string) {
	if n := len(t.buf); n > 0 && t.buf[n-1] != ' ' && !t.joins(line) {
		t.buf = append(t.buf, ' ')
	}
	t.starts = append(t.starts, int32(len(t.buf)))
	t.buf = appendFolded(t.buf, line)
}

// AddField appends a line that holds a header field.
func (t *Text) AddField(name, value string) {
	t.Add(name)
	t.buf = append(t.buf, ':', ' ')
	t.buf = appendFolded(t.buf, value)
}

// joins reports that a line carries on the one before it without a space.
func (t *Text) joins(line string) bool {
	last, _ := utf8.DecodeLastRune(t.buf)
	if last < cjk || last == utf8.RuneError {
		return false
	}
	first, _ := utf8.DecodeRuneInString(line)
	return first >= cjk && first != utf8.RuneError
}

// Len returns the number of lines.
func (t *Text) Len() int { return len(t.starts) }

// Line returns the folded form of line n.
func (t *Text) Line(n int) []byte { return t.buf[t.starts[n]:t.end(n)] }

// lines returns the folded form of lines from to to, both included.
func (t *Text) lines(from, to int) []byte {
	return t.buf[t.starts[max(from, 0)]:t.end(min(to, len(t.starts)-1))]
}

func (t *Text) end(n int) int32 {
	if n+1 < len(t.starts) {
		return t.starts[n+1]
	}
	return int32(len(t.buf))
}

// lineAt returns the line that holds an offset; near is a line not far from it.
func (t *Text) lineAt(offset int32, near int) int {
	for near+1 < len(t.starts) && t.starts[near+1] <= offset {
		near++
	}
	for near > 0 && t.starts[near] > offset {
		near--
	}
	return near
}

// lower maps the ASCII bytes to their lower case, and white space to a space.
var lower = func() (table [utf8.RuneSelf]byte) {
	for c := range table {
		table[c] = byte(unicode.ToLower(rune(c)))
		if c <= ' ' || c == 0x7f {
			table[c] = ' '
		}
	}
	return table
}()

// appendFolded appends one line: lower case, without white space at its ends,
// each other run of it one space.
func appendFolded(dst []byte, line string) []byte {
	space, start := true, len(dst)
	for i := 0; i < len(line); {
		c := line[i]
		if c < utf8.RuneSelf {
			c = lower[c]
			if c != ' ' || !space {
				dst = append(dst, c)
			}
			space = c == ' '
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(line[i:])
		i += n
		if unicode.IsSpace(r) {
			if !space {
				dst = append(dst, ' ')
			}
			space = true
			continue
		}
		space = false
		if n == 1 {
			dst = append(dst, '?')
			continue
		}
		dst = utf8.AppendRune(dst, foldRune(r))
	}
	if n := len(dst); n > start && space {
		dst = dst[:n-1]
	}
	return dst
}

// foldRune returns the one form that all runes have which RE2 takes for the same
// without regard to case.
func foldRune(r rune) rune {
	if r >= cjk && r < 0xA640 {
		return r
	}
	folded := unicode.ToLower(unicode.ToUpper(r))
	for same := unicode.SimpleFold(r); same != r; same = unicode.SimpleFold(same) {
		if same == folded {
			return folded
		}
	}
	return r
}

// Fold returns the folded form of a text of one line.
func Fold(s string) string { return string(appendFolded(nil, s)) }
