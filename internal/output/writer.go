package output

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// A Writer writes a report. Row is called for each row in turn and keeps
// nothing of it; End is called once, after the last.
type Writer interface {
	Row(*Row) error
	End(*Totals) error
}

// Options say how a report is to look.
type Options struct {
	BOM     bool // CSV: start with a byte order mark
	Summary bool // text: end with the totals in full
	Text    TextOptions
	Cause   func(id string) (title, fix string) // text: what to say of a cause
}

// Formats are the names that New knows, the default first.
func Formats() []string { return []string{"text", "json", "jsonl", "csv"} }

// New returns a Writer of the named format on w, which it buffers.
func New(format string, w io.Writer, o Options) (Writer, error) {
	buffered := bufio.NewWriterSize(w, 64<<10)
	switch format {
	case "text":
		return newText(buffered, o), nil
	case "json":
		return &jsonWriter{out: buffered}, nil
	case "jsonl":
		return &jsonlWriter{out: buffered}, nil
	case "csv":
		return newCSV(buffered, o.BOM), nil
	}
	return nil, noFormat(format)
}

// A jsonlWriter writes an object a line.
type jsonlWriter struct {
	out  *bufio.Writer
	line []byte
}

func (w *jsonlWriter) Row(r *Row) error {
	w.line = append(r.AppendJSON(w.line[:0]), '\n')
	_, err := w.out.Write(w.line)
	return err
}

func (w *jsonlWriter) End(*Totals) error { return w.out.Flush() }

// A jsonWriter writes one array, an element a line.
type jsonWriter struct {
	out  *bufio.Writer
	line []byte
	rows int
}

func (w *jsonWriter) Row(r *Row) error {
	start := "[\n"
	if w.rows > 0 {
		start = ",\n"
	}
	w.rows++
	w.line = r.AppendJSON(append(w.line[:0], start...))
	_, err := w.out.Write(w.line)
	return err
}

func (w *jsonWriter) End(*Totals) error {
	end := "\n]\n"
	if w.rows == 0 {
		end = "[]\n"
	}
	if _, err := w.out.WriteString(end); err != nil {
		return err
	}
	return w.out.Flush()
}

// A csvWriter writes a table with a header, even when there are no rows.
type csvWriter struct {
	out    *bufio.Writer
	table  *csv.Writer
	record []string
	err    error
}

// Columns is the header of the CSV format: the keys of the JSON form, flattened.
func Columns() []string {
	return []string{
		"source", "kind", "recipient", "original_recipient", "outcome", "cause", "list_action", "permanent",
		"status", "reply", "stage", "title", "fix", "diagnostic",
		"evidence_text", "evidence_origin", "evidence_rule", "reporting_server", "remote_server", "date", "message_id",
		"original_message_id", "original_from", "original_subject", "original_date", "original_list_id", "problems",
	}
}

func newCSV(out *bufio.Writer, bom bool) *csvWriter {
	w := &csvWriter{out: out, table: csv.NewWriter(out)}
	if bom {
		_, w.err = out.WriteString("\ufeff")
	}
	if w.err == nil {
		w.err = w.table.Write(Columns())
	}
	return w
}

func (w *csvWriter) Row(r *Row) error {
	if w.err != nil {
		return w.err
	}
	w.record = append(w.record[:0],
		r.Source, r.Kind, r.Recipient, r.OriginalRecipient, string(r.Outcome), r.Cause, string(r.ListAction), strconv.FormatBool(r.Permanent),
		r.Status, r.Reply, r.Stage, r.Title, r.Fix, r.Diagnostic,
		r.Evidence.Text, r.Evidence.Origin, r.Evidence.Rule, r.ReportingServer, r.RemoteServer, r.Date, r.MessageID,
		r.Original.MessageID, r.Original.From, r.Original.Subject, r.Original.Date, r.Original.ListID, strings.Join(r.Problems, "; "))
	for i, field := range w.record {
		w.record[i] = Cell(field)
	}
	w.err = w.table.Write(w.record)
	return w.err
}

func (w *csvWriter) End(*Totals) error {
	w.table.Flush()
	if w.err == nil {
		w.err = w.table.Error()
	}
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}
