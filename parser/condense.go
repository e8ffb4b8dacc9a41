package parser

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"
)

// A condenser makes a small, well-formed message of any bytes in one streaming
// pass. Its result has LF line ends, sound headers, boundaries of its own, texts
// in UTF-8 without transfer encoding, and no bodies that nobody reads. It holds
// no more than the Limits allow, however long the input.
type condenser struct {
	in     lineReader
	limits Limits
	out    []byte
	// levels are the open multiparts, outermost first.
	levels []mimeLevel
	depth  int // open multiparts and messages
	// stop is the level whose delimiter ended the lines, or one of the constants
	// below; final tells that it was a close-delimiter.
	stop  int
	final bool

	parts, headerBytes, bodyBytes int
	boundaries                    int // made so far
	returned                      int // open messages that a report returned
	typeValue, other              []byte
	// made are the entities of the result; the one being written is made[cur].
	made []mold
	cur  int32
	// read is made as parts.
	read     []part
	cuts     [len(cutFormats)]bool // limits reached
	problems []string
	harmed   bool // problems name more than texts that were cut
}

// Values of condenser.stop that are no level.
const (
	running    = -1
	endOfInput = -2
)

// A mimeLevel is an open multipart.
type mimeLevel struct {
	// boundaries that end its parts: as declared, as found instead.
	declared, found string
	media           string
	made            int // number of the boundary that the result has
	parts           int
}

// problemCap bounds the problems named of one message.
const problemCap = 40

var condensers = sync.Pool{New: func() any { return new(condenser) }}

// condense condenses what r holds. The caller gives the condenser back with
// release when done with its result.
func condense(r io.Reader, limits Limits) *condenser {
	c := condensers.Get().(*condenser)
	c.in.reset(r)
	*c = condenser{
		in: c.in, limits: limits, out: c.out[:0], levels: c.levels[:0], stop: running,
		typeValue: c.typeValue[:0], other: c.other[:0], made: c.made[:0], read: c.read[:0],
	}
	c.skipLead()
	return c
}

// release gives the condenser and its buffers back.
func (c *condenser) release() {
	const keep = 256 << 10
	c.in.r = nil
	if cap(c.out) > keep {
		c.out = nil
	}
	if cap(c.in.pushBuffer) > keep {
		c.in.pushBuffer = nil
	}
	c.problems = nil
	clear(c.made)
	clear(c.read)
	if cap(c.made) > 1<<10 {
		c.made, c.read = nil, nil
	}
	condensers.Put(c)
}

// run condenses the whole input.
func (c *condenser) run() {
	c.open(nobody)
	c.message()
	c.in.drain()
}

// skipLead passes over a byte order mark, blank lines and a From line (mbox).
func (c *condenser) skipLead() {
	for first := true; ; first = false {
		line, whole, ok := c.in.next()
		if first {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		switch {
		case !ok:
			return
		case whole && len(trimSpace(line)) == 0, whole && isFromLine(line):
			continue
		case whole:
			c.in.push(line)
		default:
			// A line longer than the buffer: hand the piece back as it was.
			c.in.unread(line)
		}
		return
	}
}

// isFromLine tells whether line is an mbox separator, quoted or not.
func isFromLine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
}

// note names a problem, once.
func (c *condenser) note(problem string) {
	c.harmed = true
	if len(c.problems) < problemCap && !slices.Contains(c.problems, problem) {
		c.problems = append(c.problems, problem)
	}
}

// What is cut because of a limit.
type cutKind int

const (
	cutParts cutKind = iota
	cutDepth
	cutFields
	cutPartHeader
	cutHeaders
	cutText
	cutTexts
)

// cutFormats name what was cut.
var cutFormats = [...]string{
	cutParts:      "more than %d parts: the rest was passed over",
	cutDepth:      "more than %d levels: the inner ones were passed over",
	cutFields:     "more than %d header fields: the rest was passed over",
	cutPartHeader: "header of more than %d bytes: cut",
	cutHeaders:    "headers of more than %d bytes in all: cut",
	cutText:       "text of more than %d bytes: cut",
	cutTexts:      "texts of more than %d bytes in all: cut",
}

// cut names a limit that was reached, once.
func (c *condenser) cut(kind cutKind, limit int) {
	if !c.cuts[kind] {
		c.cuts[kind] = true
		harmed := c.harmed || kind != cutText && kind != cutTexts
		c.note(fmt.Sprintf(cutFormats[kind], limit))
		c.harmed = harmed
	}
}

// damage names a damage, once. That of a returned message does not matter: most of
// them are cut.
func (c *condenser) damage(problem string) {
	if c.returned == 0 {
		c.note(problem)
	}
}

// line returns the next line of the entity being read. At its end, it sets stop
// and returns false.
func (c *condenser) line() ([]byte, bool) {
	if c.stop != running {
		return nil, false
	}
	line, whole, ok := c.in.next()
	if !ok {
		c.stop = endOfInput
		return nil, false
	}
	if whole && len(line) > 2 && line[0] == '-' && line[1] == '-' && c.delimits(line) {
		return nil, false
	}
	return line, true
}

// ended tells whether the line returned last was complete: not a piece of one.
func (c *condenser) ended() bool { return !c.in.inside }

// delimits tells whether line is a delimiter of an open multipart, innermost
// first, and sets stop and final.
func (c *condenser) delimits(line []byte) bool {
	text := trimRight(line[2:])
	for i := len(c.levels) - 1; i >= 0; i-- {
		for _, b := range [2]string{c.levels[i].declared, c.levels[i].found} {
			if b == "" || len(text) < len(b) || string(text[:len(b)]) != b {
				continue
			}
			if rest := text[len(b):]; len(rest) == 0 || string(rest) == "--" {
				c.stop, c.final = i, len(rest) > 0
				return true
			}
		}
	}
	return false
}

// skip passes over the rest of the entity.
func (c *condenser) skip() {
	for {
		if _, ok := c.line(); !ok {
			return
		}
	}
}

// message condenses a whole message, the outermost or an attached one.
func (c *condenser) message() {
	var e entity
	c.made[c.cur].head = len(c.out)
	c.header(&e, false)
	c.depth++
	c.body(&e)
	c.depth--
}

// part condenses a part of a multipart. It counts it, and ends the reading where
// there are too many.
func (c *condenser) part(parent *mimeLevel) {
	defer c.close(c.open(c.cur))
	c.parts++
	parent.parts++
	if c.parts > c.limits.Parts {
		c.cut(cutParts, c.limits.Parts)
		c.stop = endOfInput
		return
	}
	e := entity{parent: parent.media, index: parent.parts - 1}
	if parent.media == "multipart/digest" {
		e.media = "message/rfc822"
	}
	c.header(&e, true)
	c.body(&e)
}

// trimRight cuts spaces and tabs off the end of b.
func trimRight(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// trimSpace cuts spaces and tabs off both ends of b.
func trimSpace(b []byte) []byte {
	b = trimRight(b)
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}
