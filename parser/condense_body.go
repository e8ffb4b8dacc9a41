package parser

import (
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
