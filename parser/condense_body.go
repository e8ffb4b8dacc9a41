package parser

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// What is done with a body.
type bodyKind int

const (
	dropBody      bodyKind = iota
	sniffBody              // kept where it turns out to be text
	textBody               // kept, head and tail
	reportBody             // kept, head
	messageBody            // a message inside
	headerBody             // the header of a message inside
	multipartBody          // parts inside
)

// kind says what is done with the body of e.
func (e *entity) kind() bodyKind {
	switch e.media {
	case "", "text/plain", "text/html":
		return textBody
	case "message/rfc822", "message/global", "message/partial", "message/news", "message/rfc-822":
		return messageBody
	case "text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
		"text/rfc822-header", "text/rfc822":
		return headerBody
	case "message/delivery-status", "message/global-delivery-status", "message/feedback-report",
		"message/disposition-notification", "message/global-disposition-notification",
		"application/json":
		return reportBody
	}
	top, sub, _ := strings.Cut(e.media, "/")
	switch top {
	case "multipart":
		return multipartBody
	case "text":
		return textBody
	case "image", "audio", "video", "font", "model":
		return dropBody
	case "application":
		if strings.HasPrefix(sub, "vnd.") || slices.Contains(binaryTypes[:], sub) {
			return dropBody
		}
	}
	return sniffBody
}

// binaryTypes are the commonest of the application types that hold no text.
var binaryTypes = [...]string{"pdf", "zip", "gzip", "x-gzip", "x-zip-compressed", "msword", "ms-tnef"}

// body condenses the body of e: it writes the Content-Type, the empty line, and
// what is kept.
func (c *condenser) body(e *entity) {
	kind := e.kind()
	if kind >= messageBody && c.depth >= c.limits.Depth {
		c.cut(cutDepth, c.limits.Depth)
		kind = dropBody
	}
	switch kind {
	case multipartBody:
		c.multipart(e)
	case messageBody, headerBody:
		if e.transfer != identity {
			c.leaf(e, embeddedCap, 0)
			return
		}
		c.embedded(e, kind)
	case textBody:
		tail := c.limits.Text / 4
		if c.returned > 0 {
			c.returnedText(e)
			return
		}
		c.leaf(e, c.limits.Text-tail, tail)
	case reportBody:
		c.leaf(e, reportCap, 0)
	case sniffBody:
		c.sniff(e)
	default:
		if e.parent == "" && c.returned == 0 && e.media != "" {
			c.note("the whole message is " + quoteShort(e.media) + ": passed over")
		}
		c.writeType(e, e.media, "")
		c.skip()
	}
}

// sniff condenses a body that may hold text although its type says nothing of it:
// little of an attachment, more of what is the whole message.
func (c *condenser) sniff(e *entity) {
	if e.parent == "" && c.returned == 0 {
		c.leaf(e, c.limits.Text, 0)
		return
	}
	c.leaf(e, sniffCap, 0)
}

// returnedText condenses a text of a returned message: the head of a plain one.
func (c *condenser) returnedText(e *entity) {
	if e.media != "text/html" {
		c.leaf(e, min(returnedCap, c.limits.Text), 0)
		return
	}
	c.writeType(e, e.media, "")
	c.skip()
}

// writeType ends the header with a Content-Type that any library can read.
func (c *condenser) writeType(e *entity, media, boundary string) {
	m := &c.made[c.cur]
	m.typed(e, media, boundary)
	c.appendType(e, media, boundary)
	m.end = len(c.out) - 1
	if boundary == "" {
		c.out = append(c.out, '\n')
	}
	m.from, m.to = len(c.out), len(c.out)
}

func (c *condenser) appendType(e *entity, media, boundary string) {
	if media == "" {
		c.out = append(c.out, "Content-Type: "+addedType+"\n"...)
		return
	}
	c.out = append(c.out, "Content-Type: "...)
	c.out = append(c.out, media...)
	switch {
	case boundary != "":
		c.out = append(c.out, "; boundary=\""...)
		c.out = append(c.out, boundary...)
		c.out = append(c.out, '"')
		if e.report != "" {
			c.out = append(c.out, "; report-type="...)
			c.out = append(c.out, e.report[:min(len(e.report), maxReportType)]...)
		}
	case strings.HasPrefix(media, "text/"):
		c.out = append(c.out, "; charset=utf-8"...)
	case e.transfer != identity:
		c.out = append(c.out, "; "+encodedParam+"=1"...)
	}
	c.out = append(c.out, '\n')
}

