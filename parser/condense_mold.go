package parser

import (
	"slices"
	"strings"
)

// A mold is what the condenser notes of an entity while it writes it, so that the
// result need not be read again: where its header and its body stand.
type mold struct {
	media, report string
	encoded       bool
	head, end     int // the fields of a message, without the last line end; -1 in a part
	from, to      int // the body of what has no parts
	// first and last are what stands inside, next what stands behind; 0 for none.
	first, last, next int32
}

// nobody is what the outermost message stands in.
const nobody = -1

// open begins an entity inside parent, and returns the one that was being written.
func (c *condenser) open(parent int32) (before int32) {
	before, c.cur = c.cur, int32(len(c.made))
	c.made = append(c.made, mold{media: "text/plain", head: -1, end: -1, from: len(c.out), to: len(c.out)})
	if parent == nobody {
		return before
	}
	p := &c.made[parent]
	if p.first == 0 {
		p.first = c.cur
	} else {
		c.made[p.last].next = c.cur
	}
	p.last = c.cur
	return before
}

// close goes back to the entity that was being written before.
func (c *condenser) close(before int32) { c.cur = before }

// typed notes the type that is written.
func (m *mold) typed(e *entity, media, boundary string) {
	m.media, m.report, m.encoded = media, "", false
	switch {
	case media == "":
		m.media = "text/plain"
	case boundary != "":
		m.report = e.report[:min(len(e.report), maxReportType)]
	case !strings.HasPrefix(media, "text/"):
		m.encoded = e.transfer != identity
	}
}

// result returns what the condenser wrote, until its release. It says what reading
// c.out would.
func (c *condenser) result() *part {
	c.read = slices.Grow(c.read, len(c.made))[:len(c.made)]
	parts := c.read
	text, ascii := string(c.out), plainASCII(c.out)
	for i := range c.made {
		m, p := &c.made[i], &parts[i]
		*p = part{media: m.media, report: m.report, encoded: m.encoded}
		if 0 <= m.head && m.head < m.end {
			p.header = condensedHeader(text[m.head:m.end], ascii || plainASCII(c.out[m.head:m.end]))
		}
		p.body = text[m.from:m.to]
		p.next = partAt(parts, m.next)
		if strings.HasPrefix(m.media, "multipart/") {
			p.inside = partAt(parts, m.first)
		} else {
			p.message = partAt(parts, m.first)
		}
	}
	return &parts[0]
}

// partAt returns part i of parts, nil for none.
func partAt(parts []part, i int32) *part {
	if i == 0 {
		return nil
	}
	return &parts[i]
}
