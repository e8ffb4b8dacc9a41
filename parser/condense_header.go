package parser

import (
	"bytes"
	"slices"
	"strings"
)

// An entity is a message or part whose header has been read.
type entity struct {
	contentType
	transfer transfer
	// parent is the media type of the multipart around it, index its place there.
	parent string
	index  int
	// given tells that the header names a media type.
	given bool
	// fields counts header fields, size the bytes kept of them.
	fields, size int
}

// What is done with a field.
const (
	dropField = iota
	keepField
	typeField
	otherField // a field that is read here and not kept: the transfer encoding
)

// header reads a header and writes what is kept of it, up to but without the
// empty line. Content-Type is left to the body, which knows better.
func (c *condenser) header(e *entity, inPart bool) {
	c.typeValue, c.other = c.typeValue[:0], c.other[:0]
	to := dropField
	for {
		line, ok := c.line()
		if !ok || len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(trimSpace(line)) == 0 && c.ended() {
				if e.fields == 0 || !c.goesOn() {
					break
				}
				continue
			}
			if e.fields > 0 {
				to = c.keep(e, to, line)
				continue
			}
		}
		name := fieldName(line)
		if len(name) > 0 && inPart && c.headless(e, name) {
			c.back(line)
			break
		}
		if len(name) == 0 {
			if c.garbage(e, line, inPart) {
				break
			}
			to = dropField
			continue
		}
		to = c.keep(e, c.begin(e, name, inPart), line)
	}
	if len(c.typeValue) > 0 {
		e.contentType = c.parsedType(e)
	}
	e.transfer = parseTransfer(c.other)
}

// parsedType reads the Content-Type value just collected.
func (c *condenser) parsedType(e *entity) contentType {
	_, value, _ := bytes.Cut(c.typeValue, []byte{':'})
	t := parseContentType(value)
	e.given = t.media != ""
	if !e.given {
		c.damage("Content-Type that names no type")
		t.media = e.media
	}
	return t
}

// fieldName is the name that the line begins with, or nil where it begins none.
func fieldName(line []byte) []byte {
	i := bytes.IndexByte(line, ':')
	if i <= 0 {
		return nil
	}
	name := trimRight(line[:i])
	for _, b := range name {
		if b <= ' ' || b >= 0x7f {
			return nil
		}
	}
	return name
}

// begin counts a field and says what to do with it.
func (c *condenser) begin(e *entity, name []byte, inPart bool) int {
	e.fields++
	if hasPrefixFold(name, "content-") {
		switch {
		case len(name) == len("content-type") && bytes.EqualFold(name, []byte("content-type")):
			if len(c.typeValue) > 0 {
				c.damage("more than one Content-Type: the first one holds")
				return dropField
			}
			return typeField
		case bytes.EqualFold(name, []byte("content-transfer-encoding")):
			c.other = c.other[:0]
			return otherField
		}
	}
	if e.fields > c.limits.Fields {
		c.cut(cutFields, "more than %d header fields: the rest was passed over", c.limits.Fields)
		return dropField
	}
	if inPart || useless(name) {
		return dropField
	}
	return keepField
}

// uselessFields are prefixes of fields that say nothing of a delivery and are
// large: signatures, seals and filters' notes.
var uselessFields = [...]string{
	"dkim-signature", "domainkey-signature", "arc-", "x-google-dkim-signature",
	"x-gm-message-state", "x-google-smtp-source", "x-microsoft-antispam",
	"x-forefront-antispam", "x-ms-exchange-crosstenant", "x-ms-exchange-antispam",
	"x-ms-exchange-transport-crosstenant", "x-face", "face", "autocrypt",
}

func useless(name []byte) bool {
	switch name[0] | 0x20 {
	case 'a', 'd', 'f', 'x':
	default:
		return false
	}
	for _, prefix := range uselessFields {
		if hasPrefixFold(name, prefix) {
			return len(prefix) > len("face") || len(name) == len(prefix) || prefix == "arc-"
		}
	}
	return false
}

// hasPrefixFold tells whether b starts with prefix, which is in lower case.
func hasPrefixFold(b []byte, prefix string) bool {
	if len(b) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		x := b[i]
		if 'A' <= x && x <= 'Z' {
			x |= 0x20
		}
		if x != prefix[i] {
			return false
		}
	}
	return true
}

// keep puts a line of a field where it belongs. It returns what to do with the
// lines that continue the field.
func (c *condenser) keep(e *entity, to int, line []byte) int {
	switch to {
	case typeField:
		c.typeValue = appendLine(c.typeValue, line, typeCap)
	case otherField:
		if i := bytes.IndexByte(line, ':'); i >= 0 && len(c.other) == 0 {
			line = line[i+1:]
		}
		c.other = appendLine(c.other, line, 256)
	case keepField:
		if !c.room(e, len(line)+1) {
			to = dropField
			break
		}
		c.keepLine(line)
	}
	if !c.ended() {
		c.finishLine(e, to)
	}
	return to
}

