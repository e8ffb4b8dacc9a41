package mailbox

import (
	"errors"
	"fmt"
	"io"
)

var errJunk = errors.New("this is not JSON")

// A jsonStream cuts a window into JSON values. It does not check them: that is
// for those who read them.
type jsonStream struct {
	w       *window
	lines   bool // JSON lines: a line is a value, whole or not
	inArray bool // in an array around all values

	// Of the current value:
	depth   int
	quoted  bool // in a string
	escaped bool // after a backslash in one
	done    bool
	cut     bool // the stream ended in it
	unread  int
	rest    []byte
}

// newJSON looks at the start of a stream; alone tells whether it is one value.
func newJSON(w *window) (j *jsonStream, alone bool) {
	w.fill(windowSize)
	d := w.data()
	probe := jsonStream{}
	n := probe.scan(d)
	if !probe.done {
		return &jsonStream{w: w, done: true}, false
	}
	after := n + blanks(d[n:], false)
	text, _ := line(d)
	lines := n <= text && after < len(d) && isEOL(d[after-1])
	alone = after == len(d) && w.err == io.EOF && d[0] == '{'
	return &jsonStream{w: w, done: true, lines: lines}, alone
}

// blanks counts white space at the start of b, and commas too if asked.
func blanks(b []byte, commas bool) int {
	for i, c := range b {
		if c != ' ' && c != '\t' && !isEOL(c) && (c != ',' || !commas) {
			return i
		}
	}
	return len(b)
}

// next goes to the next value; false at the end. The error is of what was
// passed over on the way to it.
func (j *jsonStream) next() (at int64, junk *Error, ok bool) {
	for j.piece() != nil {
		continue
	}
	for j.w.fill(2) || j.w.fill(1) {
		d := j.w.data()
		switch n := blanks(d, j.inArray); {
		case n > 0:
			j.w.advance(n)
		case d[0] == ']' && j.inArray:
			j.inArray = false
			j.w.advance(1)
		case d[0] == '[' && !j.inArray && !j.lines && j.arrayOfObjects():
			j.inArray = true
			j.w.advance(1)
		case d[0] == '{' || d[0] == '[':
			*j = jsonStream{w: j.w, lines: j.lines, inArray: j.inArray}
			return j.w.off, junk, true
		default:
			if junk == nil {
				junk = &Error{Offset: j.w.off, Err: fmt.Errorf("%w: %w", ErrDamaged, errJunk), Hint: "the values after it were read"}
			}
			j.skipLine()
		}
	}
	return j.w.off, junk, false
}

// arrayOfObjects tells whether the array that starts here holds objects.
func (j *jsonStream) arrayOfObjects() bool {
	j.w.fill(sniffSize)
	d := j.w.data()[1:]
	n := blanks(d, false)
	return n < len(d) && d[n] == '{'
}

// skipLine passes over the rest of a line.
func (j *jsonStream) skipLine() {
	for j.w.fill(1) {
		text, whole := line(j.w.data())
		j.w.advance(whole)
		if whole > text {
			return
		}
	}
}

// scan follows a value through b, to its end or to that of b.
func (j *jsonStream) scan(b []byte) int {
	for i := 0; i < len(b); i++ {
		if j.quoted {
			if i += j.scanString(b[i:]); i == len(b) {
				break
			}
		}
		switch b[i] {
		case '"':
			j.quoted = !j.quoted
		case '{', '[':
			j.depth++
		case '}', ']':
			if j.depth--; j.depth <= 0 {
				j.done = true
				return i + 1
			}
		}
	}
	return len(b)
}

// scanString gives where in b the string ends that b continues: at its quote,
// or at a line end, which cannot stand in one.
func (j *jsonStream) scanString(b []byte) int {
	if j.escaped && len(b) > 0 {
		j.escaped = false
		if len(b) > 1 {
			return 1 + j.scanString(b[1:])
		}
		return 1
	}
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i
		case '\n':
			j.quoted = false
			return i
		case '\\':
			if i++; i == len(b) {
				j.escaped = true
			}
		}
	}
	return len(b)
}

// piece gives the next bytes of the value, valid until the next call; nil at its end.
func (j *jsonStream) piece() []byte {
	if len(j.rest) > 0 {
		p := j.rest
		j.rest = nil
		return p
	}
	j.w.advance(j.unread)
	j.unread = 0
	if j.done {
		return nil
	}
	if !j.w.fill(1) {
		j.done, j.cut = true, !j.lines
		return nil
	}
	d := j.w.data()
	if j.lines {
		text, whole := line(d)
		j.done = whole > text
		d = d[:text]
		j.unread = whole
		if text == 0 { // the line end alone was left
			j.w.advance(whole)
			j.unread = 0
			return nil
		}
		return d
	}
	j.unread = j.scan(d)
	return d[:j.unread]
}

// Read gives the bytes of the current value.
func (j *jsonStream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	piece := j.piece()
	if piece == nil {
		return 0, io.EOF
	}
	n := copy(p, piece)
	j.rest = piece[n:]
	return n, nil
}

// readJSON yields the values of a JSON source.
func (s *session) readJSON(src *source) bool {
	j, alone := newJSON(src.w)
	number := 0
	for {
		at, junk, ok := j.next()
		if j.cut && src.w.failure() == nil {
			hint := "get the whole file"
			e := &Error{Path: src.path, Number: number, Offset: at, Err: fmt.Errorf("%w, in the middle of a JSON value", ErrTruncated), Hint: hint}
			return s.fail(e)
		}
		if junk != nil {
			junk.Path = src.path
			if !s.fail(junk) {
				return false
			}
		}
		if !ok {
			break
		}
		if !alone {
			number++
		}
		m := &Message{Path: src.path, Number: number, Offset: at, Format: JSON, BaseName: src.baseName(), Reader: j}
		n := number
		m.cut = func() error { return j.cutShort(src, n) }
		if !s.message(m) {
			return false
		}
	}
	if src.w.failure() != nil {
		return s.fail(src.failure(number))
	}
	return true
}

// cutShort tells what ended the stream in the middle of the current value.
func (j *jsonStream) cutShort(src *source, n int) error {
	switch {
	case !j.cut:
		return nil
	case src.w.failure() != nil:
		return src.failure(n)
	}
	return &Error{Path: src.path, Number: n, Err: fmt.Errorf("%w, in the middle of a JSON value", ErrTruncated)}
}
