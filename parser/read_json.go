package parser

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// startsJSON tells whether the input may be JSON (an SNS notification) and no mail.
func (c *condenser) startsJSON() bool {
	line, _, ok := c.in.next()
	if !ok {
		return false
	}
	first := bytes.TrimLeft(line, " \t")
	c.back(line)
	return len(first) > 0 && (first[0] == '{' || first[0] == '[')
}

// readJSON reads the input as JSON values, or returns nil and gives the input back
// where it is none.
func (c *condenser) readJSON() *document {
	var text []byte
	for len(text) < bodiesCap {
		line, ok := c.line()
		if !ok {
			break
		}
		text = append(text, line...)
		if c.ended() {
			text = append(text, '\n')
		}
	}
	doc := &document{mediaType: "application/json", layer: "raw"}
	dec := json.NewDecoder(bytes.NewReader(text))
	for {
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			break
		}
		doc.json = append(doc.json, string(value))
	}
	if len(doc.json) == 0 {
		if len(text) >= bodiesCap {
			c.note(fmt.Sprintf("JSON of more than %d bytes: not read", bodiesCap))
		}
		c.stop = running
		c.in.push(bytes.TrimSuffix(text, []byte{'\n'}))
		return nil
	}
	if rest := bytes.TrimSpace(text[dec.InputOffset():]); len(rest) > 0 || len(text) >= bodiesCap {
		doc.problems = append(doc.problems, "JSON that breaks off: the rest was passed over")
	}
	c.in.drain()
	return doc
}
