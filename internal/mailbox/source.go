package mailbox

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
)

// A session is one run of Open. It has one file open at a time.
type session struct {
	Options
	yield   func(*Message, error) bool
	stopped bool
	windows [layersMax + 1]window
	decoders
	visited map[string]bool // folders, by their real path
}

// fail reports an error; false when the caller wants no more.
func (s *session) fail(e *Error) bool {
	if !s.stopped && !s.yield(nil, e) {
		s.stopped = true
	}
	return !s.stopped
}

func (s *session) message(m *Message) bool {
	if !s.stopped && !s.yield(m, nil) {
		s.stopped = true
	}
	return !s.stopped
}

// A source is one stream that holds messages.
type source struct {
	path   string
	r      io.Reader
	at     io.ReaderAt // the same, or nil
	format Format      // of the folder that it stands in: Maildir, MH, or ""
	w      *window     // what it holds, unpacked
	tool   string      // that would unpack it, or ""
	base   int64       // where r starts in the file
	number int         // how many messages stand before
}

// begin leaves out what stands before a message: the nth of the file.
func (src *source) begin(offset int64, n int) {
	if offset <= 0 || n <= 0 {
		return
	}
	rest := io.NewSectionReader(src.at, offset, math.MaxInt64-offset)
	src.r, src.at, src.base, src.number = rest, rest, offset, n-1
}

func (src *source) baseName() string {
	if src.path == "-" {
		return "-"
	}
	base := filepath.Base(src.path)
	if src.format == Maildir {
		base = uniquePart(base)
	}
	return base
}

// read yields the messages of a source.
func (s *session) read(src *source) bool {
	if e := s.unpack(src); e != nil {
		return s.fail(e)
	}
	w := src.w
	s.skipLeading(w)
	head := w.data()
	if len(head) == 0 {
		if w.failure() != nil {
			return s.fail(src.failure(0))
		}
		return s.fail(&Error{Path: src.path, Err: ErrEmpty})
	}
	if e := notMail(head[:min(len(head), sniffSize)]); e != nil {
		e.Path = src.path
		return s.fail(e)
	}
	if src.format == Maildir {
		return s.readOne(src)
	}
	if style, ok := startsMbox(head); ok {
		return s.readMbox(src, style)
	}
	if startsJSON(head) {
		return s.readJSON(src)
	}
	return s.readOne(src)
}

// skipLeading passes over a byte order mark and blank lines.
func (s *session) skipLeading(w *window) {
	for w.fill(lookahead) || w.err != nil {
		n := leading(w.data())
		w.advance(n)
		if n == 0 {
			return
		}
	}
}

// unpack looks through the layers of compression.
func (s *session) unpack(src *source) *Error {
	w := &s.windows[0]
	w.reset(src.r)
	src.w = w
	raw := func() int64 { return s.windows[0].off }
	for layer := 0; ; layer++ {
		w.fill(16)
		name := compression(w.data())
		if name == "" {
			return nil
		}
		if layer == layersMax {
			return &Error{Path: src.path, Err: fmt.Errorf("%w: it is compressed more than %d times over", ErrTooLarge, layersMax),
				Hint: "unpack it first"}
		}
		below := w
		u := &unpacker{name: name, in: raw, grace: grace, o: s.Options,
			open: func() (io.Reader, error) { return s.decoders.open(name, below, s.Options, layer == 0) }}
		if name == "xz" {
			u.grace = graceXZ
		}
		w = &s.windows[layer+1]
		w.reset(u)
		src.w, src.at, src.tool = w, nil, name
	}
}

// failure is the error that ended the source, in message number n.
func (src *source) failure(n int) *Error {
	err := src.w.failure()
	return &Error{Path: src.path, Number: n, Offset: src.base + src.w.off + int64(len(src.w.data())), Err: err, Hint: unpackHint(err, src.tool)}
}

// readOne yields the source as one message.
func (s *session) readOne(src *source) bool {
	w := src.w
	m := &Message{Path: src.path, Offset: w.off, Format: src.format, BaseName: src.baseName(), Reader: &whole{w}}
	if m.Format == "" {
		m.Format = EML
	}
	m.cut = func() error {
		if len(w.data()) == 0 && w.failure() != nil {
			return src.failure(0)
		}
		return nil
	}
	if !s.message(m) {
		return false
	}
	for w.fill(1) {
		w.advance(len(w.data()))
	}
	if w.failure() != nil {
		return s.fail(src.failure(0))
	}
	return true
}

// A whole is a window that is one message. It ends where the window does, for
// whatever reason; Message.Err tells.
type whole struct{ w *window }

func (r *whole) Read(p []byte) (int, error) {
	n, err := r.w.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

func (r *whole) WriteTo(w io.Writer) (n int64, err error) {
	for r.w.fill(1) {
		m, err := w.Write(r.w.data())
		r.w.advance(m)
		n += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// readMbox yields the messages of an mbox.
func (s *session) readMbox(src *source, style look) bool {
	b := newMbox(src.w, src.at, style)
	number, base := src.number, src.baseName()
	cut := func() error {
		if b.cutShort() != nil {
			return src.failure(number)
		}
		return nil
	}
	m := new(Message) // one for all, as each is valid until the next only
	for {
		at, ok := b.next()
		if !ok {
			break
		}
		number++
		*m = Message{Path: src.path, Number: number, Offset: src.base + at, Format: Mbox, BaseName: base, Reader: b, cut: cut}
		if !s.message(m) {
			return false
		}
	}
	if src.w.failure() != nil {
		return s.fail(src.failure(number))
	}
	return true
}
