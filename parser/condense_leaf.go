package parser

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// A leafReader collects a body without parts: decoded, bounded, head and tail.
type leafReader struct {
	c          *condenser
	start      int // of the body in the result
	head, tail int // bytes to keep
	transfer   transfer
	base64     base64Decoder
	headEnd    int // where the head ends once something was cut, else 0
	full       bool
	// markup filters HTML (where html is set) that is longer than head; what it has
	// not seen starts at fresh, 0 where it has seen nothing yet.
	html   bool
	markup markupFilter
	fresh  int
}

// leaf condenses a body without parts: head and tail bytes of it.
func (c *condenser) leaf(e *entity, head, tail int) {
	what, limit := cutText, head+tail
	if room := max(bodiesCap-c.bodyBytes, 0); limit > room {
		what, limit = cutTexts, bodiesCap
		head, tail = min(head, room), min(tail, max(room-head, 0))
	}
	mark := len(c.out)
	c.writeType(e, e.media, "")
	l := leafReader{c: c, start: len(c.out), head: head, tail: tail, transfer: e.transfer}
	l.html = e.media == "text/html"
	if l.transfer == base64Transfer && !c.encoded() {
		l.transfer = identity
		c.damage("base64 announced, but the text is plain")
	}
	if found := l.lines(e); found != "" {
		c.restructure(e, mark, l.start, found)
		return
	}
	l.finish()
	if l.headEnd > 0 && e.kind() != sniffBody && c.returned == 0 {
		c.cut(what, limit)
	}
	switch {
	case e.kind() == sniffBody && !looksLikeText(c.out[l.start:]):
		c.out = c.out[:l.start]
	case e.kind() == messageBody || e.kind() == headerBody:
		c.guard(l.start)
	default:
		if l.transfer == identity && c.returned == 0 {
			c.recoverLost(l.start)
		}
		c.finishText(l.start, e.charset, e.media == "text/html")
	}
	c.made[c.cur].to = len(c.out)
	c.bodyBytes += len(c.out) - l.start
}

// lines reads the body to its end. Where it is that of a message that names no
// type, and a line looks like the delimiter of a multipart, it returns the boundary.
func (l *leafReader) lines(e *entity) (found string) {
	c := l.c
	unknown := (!e.given || e.boundary != "") && e.parent == ""
	for {
		line, ok := c.line()
		if !ok {
			return ""
		}
		if l.full {
			continue
		}
		if unknown && likeDelimiter(line) && c.ended() {
			line = bytes.Clone(line) // looking ahead may move the buffer
			if found = string(trimRight(line[2:])); found == e.boundary {
				return found
			}
			found = c.undeclared(line, false)
			if found != "" && !announces(c.out[l.start:], found) {
				return found
			}
		}
		l.take(line)
		if len(c.out)-l.start > l.head {
			l.bound(e.charset)
		}
	}
}

// take decodes a line and appends it to the body.
func (l *leafReader) take(line []byte) {
	c := l.c
	ended := c.ended()
	switch l.transfer {
	case quotedPrintable:
		var soft bool
		c.out, soft = appendQuoted(c.out, line)
		ended = ended && !soft
	case base64Transfer:
		if isBase64(line) {
			c.out = l.base64.append(c.out, line)
		} else {
			c.damage("base64 text holds other lines: dropped")
		}
		ended = false
	default:
		c.out = append(c.out, line...)
	}
	if ended {
		c.out = append(c.out, '\n')
	}
}

// bound cuts between head and tail when twice the tail has come together. Of HTML,
// it drops the markup first.
func (l *leafReader) bound(charset string) {
	c := l.c
	if l.html && l.fresh == 0 {
		l.html = filterable(c.out[l.start:], charset)
		l.fresh = l.start
	}
	if l.html {
		c.out = l.markup.filter(c.out, l.fresh)
		if l.fresh = len(c.out); l.fresh-l.start <= l.head {
			return
		}
	}
	if l.tail == 0 {
		c.out = c.out[:l.start+l.head]
		l.headEnd, l.full = len(c.out), true
		return
	}
	if len(c.out)-l.start > l.head+2*l.tail {
		l.cut()
	}
}

