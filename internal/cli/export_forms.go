package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/internal/policy"
)

// An exportRow is what an export can say of an address. Its names are a contract.
type exportRow struct {
	Email       string `json:"email"`
	Action      string `json:"action"` // remove, suspend or restore
	Cause       string `json:"cause"`
	FirstFailed string `json:"first_failed"`
	LastFailed  string `json:"last_failed"`
	Strikes     int    `json:"strikes"`
	LastReply   string `json:"last_reply"`
	Evidence    string `json:"evidence"`
	Fix         string `json:"fix"`

	code      string
	permanent bool
	since     time.Time
}

var exportColumns = []string{"email", "action", "cause", "first_failed", "last_failed", "strikes", "last_reply", "evidence", "fix"}

func (e *exporter) exportRow(s *ledger.Standing) exportRow {
	r := exportRow{Email: s.Email, Action: string(s.State), Cause: s.Cause, FirstFailed: stamp(s.First), LastFailed: stamp(s.Last),
		Strikes: s.Strikes, since: s.Since}
	if !s.State.Leaves() {
		r.Action = "restore"
	}
	if c, known := e.rules.Cause(s.Cause); known {
		r.Fix = c.Fix
	}
	if p := s.Proof; p != nil && (p.Kind == policy.Failure || p.Kind == policy.Complaint) {
		r.LastReply, r.Evidence, r.code, r.permanent = p.Recipient.Diagnostic, p.Evidence.Text, p.Reply, p.Permanent
	}
	return r
}

// stamp writes a moment as RFC 3339, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// An exportForm writes rows in one form. row tells how many bytes it wrote.
type exportForm interface {
	begin() error
	row(*exportRow) (int, error)
	end() error
}

// A preset is a form and what its importer takes.
type preset struct {
	about       string
	form        func(io.Writer) exportForm
	onlyRemoved bool  // it cannot say more than that an address leaves
	isCSV       bool  // a spreadsheet may open it
	comments    bool  // a line that starts with # does not count
	rows        int   // a file takes so many
	bytes       int64 // or so much
}

// presets are the forms by name.
var presets = map[string]preset{
	"csv":              {about: "a table with all that is known (the default)", form: wide},
	"json":             {about: "the same as an array of JSON objects", form: array},
	"jsonl":            {about: "the same, a JSON object a line", form: lines(allOf)},
	"listmonk":         {about: `CSV for its import with mode "blocklist"`, form: narrow(listmonkRow, "email", "name", "attributes"), onlyRemoved: true, isCSV: true},
	"listmonk-webhook": {about: "JSON lines, each for POST /webhooks/bounce", form: lines(listmonkBounce), onlyRemoved: true},
	"mailman":          {about: "an address a line, for `mailman delmembers -l LIST -f FILE`", form: narrow(justEmail), onlyRemoved: true, comments: true},
	"sympa":            {about: "an address a line, for `sympa del LIST@DOMAIN < FILE`", form: narrow(justEmail), onlyRemoved: true, comments: true},
	"phplist":          {about: "an address a line", form: narrow(justEmail), onlyRemoved: true},
	"ses":              {about: "address,BOUNCE or address,COMPLAINT; 100,000 a file", form: narrow(sesRow), onlyRemoved: true, isCSV: true, rows: 100000},
	"mailgun":          {about: "CSV with address,code,error,created_at; 25 MB a file", form: narrow(mailgunRow, "address", "code", "error", "created_at"), onlyRemoved: true, isCSV: true, bytes: 24 << 20},
	"sendgrid":         {about: `JSON {"recipient_emails":[…]}`, form: wrapped(`{"recipient_emails":[`, 0, func(r *exportRow) any { return r.Email }), onlyRemoved: true},
	"sparkpost":        {about: `JSON {"recipients":[…]} of its suppression list`, form: wrapped(`{"recipients":[`, 0, sparkpostEntry), onlyRemoved: true},
	"mailchimp":        {about: "CSV with the column Email Address", form: narrow(justEmail, "Email Address"), onlyRemoved: true, isCSV: true},
	"postmark":         {about: `JSON {"Suppressions":[…]}, 50 a line, a line a call`, form: wrapped(`{"Suppressions":[`, 50, postmarkEntry), onlyRemoved: true},
	"cloudflare":       {about: "address,date", form: narrow(cloudflareRow), onlyRemoved: true, isCSV: true},
}

func presetNames() []string {
	names := slices.Sorted(maps.Keys(presets))
	slices.SortStableFunc(names, func(a, b string) int { return own(a) - own(b) })
	return names
}

// own orders our own forms before those of others.
func own(name string) int {
	if i := slices.Index([]string{"csv", "json", "jsonl"}, name); i >= 0 {
		return i
	}
	return 3
}

func presetHelp() string {
	var b strings.Builder
	for _, name := range presetNames() {
		fmt.Fprintf(&b, "  %-17s %s\n", name, presets[name].about)
	}
	return b.String()
}

// unfit tells why an address cannot stand in the form as it is, or "". It is
// better left out than changed: nobody has the changed one on the list.
func (p *preset) unfit(email string) string {
	switch {
	case output.Clean(email) != email:
		return "it holds characters that cannot be seen"
	case p.isCSV && output.Cell(email) != email:
		return "a spreadsheet would take it for a formula"
	case p.comments && strings.HasPrefix(email, "#"):
		return "it would be taken for a comment"
	}
	return ""
}

