package pipeline

import (
	"bytes"
	"fmt"
	"io"
	"iter"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/mailbox"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// An Explainer explains a recipient's fate; *rules.Set is one.
type Explainer interface {
	Explain(*dsn.Recipient) rules.Verdict
	Of(cause string, o rules.Outcome, ev rules.Evidence) rules.Verdict
}

// An Analyser takes one message through parser and rules. It is safe for
// concurrent use.
type Analyser struct {
	Rules  Explainer
	Limits parser.Limits
}

// A Result is how one message ended, or why a source could not be read.
type Result struct {
	// Source names the message; "" where Err names what it is about.
	Source string
	// Class says how the message ended.
	Class output.Class
	// Message is what the parser made of it; nil where Err is set.
	Message *parser.Message
	// Rows are its recipients, or the message itself where it has none.
	Rows []output.Row
	// Size is the size of the message in bytes.
	Size int64
	// Err says why it could not be read. There is neither Message nor row then.
	Err error
	// Cut says that Err is about the message before: its source broke off
	// within it, and it has had a result of its own.
	Cut bool
}

// scratch is what a worker uses again and again.
type scratch struct {
	rows   []output.Row
	reader bytes.Reader
}

func (s *scratch) reset() { s.rows = s.rows[:0] }

// Read analyses one message. It never panics: what goes wrong in the parser,
// the rules or a library beneath them is the error of the result.
func (a *Analyser) Read(source string, r io.Reader) *Result {
	counted := &counter{r: r}
	res := new(Result)
	a.readFrom(res, new(scratch), source, counted, nil)
	res.Size = counted.n
	return res
}

// readLarge analyses a message that is too large to be held.
func (a *Analyser) readLarge(m *mailbox.Message, r io.Reader) *Result {
	counted := &counter{r: r}
	res := new(Result)
	a.readFrom(res, new(scratch), m.Source(), counted, m.Err)
	res.Size = counted.n
	return res
}

// read analyses a message that is held in memory.
func (a *Analyser) read(res *Result, s *scratch, it *item, data []byte) {
	s.reader.Reset(data)
	a.readFrom(res, s, it.source, &s.reader, func() error { return it.cut })
	res.Size = int64(len(data))
}

// readFrom analyses a message; cut, if any, tells afterwards whether its source
// broke off within it.
func (a *Analyser) readFrom(res *Result, s *scratch, source string, r io.Reader, cut func() error) {
	start := len(s.rows)
	defer func() {
		if p := recover(); p != nil {
			s.rows = s.rows[:start]
			*res = Result{Source: source, Class: output.Unreadable, Err: &PanicError{Value: p}}
		}
	}()
	m, err := parser.Read(r, a.Limits)
	if err != nil {
		*res = Result{Source: source, Class: output.Unreadable, Err: err}
		return
	}
	if cut != nil {
		if err := cut(); err != nil {
			m.Problems = append(m.Problems, "the message is cut short: "+err.Error())
			m.Damaged = true
		}
	}
	res.Source, res.Message = source, m
	s.rows, res.Class = a.appendRows(s.rows, source, m)
	res.Rows = s.rows[start:len(s.rows):len(s.rows)]
}

// A PanicError is a panic that was caught: a bug of ours or of a library.
type PanicError struct{ Value any }

func (e *PanicError) Error() string {
	return fmt.Sprintf("the analysis crashed (%v); this is a bug, please report it with the message", e.Value)
}

// A counter counts what it reads.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// guardSource makes a panic while reading a source its last error.
func (r *run) guardSource(messages iter.Seq2[*mailbox.Message, error]) iter.Seq2[*mailbox.Message, error] {
	return func(yield func(*mailbox.Message, error) bool) {
		var last mailbox.Message
		defer func() {
			if p := recover(); p != nil {
				yield(nil, fmt.Errorf("reading broke off after %q: %w", last.Source(), &PanicError{Value: p}))
			}
		}()
		for m, err := range messages {
			if m != nil {
				last.Path, last.Number = m.Path, m.Number
			}
			if !yield(m, err) {
				return
			}
		}
	}
}
