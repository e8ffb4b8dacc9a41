package mailbox

import (
	"bytes"
	"io"
)

const (
	// holdback is what stays in the window behind what has been passed on: the
	// beginning of "From ", the line ends before it and a ">".
	holdback = 16
	// headerAhead is how far a Content-Length is looked for.
	headerAhead = 64 << 10
)

// An mbox cuts a window into messages. It passes pieces of the window on as they are.
type mbox struct {
	w     *window
	at    io.ReaderAt // the same stream, where it can be read at will; or nil
	style look        // of the first separator

	// Of the current message:
	lengths []int64 // where it ends by its Content-Length fields, not yet checked
	end     int64   // where it ends by a checked one; -1 if there is none
	literal bool    // an mboxcl2 message: nothing is escaped
	judged  bool    // whether it is has been looked into
	run     bool    // what was dropped ends in a line of ">" alone, or of nothing yet
	done    bool
	seen    int    // bytes of the window searched and found to be text
	unread  int    // bytes of the window passed on, to be dropped
	rest    []byte // of what was passed on to Read
}

// newMbox makes the reader of an mbox whose window stands at the first separator.
func newMbox(w *window, at io.ReaderAt, style look) *mbox {
	return &mbox{w: w, at: at, style: style, end: -1, done: true}
}

// next goes to the next message; false at the end. The offset is that of its separator.
func (b *mbox) next() (int64, bool) {
	for b.piece() != nil {
		continue
	}
	if b.end >= 0 {
		b.skipBlank()
	}
	if !b.w.fill(1) {
		return 0, false
	}
	at := b.w.off
	b.w.fill(headerAhead)
	_, whole := line(b.w.data())
	b.w.advance(whole)
	lengths := contentLengths(b.w.data(), b.w.off, b.lengths[:0])
	*b = mbox{w: b.w, at: b.at, style: b.style, lengths: lengths, end: -1, run: true}
	return at, true
}

// skipBlank passes over the blank line between a message that ended by its
// Content-Length and the separator.
func (b *mbox) skipBlank() {
	b.w.fill(lookahead)
	for range 2 {
		b.w.advance(eolLen(b.w.data()))
	}
}

// Read gives the bytes of the current message.
func (b *mbox) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	piece := b.piece()
	if piece == nil {
		return 0, io.EOF
	}
	n := copy(p, piece)
	b.rest = piece[n:]
	return n, nil
}

// WriteTo gives the rest of the current message.
func (b *mbox) WriteTo(w io.Writer) (int64, error) {
	var n int64
	for piece := b.piece(); piece != nil; piece = b.piece() {
		m, err := w.Write(piece)
		n += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// cutShort tells what ended the stream in the middle of the current message.
func (b *mbox) cutShort() error {
	if b.done && len(b.rest) == 0 && b.unread == len(b.w.data()) {
		return b.w.failure()
	}
	return nil
}

// piece gives the next bytes of the message, valid until the next call; nil at its end.
func (b *mbox) piece() []byte {
	if len(b.rest) > 0 {
		p := b.rest
		b.rest = nil
		return p
	}
	for b.drop(); !b.done; b.drop() {
		if p := b.step(); len(p) > 0 {
			return p
		}
	}
	return nil
}

// drop takes what was passed on out of the window.
func (b *mbox) drop() {
	if b.unread == 0 {
		return
	}
	d := b.w.data()[:b.unread]
	if i := len(bytes.TrimRight(d, ">")); i > 0 {
		b.run = isEOL(d[i-1])
	}
	b.w.advance(b.unread)
	b.seen = max(0, b.seen-b.unread)
	b.unread = 0
}

// pass gives n bytes of the window and drops m of them afterwards.
func (b *mbox) pass(n, m int) []byte {
	b.unread = m
	return b.w.data()[:n]
}

// step searches on; it gives what is certain to be text of the message, if anything.
func (b *mbox) step() []byte {
	b.w.fill(b.seen + holdback + 1)
	d, last := b.w.data(), b.w.err != nil
	if left := b.end - b.w.off; b.end >= 0 && left <= int64(len(d)) {
		d, last = d[:left], true
	}
	if i := bytes.Index(d[b.seen:], fromSpace); i >= 0 {
		return b.hit(b.seen+i, last)
	}
	b.seen = max(b.seen, len(d)-len(fromSpace)+1)
	if last {
		b.done = true
		n := len(d)
		if b.end < 0 && n > 0 && isEOL(d[n-1]) && b.blankBefore(n) {
			n -= b.eolBefore(n)
		}
		return b.pass(n, len(d))
	}
	n := max(0, len(d)-holdback)
	return b.pass(n, n)
}

// hit deals with a "From " at h.
func (b *mbox) hit(h int, last bool) []byte {
	d := b.w.data()
	first := len(bytes.TrimRight(d[:h], ">"))
	switch atStart := first > 0 && isEOL(d[first-1]) || first == 0 && b.run; {
	case !atStart || first == 0 && h == 0 && b.w.back(1) == '>':
	case first < h:
		if !b.isLiteral(h) {
			b.seen = h + len(fromSpace)
			return b.pass(h-1, h)
		}
	case !last && len(d)-h < lookahead:
		b.seen = h
		if h > holdback {
			return b.pass(h-holdback, h-holdback)
		}
		b.w.fill(h + lookahead)
		return nil
	case b.believeLength(h):
		b.literal, b.judged = true, true
	case separates(b.w.data()[h:], b.blankBefore(h), b.style):
		b.done = true
		n := h
		if b.blankBefore(h) {
			n = max(0, h-b.eolBefore(h))
		}
		return b.pass(n, h)
	}
	b.seen = h + len(fromSpace)
	return nil
}

// eolBefore is the length of the line end that stands before i.
func (b *mbox) eolBefore(i int) int {
	if b.w.byteAt(i-1) == '\n' && b.w.byteAt(i-2) == '\r' {
		return 2
	}
	return 1
}

// blankBefore tells whether the line before i, which starts a line, is blank.
func (b *mbox) blankBefore(i int) bool {
	return isEOL(b.w.byteAt(i - b.eolBefore(i) - 1))
}