// A csvForm writes CSV, or plain lines where there is one column.
type csvForm struct {
	header []string
	out    *counting
	w      *csv.Writer
	cells  func(*exportRow) []string
}

func wide(w io.Writer) exportForm {
	return narrow(func(r *exportRow) []string {
		return []string{output.Cell(r.Email), r.Action, r.Cause, r.FirstFailed, r.LastFailed, fmt.Sprint(r.Strikes),
			output.Cell(r.LastReply), output.Cell(r.Evidence), output.Cell(r.Fix)}
	}, exportColumns...)(w)
}

func narrow(cells func(*exportRow) []string, header ...string) func(io.Writer) exportForm {
	return func(w io.Writer) exportForm {
		out := &counting{w: w}
		return &csvForm{header, out, csv.NewWriter(out), cells}
	}
}

func (f *csvForm) begin() error {
	if len(f.header) == 0 {
		return nil
	}
	return f.w.Write(f.header)
}

func (f *csvForm) row(r *exportRow) (int, error) {
	before := f.out.n
	cells := f.cells(r)
	if len(cells) == 1 && len(f.header) == 0 { // lines are not CSV: nothing is quoted
		_, err := io.WriteString(f.out, cells[0]+"\n")
		return f.out.n - before, err
	}
	if err := f.w.Write(cells); err != nil {
		return 0, err
	}
	f.w.Flush()
	return f.out.n - before, f.w.Error()
}

func (f *csvForm) end() error {
	f.w.Flush()
	return f.w.Error()
}

// counting counts what is written.
type counting struct {
	w io.Writer
	n int
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += n
	return n, err
}

func justEmail(r *exportRow) []string { return []string{r.Email} }

func sesRow(r *exportRow) []string {
	if r.Cause == "complaint" {
		return []string{r.Email, "COMPLAINT"}
	}
	return []string{r.Email, "BOUNCE"}
}

func mailgunRow(r *exportRow) []string {
	return []string{r.Email, r.code, output.Cell(r.Evidence), r.since.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")}
}

func cloudflareRow(r *exportRow) []string { return []string{r.Email, stamp(r.since)} }

func listmonkRow(r *exportRow) []string {
	attributes, err := json.Marshal(map[string]string{"bounce_cause": r.Cause, "bounced_at": stamp(r.since)})
	if err != nil {
		attributes = []byte("{}")
	}
	return []string{r.Email, "", string(attributes)}
}

func listmonkBounce(r *exportRow) any {
	kind := "soft"
	switch {
	case r.Cause == "complaint":
		kind = "complaint"
	case r.permanent:
		kind = "hard"
	}
	meta, err := json.Marshal(map[string]string{"cause": r.Cause, "reply": r.LastReply})
	if err != nil {
		meta = []byte("{}")
	}
	return struct {
		Email  string `json:"email"`
		Source string `json:"source"`
		Type   string `json:"type"`
		Meta   string `json:"meta"`
	}{r.Email, "whybounce", kind, string(meta)}
}

func sparkpostEntry(r *exportRow) any {
	return struct {
		Recipient   string `json:"recipient"`
		Type        string `json:"type"`
		Description string `json:"description"`
	}{r.Email, "non_transactional", r.Cause + ": " + r.Evidence}
}

func postmarkEntry(r *exportRow) any {
	return struct {
		EmailAddress string
	}{r.Email}
}

func allOf(r *exportRow) any { return r }

// A jsonForm writes JSON: values with something before, between and after them.
type jsonForm struct {
	out                   *counting
	open, between, finish string
	every                 int // values in one list; 0 is all
	n                     int
	value                 func(*exportRow) any
}

func array(w io.Writer) exportForm {
	return &jsonForm{out: &counting{w: w}, open: "[\n", between: ",\n", finish: "\n]\n", value: allOf}
}

func lines(value func(*exportRow) any) func(io.Writer) exportForm {
	return func(w io.Writer) exportForm {
		return &jsonForm{out: &counting{w: w}, between: "\n", finish: "\n", value: value}
	}
}

// wrapped writes lists in an object; open is all that stands before the values.
func wrapped(open string, every int, value func(*exportRow) any) func(io.Writer) exportForm {
	return func(w io.Writer) exportForm {
		return &jsonForm{out: &counting{w: w}, open: open, between: ",", finish: "]}\n", every: every, value: value}
	}
}

func (f *jsonForm) begin() error {
	_, err := io.WriteString(f.out, f.open)
	return err
}

func (f *jsonForm) row(r *exportRow) (int, error) {
	before := f.out.n
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f.value(r)); err != nil {
		return 0, err
	}
	lead := ""
	switch {
	case f.every > 0 && f.n > 0 && f.n%f.every == 0:
		lead = f.finish + f.open
	case f.n > 0:
		lead = f.between
	}
	f.n++
	_, err := io.WriteString(f.out, lead+strings.TrimSuffix(text.String(), "\n"))
	return f.out.n - before, err
}

func (f *jsonForm) end() error {
	if f.open == "" && f.n == 0 {
		return nil // no lines at all
	}
	_, err := io.WriteString(f.out, f.finish)
	return err
}
