package mailbox

import (
	"bytes"
	"io"
)

const (
	windowSize = 256 << 10
	// behind is how many bytes before the window stay readable.
	behind = 8
	// maxAhead is the most that is ever held to look ahead.
	maxAhead = 2 << 20
)

// A window is a piece of a stream that slides forward: data may be looked at
// ahead of being passed on, without copies.
type window struct {
	src    io.Reader
	buf    []byte
	lo, hi int
	off    int64 // of buf[lo] in the stream
	err    error // why there is no more; io.EOF at the end
}

func (w *window) reset(src io.Reader) {
	if w.buf == nil || len(w.buf) > windowSize {
		w.buf = make([]byte, windowSize)
	}
	w.src, w.lo, w.hi, w.off, w.err = src, behind, behind, 0, nil
	clear(w.buf[:behind])
}

// data is what is there now.
func (w *window) data() []byte { return w.buf[w.lo:w.hi] }

// back gives the byte at d bytes before the window, 0 where there is none.
func (w *window) back(d int) byte {
	if d > behind || int64(d) > w.off {
		return 0
	}
	return w.buf[w.lo-d]
}

// byteAt gives a byte of the data, or of what lies just before it for a negative i.
func (w *window) byteAt(i int) byte {
	if i < 0 {
		return w.back(-i)
	}
	return w.buf[w.lo+i]
}

func (w *window) advance(n int) {
	w.lo += n
	w.off += int64(n)
}

// fill makes at least n bytes ready; false when the stream ends before. More
// than the window holds is given only up to its size.
func (w *window) fill(n int) bool {
	if w.hi-w.lo >= n {
		return true
	}
	if w.err != nil {
		return false
	}
	n = min(n, len(w.buf)-behind)
	copy(w.buf, w.buf[w.lo-behind:w.hi])
	w.hi -= w.lo - behind
	w.lo = behind
	for idle := 0; w.hi-w.lo < n && w.err == nil; {
		m, err := w.src.Read(w.buf[w.hi:])
		w.hi += m
		w.err = err
		if m > 0 {
			idle = 0
		} else if idle++; idle > 100 && err == nil {
			w.err = io.ErrNoProgress
		}
	}
	return w.hi-w.lo >= n
}

// fillAhead is fill for up to maxAhead bytes. The window that it makes is twice
// that, so that what is kept is moved once for every maxAhead bytes; reset
// brings it back to size.
func (w *window) fillAhead(n int) bool {
	if n > len(w.buf)/2 && len(w.buf) < 2*maxAhead && w.err == nil {
		big := make([]byte, 2*maxAhead)
		copy(big, w.buf[w.lo-behind:w.hi])
		w.hi -= w.lo - behind
		w.lo = behind
		w.buf = big
	}
	return w.fill(n)
}

// failure is what ended the stream, if it was not simply its end.
func (w *window) failure() error {
	if w.err == io.EOF {
		return nil
	}
	return w.err
}

// Read passes on what is there, so that a window is the source of another.
func (w *window) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !w.fill(1) {
		return 0, w.err
	}
	n := copy(p, w.data())
	w.advance(n)
	return n, nil
}

// ReadByte keeps decompressors from reading ahead.
func (w *window) ReadByte() (byte, error) {
	if w.lo == w.hi && !w.fill(1) {
		return 0, w.err
	}
	c := w.buf[w.lo]
	w.advance(1)
	return c, nil
}

func isEOL(c byte) bool { return c == '\n' || c == '\r' }

// line gives the length of the first line of b without its line end, and with it.
// A line that does not end in b runs to its end.
func line(b []byte) (text, whole int) {
	const near = 4096
	for at := 0; at < len(b); at += near {
		part := b[at:min(at+near, len(b))]
		i := bytes.IndexByte(part, '\n')
		if i >= 0 {
			part = part[:i]
		}
		if j := bytes.IndexByte(part, '\r'); j >= 0 {
			i = j
		}
		if i >= 0 {
			i += at
			return i, i + eolLen(b[i:])
		}
	}
	return len(b), len(b)
}

// eolLen is the length of the line end that b starts with: 0, 1, or 2 for CRLF.
func eolLen(b []byte) int {
	switch {
	case len(b) == 0 || !isEOL(b[0]):
		return 0
	case b[0] == '\r' && len(b) > 1 && b[1] == '\n':
		return 2
	}
	return 1
}
