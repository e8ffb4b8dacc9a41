package subscribers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Verdict says whether an address leaves, and the cells to note with its row.
type Verdict func(address string) (leaves bool, note []string, err error)

// Options say how to clean a list.
type Options struct {
	Column    string
	Delimiter byte     // 0 finds it
	Notes     []string // the names of the columns that Verdict's notes fill
}

// A Result counts the rows of a list.
type Result struct {
	Rows, Removed int
}

// Clean writes to kept the list without the rows of addresses that leave, and to
// removed those rows with the notes. The whole list is looked at before the first
// byte is written to kept: a list that is not what it should be leaves nothing there.
func Clean(list io.ReadSeeker, kept, removed io.Writer, o Options, verdict Verdict) (Result, error) {
	result, gone, err := look(list, removed, o, verdict)
	if err != nil {
		return Result{}, err
	}
	return result, pass(list, kept, o, result.Rows, gone)
}

// look goes through the list once, and tells the numbers of the rows that go.
func look(list io.ReadSeeker, removed io.Writer, o Options, verdict Verdict) (Result, []int, error) {
	r, header, err := begin(list, o)
	if err != nil {
		return Result{}, nil, err
	}
	column, err := Column(header.Fields, o.Column)
	if err != nil {
		return Result{}, nil, err
	}
	width := len(header.Fields)
	if err := noted(removed, header, r.delimiter, o.Notes); err != nil {
		return Result{}, nil, err
	}
	var gone []int
	for n := 0; ; n++ {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return Result{n, len(gone)}, gone, nil
		}
		if err != nil {
			return Result{}, nil, err
		}
		if record.blank {
			continue
		}
		if len(record.Fields) != width {
			return Result{}, nil, &Error{record.Line, fmt.Errorf("it has %d fields, the header has %d", len(record.Fields), width)}
		}
		leaves, note, err := verdict(strings.TrimSpace(record.Fields[column]))
		if err != nil {
			return Result{}, nil, err
		}
		if !leaves {
			continue
		}
		gone = append(gone, n)
		if err := noted(removed, record, r.delimiter, note); err != nil {
			return Result{}, nil, err
		}
	}
}

func begin(list io.ReadSeeker, o Options) (*Reader, *Record, error) {
	if _, err := list.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	r, err := NewReader(list, o.Delimiter, o.Column)
	if err != nil {
		return nil, nil, err
	}
	header, err := r.Next()
	if errors.Is(err, io.EOF) {
		return nil, nil, &Error{1, errors.New("the list is empty: it has no header")}
	}
	return r, header, err
}

// pass copies the list without the rows that go.
func pass(list io.ReadSeeker, kept io.Writer, o Options, rows int, gone []int) error {
	r, header, err := begin(list, o)
	if err != nil {
		return err
	}
	if _, err := kept.Write(header.Raw); err != nil {
		return err
	}
	for n := range rows {
		record, err := r.Next()
		if err != nil {
			return fmt.Errorf("the list has changed meanwhile: %w", err)
		}
		if len(gone) > 0 && gone[0] == n {
			gone = gone[1:]
			continue
		}
		if _, err := kept.Write(record.Raw); err != nil {
			return err
		}
	}
	return nil
}

// noted writes a record with more cells after its own.
func noted(w io.Writer, record *Record, delimiter byte, cells []string) error {
	if w == nil {
		return nil
	}
	body, eol := record.Body()
	var b bytes.Buffer
	b.Write(body)
	for _, cell := range cells {
		b.WriteByte(delimiter)
		b.WriteString(quote(cell, delimiter))
	}
	if len(eol) == 0 {
		eol = []byte("\n")
	}
	b.Write(eol)
	_, err := w.Write(b.Bytes())
	return err
}

// quote quotes a cell where it needs that.
func quote(cell string, delimiter byte) string {
	if !strings.ContainsAny(cell, "\"\r\n"+string(rune(delimiter))) {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}
