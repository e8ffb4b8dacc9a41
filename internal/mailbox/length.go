package mailbox

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// contentLengths gives where the message that b begins with ends by its
// Content-Length fields, as offsets in the stream; at is the offset of b.
func contentLengths(b []byte, at int64, ends []int64) []int64 {
	for rest := b; len(rest) > 0; {
		text, whole := line(rest)
		ln := rest[:text]
		rest = rest[whole:]
		if text == 0 {
			body := at + int64(len(b)-len(rest))
			for i := range ends {
				ends[i] += body
			}
			return ends
		}
		if ln[0]|0x20 == 'f' && bytes.HasPrefix(ln, fromSpace) {
			break
		}
		if ln[0]|0x20 != 'c' || !bytes.EqualFold(fieldName(ln), []byte("Content-Length")) || len(ends) == 4 {
			continue
		}
		_, value, _ := strings.Cut(string(ln), ":")
		if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 56); err == nil && n >= 0 {
			ends = append(ends, n)
		}
	}
	return nil
}

// believeLength tells whether the message goes on beyond h because a
// Content-Length says so that lands on a separator or on the end.
func (b *mbox) believeLength(h int) bool {
	for ; len(b.lengths) > 0 && b.end < 0; b.lengths = b.lengths[1:] {
		if e := b.lengths[0]; e > b.w.off+int64(h) && b.landsAt(e) {
			b.end = e
		}
	}
	return b.end > b.w.off+int64(h)
}

// landsAt tells whether a message can end at e: the stream ends there, or a
// separator follows, with or without a blank line between.
func (b *mbox) landsAt(e int64) bool {
	before, after, atEnd := b.around(e)
	if before == 0 && !atEnd {
		return false
	}
	eols := 0
	for range 2 {
		n := eolLen(after)
		after = after[n:]
		eols += n
	}
	if len(after) == 0 {
		return atEnd
	}
	if !isEOL(before) && eols == 0 || !bytes.HasPrefix(after, fromSpace) {
		return false
	}
	text, _ := line(after)
	l := lookOf(after[:text])
	return l >= undated || l >= b.style
}

// around gives the byte before e, what follows it, and whether the stream ends
// in what follows. Where e cannot be reached, before is 0 and atEnd false.
func (b *mbox) around(e int64) (before byte, after []byte, atEnd bool) {
	rel := e - b.w.off
	if b.at != nil && rel > windowSize/2 {
		var room [separatorMax + 8]byte
		n, err := b.at.ReadAt(room[:], e-1)
		if n == 0 {
			return 0, nil, false
		}
		return room[0], room[1:n], err == io.EOF
	}
	if rel > maxAhead-separatorMax {
		return 0, nil, false
	}
	all := !b.w.fillAhead(int(rel) + separatorMax)
	d := b.w.data()
	if rel > int64(len(d)) {
		return 0, nil, false
	}
	return b.w.byteAt(int(rel) - 1), d[rel:min(len(d), int(rel)+separatorMax)], all && b.w.err == io.EOF
}

// isLiteral tells whether ">From " at h stands for itself: the message is
// delimited by its length, and has a line "From " that nobody escaped.
func (b *mbox) isLiteral(h int) bool {
	if b.judged {
		return b.literal
	}
	b.judged = true
	if !b.believeLength(h) {
		return false
	}
	d := b.w.data()
	d = d[h:min(int64(len(d)), b.end-b.w.off)]
	for {
		i := bytes.Index(d, fromSpace)
		if i < 0 {
			return false
		}
		if i > 0 && isEOL(d[i-1]) {
			b.literal = true
			return true
		}
		d = d[i+len(fromSpace):]
	}
}
