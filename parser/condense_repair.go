package parser

import (
	"bytes"
	"slices"
)

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
	if e.fields == 0 && (inPart || likeDelimiter(line)) {
		return !c.beforePartField(line, inPart)
	}
	if c.announced(line) {
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
// not, the part has no header, and the line is given back. So is a delimiter at the
// start of a message, whose header is lost.
func (c *condenser) beforePartField(line []byte, inPart bool) bool {
	if !inPart {
		c.in.push(line)
		c.damage("no header")
		return false
	}
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

// announced tells whether line is a delimiter with the boundary that the header
// being read announces.
func (c *condenser) announced(line []byte) bool {
	return likeDelimiter(line) && bytes.Contains(c.typeValue, trimRight(line[2:]))
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
		if c.announced(next) {
			c.back(next)
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