// encodedParam marks a body in the result that came encoded: it has been decoded
// but not condensed.
const encodedParam = "x-encoded"

// maxReportType bounds a report-type in the result.
const maxReportType = 100

// addedType is the Content-Type written where there is none: all texts are UTF-8,
// which is not what its absence means.
const addedType = "text/plain; charset=utf-8; x-added=1"

// boundaryStem begins the boundaries of the result.
const boundaryStem = "=_wb"

func (c *condenser) makeBoundary() (int, string) {
	c.boundaries++
	return c.boundaries, boundaryStem + strconv.Itoa(c.boundaries) + "_"
}

func (c *condenser) delimiter(made int, final bool) {
	c.out = append(c.out, "\n--"+boundaryStem...)
	c.out = strconv.AppendInt(c.out, int64(made), 10)
	c.out = append(c.out, '_')
	if final {
		c.out = append(c.out, "--"...)
	}
	c.out = append(c.out, '\n')
}

// embedded condenses a message, or its header, inside this one.
func (c *condenser) embedded(e *entity, kind bodyKind) {
	c.writeType(e, e.media, "")
	inside := c.open(c.cur)
	returned := e.parent == "multipart/report"
	if returned {
		c.returned++
	}
	c.skipEnvelope()
	if kind == messageBody {
		c.message()
	} else {
		var inner entity
		m := &c.made[c.cur]
		m.head = len(c.out)
		c.header(&inner, false)
		m.end = max(len(c.out)-1, m.head)
		c.out = append(c.out, '\n')
		m.from, m.to = len(c.out), len(c.out)
		c.skip()
	}
	if returned {
		c.returned--
	}
	c.close(inside)
}

// skipEnvelope passes over blank lines and a From line before a header.
func (c *condenser) skipEnvelope() {
	for {
		line, ok := c.ahead()
		if !ok {
			return
		}
		if !c.ended() || len(trimSpace(line)) > 0 && !isFromLine(line) {
			c.back(line)
			return
		}
	}
}

// multipart condenses a multipart. Where no delimiter occurs, its text stays as
// one text part.
func (c *condenser) multipart(e *entity) {
	if e.transfer == base64Transfer && c.encoded() {
		c.encodedParts(e)
		return
	}
	mark := len(c.out)
	made, boundary := c.makeBoundary()
	at := len(c.levels)
	c.levels = append(c.levels, mimeLevel{declared: strings.TrimRight(e.boundary, " \t"), media: e.media, made: made})
	if e.boundary == "" {
		c.damage("multipart without a boundary parameter")
	}
	c.depth++
	c.preamble(at)
	if c.stop != at {
		c.levels = c.levels[:at]
		c.depth--
		c.noParts(e, mark)
		return
	}
	c.out = c.out[:mark]
	c.writeType(e, e.media, boundary)
	c.partsOf(at)
	c.levels = c.levels[:at]
	c.depth--
	c.delimiter(made, true)
}

// encodedParts decodes a multipart that came in base64, which RFC 2045 section 6.4
// forbids. It is read as a message inside this one.
func (c *condenser) encodedParts(e *entity) {
	c.damage("multipart in base64: decoded")
	c.writeType(e, "message/rfc822", "")
	start := len(c.out)
	c.out = append(append(c.out, c.typeValue...), "\n\n"...)
	l := leafReader{c: c, start: len(c.out), head: embeddedCap, transfer: e.transfer}
	l.lines(e)
	l.finish()
	if l.headEnd > 0 {
		c.cut(cutText, embeddedCap)
	}
	c.guard(start)
	c.made[c.cur].to = len(c.out)
	c.bodyBytes += len(c.out) - start
}

// partsOf condenses the parts of the level, whose first delimiter was just read.
// A part after the close-delimiter counts as well.
func (c *condenser) partsOf(at int) {
	final := false
	for c.stop == at {
		final = c.final
		c.stop, c.final = running, false
		if final {
			c.skip()
			continue
		}
		c.delimiter(c.levels[at].made, false)
		c.part(&c.levels[at])
	}
	if !final && c.parts <= c.limits.Parts {
		c.damage("multipart without a final boundary")
	}
}

