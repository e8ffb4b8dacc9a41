package remote

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// A pop3Wire speaks lines.
type pop3Wire struct {
	under  *conn
	over   net.Conn
	r      *bufio.Reader
	closed bool
}

// A pop3Error is an answer -ERR.
type pop3Error struct{ text string }

func (e *pop3Error) Error() string { return "the server says " + said(e.text) }

// A pop3Answer is an answer +OK, or + where the server wants more.
type pop3Answer struct {
	text string
	more bool
}

func newPOP3Wire(under *conn, over net.Conn) *pop3Wire {
	return &pop3Wire{under: under, over: over, r: bufio.NewReaderSize(over, 64<<10)}
}

// secure begins TLS. What came with the answer to STLS would be said by
// somebody in between.
func (w *pop3Wire) secure(conf *tls.Config) error {
	if w.r.Buffered() > 0 {
		return fmt.Errorf("%w: something spoke before it began", ErrNoTLS)
	}
	t := tls.Client(w.under, conf)
	if err := t.Handshake(); err != nil {
		return err
	}
	w.over = t
	w.r.Reset(t)
	return nil
}

func (w *pop3Wire) write(s string) error {
	_, err := io.WriteString(w.over, s)
	return err
}

// command sends a line and reads the answer.
func (w *pop3Wire) command(line string) (pop3Answer, error) {
	if strings.ContainsAny(line, "\r\n") {
		return pop3Answer{}, errors.New("a name or a secret holds a line end")
	}
	if err := w.write(line + "\r\n"); err != nil {
		return pop3Answer{}, err
	}
	return w.answer()
}

func (w *pop3Wire) answer() (pop3Answer, error) {
	ln, err := w.line()
	if err != nil {
		return pop3Answer{}, err
	}
	word, text, _ := strings.Cut(ln, " ")
	switch word {
	case "+OK":
		return pop3Answer{text: text}, nil
	case "+":
		return pop3Answer{text: text, more: true}, nil
	case "-ERR":
		return pop3Answer{}, &pop3Error{text}
	}
	return pop3Answer{}, fmt.Errorf("not the answer of a POP3 server: %s", said(ln))
}

// line reads a line of bounded length, without its end.
func (w *pop3Wire) line() (string, error) {
	b, err := w.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(b) > 8<<10 {
		return "", errors.New("not the answer of a POP3 server: a line without end")
	}
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// lines reads an answer of several lines, to its dot. It has to be read to the
// end even after an error.
func (w *pop3Wire) lines(most int, each func(string) error) error {
	var failed error
	for n := 0; ; n++ {
		ln, err := w.line()
		switch {
		case err != nil:
			return err
		case ln == ".":
			return failed
		case n >= most:
			return fmt.Errorf("%w: it lists more than it has", ErrRefused)
		case failed == nil:
			failed = each(strings.TrimPrefix(ln, "."))
		}
	}
}

func (w *pop3Wire) close() {
	w.closed = true
	w.over.Close()
}

// A dotReader reads a message up to the line with a dot alone and takes away
// the dots that were added (RFC 1939, 3). Line ends stay as they are.
type dotReader struct {
	r     *bufio.Reader
	rest  []byte // of the line in the buffer of r
	start bool   // a line begins
	done  bool   // finish was called
	err   error
}

func newDotReader(r *bufio.Reader) *dotReader { return &dotReader{r: r, start: true} }

func (d *dotReader) Read(p []byte) (int, error) {
	if d.done {
		return 0, errors.New("the message is no longer being read")
	}
	n := 0
	for n < len(p) {
		if len(d.rest) == 0 {
			if d.err != nil || n > 0 && d.r.Buffered() == 0 {
				break
			}
			d.next()
			continue
		}
		m := copy(p[n:], d.rest)
		d.rest = d.rest[m:]
		n += m
	}
	if n == 0 && len(p) > 0 {
		return 0, d.err
	}
	return n, nil
}

// next reads a line, or as much of it as fits.
func (d *dotReader) next() {
	b, err := d.r.ReadSlice('\n')
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		d.err = err
		return
	}
	start := d.start
	d.start = err == nil
	if start && b[0] == '.' {
		if text := strings.TrimRight(string(b[:min(len(b), 3)]), "\r\n"); text == "." && len(b) <= 3 {
			d.err = io.EOF
			return
		}
		b = b[1:]
	}
	d.rest = b
}

// finish passes over what is left of the message.
func (d *dotReader) finish() error {
	if d == nil || d.done {
		return nil
	}
	_, err := io.Copy(io.Discard, d)
	d.done = true
	return err
}