// keepLine writes a line of a field. One that continues the field is put on the
// same line: the result has no folded fields.
func (c *condenser) keepLine(line []byte) {
	if line[0] == ' ' || line[0] == '\t' {
		c.out = append(c.out[:len(c.out)-1], ' ')
		line = trimSpace(line)
	}
	c.out = append(c.out, trimRight(line)...)
	c.out = append(c.out, '\n')
}

// room counts n more bytes of header, and tells whether they may be kept.
func (c *condenser) room(e *entity, n int) bool {
	switch {
	case e.size+n > c.limits.PartHeader:
		c.cut(cutPartHeader, "header of more than %d bytes: cut", c.limits.PartHeader)
		return false
	case c.headerBytes+n > c.limits.TotalHeader:
		c.cut(cutHeaders, "headers of more than %d bytes in all: cut", c.limits.TotalHeader)
		return false
	}
	e.size += n
	c.headerBytes += n
	return true
}

// endField ends a field that was cut within a line.
func (c *condenser) endField() {
	if len(c.out) > 0 && c.out[len(c.out)-1] != '\n' {
		c.out = append(c.out, '\n')
	}
}

// finishLine reads the rest of a line that came in pieces.
func (c *condenser) finishLine(e *entity, to int) {
	if to == keepField && c.out[len(c.out)-1] == '\n' {
		c.out = c.out[:len(c.out)-1]
	}
	for !c.ended() {
		line, ok := c.line()
		if !ok {
			break
		}
		if to == keepField && c.room(e, len(line)) {
			c.out = append(c.out, line...)
		} else {
			to = dropField
		}
	}
	c.endField()
}

func appendLine(dst, line []byte, limit int) []byte {
	if len(dst) > 0 {
		dst = append(dst, ' ')
	}
	if room := limit - len(dst); len(line) > room {
		line = line[:max(room, 0)]
	}
	return append(dst, line...)
}

// goesOn tells whether the header goes on after a line of white space only. Some
// mailers mean it as the empty line; the next line decides.
func (c *condenser) goesOn() bool {
	next, ok := c.ahead()
	if !ok || len(next) == 0 {
		return false
	}
	more := next[0] == ' ' || next[0] == '\t' || knownField(fieldName(next))
	c.back(next)
	return more
}

// ahead returns the next line, unless it is a delimiter or there is none.
func (c *condenser) ahead() ([]byte, bool) {
	line, whole, ok := c.in.next()
	if ok && whole && bytes.HasPrefix(line, []byte("--")) && c.delimits(line) {
		c.stop, c.final = running, false
		c.in.push(line)
		return nil, false
	}
	return line, ok
}

// back gives the line returned last back.
func (c *condenser) back(line []byte) {
	if c.ended() {
		c.in.push(line)
	} else {
		c.in.unread(line)
	}
}

// headless tells whether a field of a part belongs to its body: the part has no
// header, or no empty line after it.
func (c *condenser) headless(e *entity, name []byte) bool {
	isReport := containsFold(reportFields[:], name)
	if !isReport && !containsFold(messageFields[:], name) {
		return false
	}
	if e.fields > 0 {
		inner := bytes.Contains(bytes.ToLower(c.typeValue), []byte("rfc822"))
		if isReport || inner {
			c.damage("no empty line after the header")
		}
		return isReport || inner
	}
	switch {
	case isReport && e.index == 1 && e.parent == "multipart/report":
		e.media = "message/delivery-status"
	case isReport:
	case e.parent == "multipart/report" && e.index > 1:
		e.media = "message/rfc822"
	default:
		return false
	}
	c.damage("part without header")
	return true
}

// reportFields start the body of a delivery status or feedback report.
var reportFields = [...]string{
	"reporting-mta", "final-recipient", "original-recipient", "original-envelope-id",
	"action", "diagnostic-code", "remote-mta", "arrival-date", "feedback-type",
	"dsn-gateway", "received-from-mta",
}

// messageFields start a message.
var messageFields = [...]string{"received", "return-path", "from", "delivered-to", "x-envelope-from"}

func containsFold(names []string, name []byte) bool {
	return slices.ContainsFunc(names, func(s string) bool {
		return len(s) == len(name) && hasPrefixFold(name, s)
	})
}