// preamble reads up to the first delimiter of the level and keeps, for the case
// that there is none, the text. Where a line looks like a delimiter and a part
// follows, it is one, whatever the header says.
func (c *condenser) preamble(at int) {
	start, room := len(c.out), min(c.limits.Text, bodiesCap-c.bodyBytes)
	for {
		line, ok := c.line()
		if !ok {
			return
		}
		if likeDelimiter(line) && c.ended() {
			line = bytes.Clone(line) // looking ahead may move the buffer
			if c.adopts(at, line, c.out[start:]) {
				return
			}
		}
		if len(c.out)-start+len(line) < room {
			c.out = append(c.out, line...)
			if c.ended() {
				c.out = append(c.out, '\n')
			}
		}
	}
}

// adopts tells whether line is a delimiter that the header does not announce,
// and takes it as such. One that the text before announces belongs to a message
// inside that text.
func (c *condenser) adopts(at int, line, before []byte) bool {
	found := c.undeclared(line, true)
	if found == "" || announces(before, found) {
		return false
	}
	c.levels[at].found = found
	c.stop, c.final = at, false
	if c.levels[at].declared != "" {
		c.damage("the declared boundary does not occur: took the one found")
	}
	return true
}

// likeDelimiter tells whether line has the form of a delimiter: more than hyphens
// after "--".
func likeDelimiter(line []byte) bool {
	return len(line) > 2 && line[0] == '-' && line[1] == '-' && len(bytes.Trim(line[2:], "- \t")) > 0
}

// undeclared returns the boundary of a line that looks like a delimiter, with a
// part's header after it (or, where bare is set, an empty line), else "".
func (c *condenser) undeclared(line []byte, bare bool) string {
	found := string(trimRight(line[2:]))
	if strings.HasSuffix(found, "--") {
		return ""
	}
	next, ok := c.ahead()
	if !ok {
		return ""
	}
	part := isPartField(next) || bare && len(next) == 0 && len(found) > 3 && strings.IndexByte(found, ' ') < 0
	c.back(next)
	if !part {
		return ""
	}
	return found
}

// announces tells whether text holds a boundary parameter of that value.
func announces(text []byte, boundary string) bool {
	return bytes.Contains(text, []byte("\""+boundary)) || bytes.Contains(text, []byte("="+boundary))
}

// isPartField tells whether line is a field of a part's header.
func isPartField(line []byte) bool {
	return hasPrefixFold(line, "content-") && len(fieldName(line)) > 0
}

// noParts turns a multipart without parts, whose text stands after mark, into a
// text part.
func (c *condenser) noParts(e *entity, mark int) {
	text := bytes.Clone(c.out[mark:])
	c.out = c.out[:mark]
	c.damage("multipart without parts: its text was read as it stands")
	c.writeText(e, text)
}

// writeText ends the header as that of a plain text, and writes the text.
func (c *condenser) writeText(e *entity, text []byte) {
	c.writeType(e, "text/plain", "")
	start := len(c.out)
	c.out = append(c.out, text...)
	c.finishText(start, "", false)
	c.made[c.cur].to = len(c.out)
	c.bodyBytes += len(c.out) - start
}

// restructure makes a multipart of a message that names no type. The text from
// start on becomes its first part; the delimiter found was just read.
func (c *condenser) restructure(e *entity, mark, start int, found string) {
	c.damage("MIME parts in a message that announces none")
	text := bytes.Clone(c.out[start:])
	c.out = c.out[:mark]
	made, boundary := c.makeBoundary()
	c.writeType(e, "multipart/mixed", boundary)
	if len(bytes.TrimSpace(text)) > 0 {
		c.delimiter(made, false)
		inside := c.open(c.cur)
		c.writeText(&entity{}, text)
		c.close(inside)
	}
	at := len(c.levels)
	c.levels = append(c.levels, mimeLevel{found: found, media: "multipart/mixed", made: made})
	c.stop, c.final = at, false
	c.depth++
	c.partsOf(at)
	c.depth--
	c.levels = c.levels[:at]
	c.delimiter(made, true)
}
