package parser

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	lineBuffer  = 64 << 10 // a longer line comes in pieces
	emptyReads  = 100      // reads without data or error before giving up
	beyondBytes = -1       // lineReader: no such byte in the buffer
)

// A lineReader cuts a stream into lines that end in LF, CRLF or a bare CR. Its
// memory is constant: of a line longer than its buffer it returns pieces.
type lineReader struct {
	r          io.Reader
	buf        []byte
	start, end int
	// lf and cr are the next LF and CR at or after start, or beyondBytes.
	lf, cr int
	eof    bool
	err    error
	// pushed holds lines to return again, each with its LF, before what buf holds.
	pushed, pushBuffer []byte
	// inside tells that the last piece did not end its line.
	inside bool
	// again tells that the last line had been pushed.
	again bool
}

// reset makes l read r, with the buffer it has.
func (l *lineReader) reset(r io.Reader) {
	if l.buf == nil {
		l.buf = make([]byte, lineBuffer)
	}
	*l = lineReader{r: r, buf: l.buf, lf: beyondBytes, cr: beyondBytes, pushBuffer: l.pushBuffer[:0]}
	l.fill()
	if b := l.buf[:l.end]; bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		// UTF-16, as some editors save a mail.
		head := bytes.NewReader(bytes.Clone(b))
		utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		l.reset(transform.NewReader(io.MultiReader(head, r), utf16))
	}
}

// next returns the next line without its end, or ok == false at the end of the
// input. whole tells that it begins and ends here. The line is valid until the
// next call.
func (l *lineReader) next() (line []byte, whole, ok bool) {
	if l.again = len(l.pushed) > 0; l.again {
		i := bytes.IndexByte(l.pushed, '\n')
		line = l.pushed[:i]
		l.pushed = l.pushed[i+1:]
		return line, true, true
	}
	for {
		end := l.lineEnd()
		if end >= 0 && (l.buf[end] == '\n' || l.eof || end+2 < l.end) {
			line = l.buf[l.start:end]
			l.advance(end + breakLength(l.buf[end:l.end]))
			whole, l.inside = !l.inside, false
			return line, whole, true
		}
		if l.eof {
			return l.rest()
		}
		if l.start == 0 && l.end == len(l.buf) {
			return l.piece()
		}
		l.fill()
	}
}

// rest returns what stands after the last line end.
func (l *lineReader) rest() (line []byte, whole, ok bool) {
	if l.start == l.end {
		return nil, false, false
	}
	line = l.buf[l.start:l.end]
	l.start = l.end
	whole, l.inside = !l.inside, false
	return line, whole, true
}

// piece returns a full buffer that holds no line end, but for its last bytes:
// these may be part of one, or of a quoted-printable triple.
func (l *lineReader) piece() (line []byte, whole, ok bool) {
	cut := l.end - 2
	if i := bytes.IndexByte(l.buf[cut-2:cut], '='); i >= 0 {
		cut += i - 2
	}
	line = l.buf[:cut]
	l.start = cut
	l.inside = true
	return line, false, true
}

// breakLength is the length of the line end that b starts with. CR CR LF, which
// some gateways make of CRLF, is one line end.
func breakLength(b []byte) int {
	switch {
	case b[0] == '\n':
		return 1
	case len(b) > 1 && b[1] == '\n':
		return 2
	case len(b) > 2 && b[1] == '\r' && b[2] == '\n':
		return 3
	}
	return 1
}

// lineEnd is where the line at start ends in the buffer, or beyondBytes.
func (l *lineReader) lineEnd() int {
	switch {
	case l.cr < 0:
		return l.lf
	case l.lf < 0 || l.cr < l.lf:
		return l.cr
	}
	return l.lf
}

// advance moves start, and finds the next LF and CR where they were passed.
func (l *lineReader) advance(start int) {
	l.start = start
	if l.lf >= 0 && l.lf < start {
		l.lf = indexFrom(l.buf[:l.end], start, '\n')
	}
	if l.cr >= 0 && l.cr < start {
		l.cr = indexFrom(l.buf[:l.end], start, '\r')
	}
}

// fill moves what is left to the front of the buffer and reads more.
func (l *lineReader) fill() {
	if l.start > 0 {
		copy(l.buf, l.buf[l.start:l.end])
		l.end -= l.start
		l.lf = max(l.lf-l.start, beyondBytes)
		l.cr = max(l.cr-l.start, beyondBytes)
		l.start = 0
	}
	old := l.end
	l.read()
	if l.lf < 0 {
		l.lf = indexFrom(l.buf[:l.end], old, '\n')
	}
	if l.cr < 0 {
		l.cr = indexFrom(l.buf[:l.end], old, '\r')
	}
}

// read reads once into the free part of the buffer, and notes how the input ends.
func (l *lineReader) read() {
	for range emptyReads {
		n, err := l.r.Read(l.buf[l.end:])
		l.end += n
		if err != nil {
			l.eof = true
			if !errors.Is(err, io.EOF) {
				l.err = err
			}
			return
		}
		if n > 0 {
			return
		}
	}
	l.eof, l.err = true, io.ErrNoProgress
}

// drain reads the input to its end.
func (l *lineReader) drain() {
	l.pushed = nil
	for !l.eof {
		l.start, l.end = 0, 0
		l.read()
	}
	l.start, l.end, l.lf, l.cr = 0, 0, beyondBytes, beyondBytes
}

// push makes line (or lines, with LF between them) the next to be returned.
func (l *lineReader) push(line []byte) {
	if len(l.pushed) == 0 {
		l.pushBuffer = append(append(l.pushBuffer[:0], line...), '\n')
		l.pushed = l.pushBuffer
		return
	}
	pushed := make([]byte, 0, len(line)+1+len(l.pushed))
	pushed = append(append(pushed, line...), '\n')
	l.pushed = append(pushed, l.pushed...)
}

func indexFrom(b []byte, start int, c byte) int {
	if i := bytes.IndexByte(b[start:], c); i >= 0 {
		return start + i
	}
	return beyondBytes
}

// unread gives back the piece of a line that next returned last.
func (l *lineReader) unread(piece []byte) {
	if l.again {
		l.push(piece)
		return
	}
	l.start -= len(piece)
	l.inside = false
}
