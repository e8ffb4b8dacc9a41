package output

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/whybounce/whybounce/rules"
)

func sampleRow() Row {
	return Row{
		Source: "bounces.mbox#3", Kind: "bounce", Recipient: "user@example.net", OriginalRecipient: "list@example.org",
		Outcome: rules.OutcomeFailed, Cause: "unknown-user", ListAction: rules.Remove, Permanent: true,
		Status: "5.1.1", Reply: "550", Stage: "rcpt", Title: "No such mailbox", Fix: `Take "it" off <the> list & go on.`,
		Diagnostic:      "550 5.1.1 <user@example.net>: benutzer unbekannt \u00fc \u6f22",
		Evidence:        rules.Evidence{Text: "unbekannt", Origin: "delivery-status group 1", Rule: "some-rule"},
		ReportingServer: "mx.example.org", RemoteServer: "mail.example.net", Date: "2026-03-01T10:00:00Z", MessageID: "a@b",
		Original: Original{MessageID: "c@d", From: "news@example.org", Subject: "Hello\\ \tyou", Date: "2026-03-01T09:00:00Z", ListID: "l.example.org"},
		Problems: []string{"one", "two"},
	}
}

func TestJSONIsThatOfEncodingJSON(t *testing.T) {
	for _, row := range []Row{sampleRow(), {Problems: []string{}}, {Source: "a\b\f\n\r\t\"\\/<>&'é\U0001f600 \xff\xc3(", Problems: []string{""}}} {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(row); err != nil {
			t.Fatal(err)
		}
		if got := string(row.AppendJSON(nil)) + "\n"; got != want.String() {
			t.Errorf("got  %swant %s", got, want.String())
		}
	}
}

func TestJSONHasEveryFieldOfRow(t *testing.T) {
	row := sampleRow()
	var back Row
	if err := json.Unmarshal(row.AppendJSON(nil), &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(row, back) {
		t.Errorf("got %+v, want %+v", back, row)
	}
}

const hostile = "\x1b]0;x\x07\x1b[31m\u202eevil\u2066\u200b\u200d\ufeff\u0085\u061c\u00ad\u2028\U000e0041\x7f\x00\xff"

// TestAppendStringAtEveryPlace holds that it does not matter where in a string a byte stands.
func TestAppendStringAtEveryPlace(t *testing.T) {
	for c := range 256 {
		alone := string(AppendString(nil, string([]byte{byte(c)})))
		for at := range 20 {
			before, after := strings.Repeat("~", at), strings.Repeat(" ", 20-at)
			want := `"` + before + alone[1:len(alone)-1] + after + `"`
			if got := string(AppendString(nil, before+string([]byte{byte(c)})+after)); got != want {
				t.Fatalf("byte %#x at %d: %s, want %s", c, at, got, want)
			}
		}
	}
}

func FuzzShown(f *testing.F) {
	f.Add("plain")
	f.Add(hostile)
	f.Add("  =1+1")
	f.Add("\r\n\t@SUM(1)")
	f.Add("smtp; =1; \"=2\";;+3")
	f.Fuzz(func(t *testing.T, s string) {
		shown := Clean(s)
		mustBeSafe(t, "Clean", shown)
		quoted := string(AppendString(nil, s))
		mustBeSafe(t, "AppendString", quoted)
		var back string
		if err := json.Unmarshal([]byte(quoted), &back); err != nil {
			t.Fatalf("%q is not JSON: %v", quoted, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && back != want {
			t.Errorf("JSON gives %q back, want %q", back, want)
		}
		cell := Cell(s)
		mustBeSafe(t, "Cell", cell)
		for _, part := range strings.Split(cell, ";") {
			if c := strings.Trim(part, " \""); c != "" && strings.ContainsAny(c[:1], "=+-@") {
				t.Errorf("the cell %q is a formula", cell)
			}
		}
	})
}

func mustBeSafe(t *testing.T, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%s gives invalid UTF-8: %q", what, s)
	}
	for _, r := range s {
		if hidden(r) {
			t.Errorf("%s lets %U through: %q", what, r, s)
		}
	}
}

func TestClean(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"user unknown", "user unknown"},
		{"a\tb\r\nc\nd\re", "a b c d e"},
		{"\x1b[31mred\x1b[0m", `\u001b[31mred\u001b[0m`},
		{"\u202egnp.exe", `\u202egnp.exe`},
		{"zero\u200bwidth \U000e0041", `zero\u200bwidth \udb40\udc41`},
		{"C1 \u009b31m", `C1 \u009b31m`},
		{"bad \xff\xfe", "bad \ufffd\ufffd"},
		{"grün 漢字 ن 🙂", "grün 漢字 ن 🙂"},
		{"soft\u00adhyphen", `soft\u00adhyphen`},
	} {
		if got := Clean(tt.in); got != tt.want {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestCell(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"user@example.com", "user@example.com"},
		{"=1+1", "'=1+1"},
		{"+49 30", "'+49 30"},
		{"-1", "'-1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"   =1+1", "'   =1+1"},
		{"\u00a0=1+1", "'\u00a0=1+1"},
		{"\t=1+1", "' =1+1"},
		{"\r\n@x", "' @x"},
		{"one\n=2", "one =2"},
		{"\x00=1", `'\u0000=1`},
		{"\uff1d1+1", "'\uff1d1+1"},
		{"smtp; =1+1", "smtp;' =1+1"},
		{"a;b;\"=1;-2", "a;b;'\"=1;'-2"},
		{"\"=1\"", "'\"=1\""},
		{"a;", "a;"},
		{"", ""},
		{"  ", "  "},
	} {
		if got := Cell(tt.in); got != tt.want {
			t.Errorf("Cell(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func write(t *testing.T, format string, o Options, rows ...Row) string {
	t.Helper()
	var b bytes.Buffer
	w, err := New(format, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	var totals Totals
	for i := range rows {
		if err := w.Row(&rows[i]); err != nil {
			t.Fatal(err)
		}
		totals.Add(Failures, rows[i:i+1])
	}
	if err := w.End(&totals); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormatsWhenEmpty(t *testing.T) {
	for format, want := range map[string]string{
		"json":  "[]\n",
		"jsonl": "",
		"csv":   strings.Join(Columns(), ",") + "\n",
		"text":  "0 messages.\n",
	} {
		if got := write(t, format, Options{}); got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
	if _, err := New("yaml", nil, Options{}); err == nil {
		t.Error("New takes a format that it does not know")
	}
}

func TestCSVHoldsEveryField(t *testing.T) {
	row := sampleRow()
	row.Diagnostic = "550 \"quoted\", " + hostile + "\n=cmd"
	records, err := csv.NewReader(strings.NewReader(write(t, "csv", Options{}, row))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || len(records[1]) != len(Columns()) {
		t.Fatalf("got %d records, the second of %d fields", len(records), len(records[1]))
	}
	for i, field := range records[1] {
		mustBeSafe(t, Columns()[i], field)
		if field == "" {
			t.Errorf("the column %s is empty", Columns()[i])
		}
	}
	if got := write(t, "csv", Options{BOM: true}); !strings.HasPrefix(got, "\ufeffsource,") {
		t.Errorf("with a byte order mark: %q", got)
	}
}

func TestJSONArray(t *testing.T) {
	var rows []Row
	if err := json.Unmarshal([]byte(write(t, "json", Options{}, sampleRow(), sampleRow())), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Errorf("got %d rows, want 2", len(rows))
	}
}
