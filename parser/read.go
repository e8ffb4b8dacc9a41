package parser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrEmpty is returned for an input without any content.
var ErrEmpty = errors.New("empty: there is no message in it")

// ErrUnreadable is returned for an input that is no mail: no header, no text.
var ErrUnreadable = errors.New("unreadable: neither a header nor text, it is not a mail")

// readDocument reads one message of any bytes. It condenses the message first,
// so that what the libraries see is small and sound. The error is for what is no
// message at all; damage is named in the document's problems.
func readDocument(r io.Reader, limits Limits) (*document, error) {
	return readLayers(r, limits.withDefaults(), layers[:])
}

func readLayers(r io.Reader, limits Limits, layers []layer) (*document, error) {
	b := budget{limits: limits, nested: nestingCap, parts: limits.Parts}
	c := condense(r, limits)
	defer c.release()
	if c.in.start == c.in.end && len(c.in.pushed) == 0 {
		if c.in.err != nil {
			return nil, fmt.Errorf("cannot read the message: %w", c.in.err)
		}
		return nil, ErrEmpty
	}
	if c.startsJSON() {
		if doc := c.readJSON(); doc != nil {
			return doc, nil
		}
	}
	doc := b.read(c, layers)
	if c.in.err != nil {
		if len(doc.header) == 0 {
			return nil, fmt.Errorf("cannot read the message: %w", c.in.err)
		}
		doc.problems = append(doc.problems, "the input breaks off: "+printable(c.in.err.Error()))
		doc.harmed = true
	}
	if doc.isJunk() {
		return nil, ErrUnreadable
	}
	return doc, nil
}

// A budget bounds what is read in messages that come encoded inside others, and
// so are condensed on their own.
type budget struct {
	limits Limits
	nested int // levels of encoded messages left
	parts  int
}

// read condenses what c was opened on, and reads the result with the first layer
// that finds what is in it.
func (b *budget) read(c *condenser, layers []layer) *document {
	c.run()
	var problems []string
	for i, layer := range layers {
		p, err := layer.try(c)
		if err == nil {
			err = p.lacks(c)
		}
		if err != nil && i < len(layers)-1 {
			problems = append(problems, layer.name+" could not read it: "+printable(err.Error()))
			continue
		}
		if p == nil {
			p = &part{}
		}
		doc := b.assemble(p, layer.name, layers[i:], b.nested < nestingCap)
		doc.problems = append(append(c.problems, problems...), doc.problems...)
		doc.harmed = doc.harmed || c.harmed || len(problems) > 0
		return doc
	}
	return &document{}
}

// readBytes reads a message that came encoded inside another.
func (b *budget) readBytes(raw []byte, layers []layer) *document {
	if b.nested == 0 || b.parts <= 0 {
		return &document{problems: []string{"encoded messages inside encoded messages: the inner ones were passed over"}, harmed: true}
	}
	b.nested--
	defer func() { b.nested++ }()
	limits := b.limits
	limits.Parts = b.parts
	c := condense(bytes.NewReader(raw), limits)
	defer c.release()
	doc := b.read(c, layers)
	b.parts -= c.parts + 1
	return doc
}

// isJunk tells whether the document holds nothing that a mail would.
func (d *document) isJunk() bool {
	if len(d.statuses)+len(d.feedback)+len(d.dispositions)+len(d.json)+len(d.attached) > 0 {
		return false
	}
	for _, f := range d.header {
		if knownField([]byte(f.name)) {
			return false
		}
	}
	letters, strange := 0, 0
	for _, line := range d.prose {
		for _, r := range line {
			switch {
			case r < ' ' && r != '\t' && r != 0x1b && r != '\f' || r == 0x7f || r == '\uFFFD':
				strange++
			case r > ' ':
				letters++
			}
		}
	}
	return letters == 0 || strange*20 > letters
}
