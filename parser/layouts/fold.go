package layouts

import (
	"slices"
	"sync"
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
	traits []Traits
}

// Reset empties the text and keeps its memory.
func (t *Text) Reset() {
	t.buf, t.starts, t.traits = t.buf[:0], t.starts[:0], t.traits[:0]
}

// Add appends a line.
func (t *Text) Add(line string) {
	if n := len(t.buf); n > 0 && t.buf[n-1] != ' ' && !t.joins(line) {
		t.buf = append(t.buf, ' ')
	}
	t.starts = append(t.starts, int32(len(t.buf)))
	folded, traits := appendFolded(t.buf, line)
	t.buf, t.traits = folded, append(t.traits, traits)
}

// AddField appends a line that holds a header field.
func (t *Text) AddField(name, value string) {
	t.Add(name)
	t.buf = append(t.buf, ':', ' ')
	t.buf, _ = appendFolded(t.buf, value)
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

// Has reports that line n holds a character of one of some traits.
func (t *Text) Has(n int, traits Traits) bool { return t.traits[n]&traits != 0 }

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

// Traits are what kinds of characters a line holds.
type Traits uint16

// The traits. The bits below them are used while folding.
const (
	folds      Traits = 1<<7 - 1        // what a character of ASCII folds to
	foldsSpace Traits = 1 << 7          // it folds to a space
	Ink        Traits = 1 << (6 + iota) // any character but white space
	At                                  // "@"
	Dot                                 // "."
	Colon                               // ":"
	Angle                               // "<" or ">"
	Digit                               // one of ASCII
	wide                                // a character beyond ASCII
)

// traits maps each byte to what it folds to and to its traits.
var traits = func() (table [256]Traits) {
	signs := map[rune]Traits{'@': At, '.': Dot, ':': Colon, '<': Angle, '>': Angle}
	for i := range table {
		c := rune(i)
		if c >= utf8.RuneSelf {
			table[i] = wide
			continue
		}
		table[i] = Traits(unicode.ToLower(c)) | signs[c]
		if c <= ' ' || c == 0x7f {
			table[i] = ' ' | foldsSpace
		}
		if unicode.IsDigit(c) {
			table[i] |= Digit
		}
		if !unicode.IsSpace(c) {
			table[i] |= Ink
		}
	}
	return table
}()

// appendFolded appends one line: lower case, without white space at its ends,
// each other run of it one space.
func appendFolded(dst []byte, line string) ([]byte, Traits) {
	start := len(dst)
	n, all, space := start, Traits(0), foldsSpace
	out := slices.Grow(dst, len(line))[:start+len(line)]
	for i := range len(line) {
		c := traits[line[i]]
		if c&wide != 0 {
			return appendRunes(out[:n], start, line[i:], all|wide, space != 0)
		}
		all |= c
		out[n] = byte(c & folds)
		n += 1 - int(c&space>>7) // a space behind another is written over
		space = c & foldsSpace
	}
	if n > start && space != 0 {
		n--
	}
	return out[:n], all
}

// appendRunes carries on where a line that was appended from start on is not ASCII.
func appendRunes(dst []byte, start int, line string, all Traits, space bool) ([]byte, Traits) {
	table := foldedRunes()
	for i := 0; i < len(line); {
		if c := traits[line[i]]; c&wide == 0 {
			if c&foldsSpace == 0 || !space {
				dst = append(dst, byte(c&folds))
			}
			all |= c
			space = c&foldsSpace != 0
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(line[i:])
		i += n
		switch {
		case n == 1:
			r = '?'
		case r < tabled:
			r = rune(table[r])
		case unicode.IsSpace(r):
			r = ' '
		default:
			r = foldRune(r)
		}
		if r != ' ' {
			all |= Ink
		} else if space {
			continue
		}
		space = r == ' '
		dst = utf8.AppendRune(dst, r)
	}
	if n := len(dst); n > start && space {
		dst = dst[:n-1]
	}
	return dst, all
}

// tabled is the end of the runes of which a table tells what they fold to: those of
// the scripts that have letters of two cases and are common.
const tabled = 0x530

var foldedRunes = sync.OnceValue(func() *[tabled]uint16 {
	var table [tabled]uint16
	for i := range table {
		if table[i] = uint16(foldRune(rune(i))); unicode.IsSpace(rune(i)) {
			table[i] = ' '
		}
	}
	return &table
})

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
func Fold(s string) string {
	folded, _ := appendFolded(nil, s)
	return string(folded)
}
