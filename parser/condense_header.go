package parser

import (
	"bytes"
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
// Characters that RFC 5322 allows and nobody uses in names make it none: they are
// a sign of text.
func fieldName(line []byte) []byte {
	i := bytes.IndexByte(line, ':')
	if i <= 0 {
		return nil
	}
	name := trimRight(line[:i])
	for _, b := range name {
		if !nameBytes[b] {
			return nil
		}
	}
	return name
}

// nameBytes tells which bytes may stand in a field name.
var nameBytes = func() (in [256]bool) {
	for b := '!'; b <= '~'; b++ {
		in[b] = !strings.ContainsRune(":<>\"(){}[],;@\\=?", b)
	}
	return in
}()

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
		c.cut(cutFields, c.limits.Fields)
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
		c.cut(cutPartHeader, c.limits.PartHeader)
		return false
	case c.headerBytes+n > c.limits.TotalHeader:
		c.cut(cutHeaders, c.limits.TotalHeader)
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
