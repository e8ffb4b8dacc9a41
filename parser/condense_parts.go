package parser

import (
	"bytes"
	"strings"
)

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
// A part after the close-delimiter counts as well; so does what stands behind it
// where there is no part at all.
func (c *condenser) partsOf(at int) {
	final := false
	for c.stop == at {
		final = c.final
		c.stop, c.final = running, false
		if final && c.levels[at].parts > 0 {
			c.skip()
			continue
		}
		c.delimiter(c.levels[at].made, false)
		if final {
			c.epilogue(&c.levels[at])
		} else {
			c.part(&c.levels[at])
		}
	}
	if !final && c.parts <= c.limits.Parts {
		c.damage("multipart without a final boundary")
	}
}

// epilogue condenses what stands behind the close-delimiter of a multipart without
// parts, as a text.
func (c *condenser) epilogue(parent *mimeLevel) {
	defer c.close(c.open(c.cur))
	c.parts++
	parent.parts++
	c.body(&entity{parent: parent.media})
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