// cut keeps of the body the head and the last tail bytes, from a line start on.
func (l *leafReader) cut() {
	c := l.c
	if l.headEnd == 0 {
		l.headEnd = l.start + l.head
		if i := bytes.LastIndexByte(c.out[l.start:l.headEnd], '\n'); i >= 0 {
			l.headEnd = l.start + i
		}
		c.out[l.headEnd] = '\n'
		l.headEnd++
	}
	from := len(c.out) - l.tail
	if i := bytes.IndexByte(c.out[from:], '\n'); i >= 0 && from+i+1 < len(c.out) {
		from += i + 1
	}
	n := copy(c.out[l.headEnd:], c.out[from:])
	c.out = c.out[:l.headEnd+n]
	l.fresh = len(c.out)
}

// finish ends the body.
func (l *leafReader) finish() {
	if l.transfer == base64Transfer {
		l.c.out = l.base64.flush(l.c.out)
	}
	if l.html && l.fresh > 0 {
		l.c.out = l.markup.filter(l.c.out, l.fresh)
	}
	if len(l.c.out)-l.start > l.head+l.tail {
		l.cut()
	}
}

// Bounds of the look at a body that is said to be base64.
const (
	base64Ahead = 1 << 10
	base64Line  = 56 // characters in a row that text hardly has
	// base64Strays are lines that may have slipped in before.
	base64Strays = 1
)

// encoded looks ahead whether a body that is said to be base64 is.
func (c *condenser) encoded() bool {
	var seen []byte
	for len(seen) < base64Ahead {
		line, ok := c.ahead()
		if !ok {
			break
		}
		if !c.ended() {
			verdict := isBase64(line[:base64Line])
			c.in.unread(line)
			c.pushLines(seen)
			return verdict
		}
		seen = append(append(seen, line...), '\n')
	}
	c.pushLines(seen)
	return mostlyBase64(seen)
}

// pushLines gives lines back, each with its LF.
func (c *condenser) pushLines(lines []byte) {
	if len(lines) > 0 {
		c.in.push(lines[:len(lines)-1])
	}
}

// mostlyBase64 tells whether text has a long line of base64 near its top, or nothing
// else.
func mostlyBase64(text []byte) bool {
	chars, others := 0, 0
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		switch {
		case !isBase64(line):
			others++
		case len(line) >= base64Line:
			return others <= base64Strays
		default:
			chars += len(line)
		}
	}
	return others == 0 && chars%4 == 0
}

// finishText makes the text from start on UTF-8 with LF line ends.
func (c *condenser) finishText(start int, charset string, html bool) {
	body := c.out[start:]
	if !plainASCII(body) || charset != "" && shiftsCharset(charset) {
		text, problem := decodeText(body, charset, html)
		if problem != "" {
			c.damage(problem)
		}
		c.out = append(c.out[:start], visible(text)...)
		body = c.out[start:]
	}
	if bytes.IndexByte(body, '\r') >= 0 {
		c.out = c.out[:start+len(lfOnly(body))]
	}
	c.guard(start)
}

// lfOnly makes the line ends of b LF, in place.
func lfOnly(b []byte) []byte {
	to := b[:0]
	for i, c := range b {
		switch {
		case c != '\r':
			to = append(to, c)
		case i+1 == len(b) || b[i+1] != '\n':
			to = append(to, '\n')
		}
	}
	return to
}

// guard sees to it that the body from start on holds no delimiter of the result.
func (c *condenser) guard(start int) {
	body := c.out[start:]
	stem := []byte("--" + boundaryStem)
	for {
		i := bytes.Index(body, stem)
		if i < 0 {
			return
		}
		body[i] = ' '
		body = body[i+len(stem):]
	}
}

// plainASCII tells whether b is ASCII without control characters that matter: no
// NUL, no escape sequences.
func plainASCII(b []byte) bool {
	return isASCIIBytes(b) && bytes.IndexByte(b, 0) < 0 && bytes.IndexByte(b, 0x1b) < 0 && bytes.IndexByte(b, 0x0e) < 0
}

// isASCIIBytes tells whether b is ASCII.
func isASCIIBytes(b []byte) bool {
	const high = 0x8080808080808080
	for len(b) >= 32 {
		word := binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) |
			binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
		if word&high != 0 {
			return false
		}
		b = b[32:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// looksLikeText tells whether b can be read as text: hardly any control
// characters.
func looksLikeText(b []byte) bool {
	controls := 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f' && c != 0x1b || c == 0x7f {
			controls++
		}
	}
	return controls*50 <= len(b)
}
