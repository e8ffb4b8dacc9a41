// Package subscribers takes rows out of a subscriber list, a CSV file (RFC 4180 and
// what spreadsheets make of it), and leaves every other byte as it was: byte order
// mark, delimiter, quoting, line ends.
package subscribers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxRecord bounds one record.
const maxRecord = 16 << 20

// delimiters are those that are told apart by themselves.
const delimiters = ",;\t|"

// An Error says in which line a list is not what it should be.
type Error struct {
	Line int
	Err  error
}

// Error names the line.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the error below.
func (e *Error) Unwrap() error { return e.Err }

// A Record is one record as it stands in the file.
type Record struct {
	Line   int      // where it starts, from 1
	Raw    []byte   // with its line end; valid until the next one
	Fields []string // unquoted
	blank  bool
}

// Blank tells an empty line.
func (r *Record) Blank() bool { return r.blank }

// Body returns the record without its line end, and the line end.
func (r *Record) Body() (body, eol []byte) {
	body = bytes.TrimRight(r.Raw, "\r\n")
	return body, r.Raw[len(body):]
}

// A Reader reads records.
type Reader struct {
	in        *bufio.Reader
	delimiter byte
	eol       byte
	line      int
	raw       []byte
	record    Record
	quoted    bool         // a quote is open
	field     bytes.Buffer // what it holds
}

// NewReader looks at the first bytes of a list. With delimiter 0, it is found by the
// header: the one that makes it hold the column, or else stands in it most often.
func NewReader(r io.Reader, delimiter byte, column string) (*Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head, err := in.Peek(1 << 16)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) || bytes.IndexByte(head, 0) >= 0 {
		return nil, &Error{1, errors.New("this is not UTF-8 text: save the list as CSV (UTF-8)")}
	}
	c := &Reader{in: in, delimiter: delimiter, eol: '\n', line: 1}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		c.eol = '\r'
	}
	if delimiter == 0 {
		c.delimiter = guess(head, c.eol, column)
	}
	return c, nil
}

// guess finds the delimiter.
func guess(head []byte, eol byte, column string) byte {
	best, most := delimiters[0], 0
	for i := range len(delimiters) {
		c := &Reader{in: bufio.NewReader(bytes.NewReader(head)), delimiter: delimiters[i], eol: eol, line: 1}
		record, err := c.Next()
		if err != nil {
			continue
		}
		n := len(record.Fields)
		if _, err := Column(record.Fields, column); err == nil && n > 1 {
			n += 1 << 20
		}
		if n > most {
			best, most = delimiters[i], n
		}
	}
	return best
}

// Delimiter returns the delimiter of the list.
func (c *Reader) Delimiter() byte { return c.delimiter }

// Column finds a column in a header: by its very name, or else without regard to
// case and blanks.
func Column(header []string, name string) (int, error) {
	var exact, loose []int
	for i, field := range header {
		if i == 0 {
			field = strings.TrimPrefix(field, "\ufeff")
		}
		if field == name {
			exact = append(exact, i)
		}
		if strings.EqualFold(strings.TrimSpace(field), strings.TrimSpace(name)) {
			loose = append(loose, i)
		}
	}
	found := exact
	if len(found) == 0 {
		found = loose
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, &Error{1, fmt.Errorf("there is no column %q; the columns are %q", name, header)}
	}
	return 0, &Error{1, fmt.Errorf("%d columns are called %q: name one of them otherwise", len(found), name)}
}

// Next reads a record; io.EOF at the end.
func (c *Reader) Next() (*Record, error) {
	c.record = Record{Line: c.line, Fields: c.record.Fields[:0]}
	c.raw = c.raw[:0]
	for {
		start := len(c.raw)
		err := c.readLine()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		ended := err != nil
		if ended && len(c.raw) == 0 {
			return nil, io.EOF
		}
		open, err := c.take(c.raw[start:])
		if err != nil {
			return nil, err
		}
		if !open {
			c.record.Raw = c.raw
			return &c.record, nil
		}
		if ended {
			return nil, &Error{c.record.Line, errors.New("a quote is opened and never closed")}
		}
	}
}

// readLine adds a line to the record.
func (c *Reader) readLine() error {
	for {
		piece, err := c.in.ReadSlice(c.eol)
		c.raw = append(c.raw, piece...)
		if len(c.raw) > maxRecord {
			return &Error{c.record.Line, errors.New("the record is longer than 16 MB: a quote may be open")}
		}
		if err == nil {
			c.line++
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// take takes the next line of a record apart. It tells whether a quote is open.
func (c *Reader) take(rest []byte) (open bool, err error) {
	if !c.quoted {
		if c.record.Line == 1 {
			rest = bytes.TrimPrefix(rest, []byte("\ufeff"))
		}
		c.record.blank = isEnd(rest)
	}
	for {
		if !c.quoted {
			if len(rest) > 0 && rest[0] == '"' {
				c.quoted, rest = true, rest[1:]
				c.field.Reset()
				continue
			}
			end := bytes.IndexByte(rest, c.delimiter)
			if end < 0 {
				c.record.Fields = append(c.record.Fields, string(bytes.TrimRight(rest, "\r\n")))
				return false, nil
			}
			c.record.Fields = append(c.record.Fields, string(rest[:end]))
			rest = rest[end+1:]
			continue
		}
		if rest, open = c.inQuotes(rest); open {
			return true, nil
		}
		switch {
		case isEnd(rest):
			return false, nil
		case rest[0] != c.delimiter:
			return false, &Error{c.record.Line, errors.New("there is text after a closing quote")}
		}
		rest = rest[1:]
	}
}

// inQuotes takes what stands in quotes, up to and with the closing one.
func (c *Reader) inQuotes(rest []byte) (after []byte, open bool) {
	for {
		quote := bytes.IndexByte(rest, '"')
		if quote < 0 {
			c.field.Write(rest)
			return nil, true
		}
		c.field.Write(rest[:quote])
		rest = rest[quote+1:]
		if len(rest) == 0 || rest[0] != '"' {
			break
		}
		c.field.WriteByte('"')
		rest = rest[1:]
	}
	c.quoted = false
	c.record.Fields = append(c.record.Fields, c.field.String())
	return rest, false
}

// isEnd tells whether nothing but a line end is left.
func isEnd(rest []byte) bool { return len(bytes.TrimRight(rest, "\r\n")) == 0 }