// knownFields are those that start header lines and hardly ever lines of text.
var knownFields = [...]string{
	"received", "return-path", "from", "to", "cc", "subject", "date", "message-id",
	"mime-version", "sender", "reply-to", "errors-to", "delivered-to", "references",
	"in-reply-to", "precedence", "auto-submitted", "importance", "priority", "organization",
	"user-agent", "received-spf", "authentication-results", "envelope-to", "thread-index",
	"thread-topic", "status", "lines", "bcc", "return-receipt-to", "disposition-notification-to",
}

func knownField(name []byte) bool {
	if len(name) == 0 {
		return false
	}
	for _, prefix := range [...]string{"x-", "content-", "list-", "resent-", "arc-", "dkim-"} {
		if hasPrefixFold(name, prefix) {
			return true
		}
	}
	return containsFold(knownFields[:], name)
}

// Lines that are looked at after one that is no header field.
const (
	garbageLines = 8
	garbageBytes = 4 << 10
)

// garbage deals with a line that is no header field, and tells whether it ended
// the header. It did so where no header field follows soon: then the line that
// separates header and body is missing, and the line belongs to the body.
func (c *condenser) garbage(e *entity, line []byte, inPart bool) bool {
	if isFromLine(line) || c.continuesType(line) {
		return false
	}
	if !c.ended() { // a very long line, and no field
		if e.fields == 0 {
			c.in.unread(line)
			c.damage("no header")
			return true
		}
		c.finishLine(e, dropField)
		c.damage("header line without a field name: dropped")
		return false
	}
	if inPart && e.fields == 0 {
		return !c.beforePartField(line)
	}
	if likeDelimiter(line) && bytes.Contains(c.typeValue, trimRight(line[2:])) {
		c.in.push(line)
		c.damage("no empty line after the header")
		return true
	}
	if looksDamaged(line) {
		e.fields++
		c.damage("header field with a damaged name: dropped")
		return false
	}
	return c.lookAhead(e, line)
}

// beforePartField tells whether a garbage line stands before a part's header. If
// not, the part has no header, and the line is given back.
func (c *condenser) beforePartField(line []byte) bool {
	line = bytes.Clone(line) // looking ahead may move the buffer
	if next, ok := c.ahead(); ok {
		isField := isPartField(next)
		c.back(next)
		if isField {
			c.damage("header line without a field name: dropped")
			return true
		}
	}
	c.in.push(line)
	c.damage("part without header")
	return false
}

// continuesType tells whether line is a parameter of the Content-Type before it,
// put on a line of its own without indent, and takes it.
func (c *condenser) continuesType(line []byte) bool {
	if len(c.typeValue) == 0 || !c.ended() {
		return false
	}
	i := bytes.IndexByte(line, '=')
	if i <= 0 || !containsFold(typeParams[:], trimSpace(line[:i])) {
		return false
	}
	c.typeValue = appendLine(append(c.typeValue, ';'), line, typeCap)
	c.damage("header line without a field name: taken as part of Content-Type")
	return true
}

var typeParams = [...]string{"boundary", "charset", "report-type", "name", "format", "type", "delsp", "reply-type"}

// looksDamaged tells whether line is a field but for 8-bit or missing characters
// in its name.
func looksDamaged(line []byte) bool {
	i := bytes.IndexByte(line, ':')
	if i < 0 || i > 60 || bytes.IndexByte(line[:i], ' ') >= 0 {
		return false
	}
	return i == 0 || bytes.ContainsFunc(line[:i], func(r rune) bool { return r >= 0x7f || r < ' ' })
}

// lookAhead reads on from a line that is no field. Where a known field follows,
// it drops the garbage and returns false; else it pushes all back for the body.
func (c *condenser) lookAhead(e *entity, line []byte) bool {
	all := append(slices.Clone(line), '\n')
	var fields []byte
	for n := 0; n < garbageLines && len(all) < garbageBytes; n++ {
		next, ok := c.ahead()
		if !ok || len(next) == 0 {
			if ok {
				all = append(all, '\n')
			}
			break
		}
		if !c.ended() {
			c.in.unread(next)
			break
		}
		name := fieldName(next)
		if knownField(name) {
			c.in.push(slices.Concat(fields, next))
			c.damage("header line without a field name: dropped")
			return false
		}
		all = append(append(all, next...), '\n')
		if len(name) > 0 || len(fields) > 0 && (next[0] == ' ' || next[0] == '\t') {
			fields = append(append(fields, next...), '\n')
		}
	}
	c.in.push(bytes.TrimSuffix(all, []byte{'\n'}))
	if e.fields == 0 {
		c.damage("no header")
	} else {
		c.damage("no empty line after the header")
	}
	return true
}

// sanitized returns what may stand inside a quoted parameter.
func sanitized(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, s)
}
