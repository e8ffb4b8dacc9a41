package parser

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// reportWith is a delivery report with something wrong in it.
func reportWith(replacements ...string) string {
	return strings.NewReplacer(replacements...).Replace(report)
}

// TestDamage checks that the evidence of a damaged report is found: the text, the
// delivery status, the returned message.
func TestDamage(t *testing.T) {
	const multipart = "multipart/report; report-type=delivery-status; boundary=\"bound\""
	long := strings.Repeat("b", 5000)
	tests := []struct {
		name, mail, problem string
	}{
		{"sound", report, ""},
		{"bare CR", strings.ReplaceAll(report, "\n", "\r"), ""},
		{"CRLF", strings.ReplaceAll(report, "\n", "\r\n"), ""},
		{"CRCRLF", strings.ReplaceAll(report, "\n", "\r\r\n"), ""},
		{"mbox line", "From MAILER-DAEMON Sat Nov 21 10:00:00 2026\n" + report, ""},
		{"byte order mark", "\ufeff" + report, ""},
		{"blank lines first", "\n \n\n" + report, ""},
		{"wrong boundary", reportWith(multipart, strings.Replace(multipart, "bound\"", "other\"", 1)), "the declared boundary does not occur: took the one found"},
		{"no boundary", reportWith(multipart, "multipart/report; report-type=delivery-status"), "multipart without a boundary parameter"},
		{"empty boundary", reportWith("\"bound\"", "\"\""), "multipart without a boundary parameter"},
		{"open quote", reportWith("\"bound\"", "\"bound"), ""},
		{"boundary unfolded", reportWith("; boundary=", ";\nboundary="), "header line without a field name: taken as part of Content-Type"},
		{"boundary in pieces", reportWith("boundary=\"bound\"", "\n boundary*0=bo;\n boundary*1=und"), ""},
		{"long boundary", reportWith("bound\"", long+"\"", "--bound", "--"+long), ""},
		{"no final boundary", reportWith("--bound--\n", ""), "multipart without a final boundary"},
		{"early final boundary", reportWith("mail.\n\n--bound", "mail.\n\n--bound--\n\n--bound"), ""},
		{"spaces after boundary", reportWith("--bound\n", "--bound \t\n"), ""},
		{"no empty line before the first delimiter", reportWith("\nThis is a MIME message.\n", ""), "no empty line after the header"},
		{"many fields", reportWith("MIME-Version: 1.0\n", strings.Repeat("X-Field: x\n", 1200)), "more than 1000 header fields: the rest was passed over"},
		{"space at the end of the boundary", reportWith("bound\"", "bound \""), ""},
		{"boundary in other quotes", reportWith("\"bound\"", "'bound'"), "the declared boundary does not occur: took the one found"},
		{"wrong boundary with spaces", reportWith("\"bound\"", "\"other\"", "--bound\n\n", "--b = 1\nContent-Type: text/plain\n\n", "--bound", "--b = 1"), "the declared boundary does not occur: took the one found"},
		{"no empty line before the preamble", reportWith("\"bound\"\n\nThis", "\"bound\"\nThis"), "no empty line after the header"},
		{"long preamble", reportWith("This is a MIME message.", strings.Repeat("preamble ", 1000)), ""},
		{"line without colon", reportWith("MIME-Version", "this line is no field\nMIME-Version"), "header line without a field name: dropped"},
		{"8-bit name", reportWith("MIME-Version", "X-Pr\xfcfung: ja\nMIME-Version"), "header field with a damaged name: dropped"},
		{"no name", reportWith("MIME-Version", ": nothing\nMIME-Version"), "header field with a damaged name: dropped"},
		{"space before colon", reportWith("MIME-Version:", "MIME-Version :"), ""},
		{"garbage in part header", reportWith("Content-Type: message/d", "garbage\nContent-Type: message/d"), "header line without a field name: dropped"},
		{"garbage after part header", reportWith("delivery-status\n\nRep", "delivery-status\n%%%% !\nContent-Description: x\n\nRep"), "header line without a field name: dropped"},
		{"status without header", reportWith("Content-Type: message/delivery-status\n\n", ""), "part without header"},
		{"status without empty line", reportWith("Content-Type: message/delivery-status\n\n", "Content-Type: message/delivery-status\n"), "no empty line after the header"},
		{"returned without empty line", reportWith("message/rfc822\n\n", "message/rfc822\n"), "no empty line after the header"},
		{"status without type", reportWith("Content-Type: message/delivery-status\n", ""), ""},
		{"status as attachment", reportWith("message/delivery-status", "application/octet-stream; name=details.txt"), ""},
		{"status as text", reportWith("message/delivery-status", "text/plain"), ""},
		{"returned without type", reportWith("Content-Type: message/rfc822\n", ""), ""},
		{"returned without header", reportWith("Content-Type: message/rfc822\n\nFrom", "From"), "part without header"},
		{"returned as text", reportWith("message/rfc822", "text/plain"), ""},
		{"returned header", reportWith("message/rfc822", "text/rfc822-headers"), ""},
		{"returned as UTF-8", reportWith("message/rfc822", "message/global"), ""},
		{"partial", reportWith("message/rfc822", "message/partial; id=x; number=1"), ""},
		{"mbox line inside", reportWith("message/rfc822\n\n", "message/rfc822\n\n\n>From lists@example.org\n"), ""},
		{"base64 that is none", reportWith("delivery-status\n\n", "delivery-status\nContent-Transfer-Encoding: base64\n\n", "--bound\n\nI could", "--bound\nContent-Transfer-Encoding: base64\n\nI could"), "base64 announced, but the text is plain"},
		{"odd encodings", reportWith("delivery-status\n\n", "delivery-status\nContent-Transfer-Encoding: 8-bit\n\n", "MIME-Version", "Content-Transfer-Encoding: quoted-printable\nMIME-Version"), ""},
		{"upper case", reportWith("multipart/report", "MULTIPART/REPORT", "message/delivery-status", "MESSAGE/DELIVERY-STATUS", "boundary=", "BOUNDARY="), ""},
		{"NULs", reportWith("I could not", "I could\x00 not", "Action", "Act\x00ion"), ""},
		{"encoded status", reportWith("delivery-status\n\nReporting-MTA: dns; mx.example.net\n", "delivery-status\nContent-Transfer-Encoding: quoted-printable\n\nReporting-MTA=3A dns; mx.exam=\nple.net\n"), ""},
		{"UTF-16", utf16(report), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc := read(t, test.mail)
			if !slices.Contains(doc.prose, "I could not deliver your mail.") || len(doc.prose) > 3 {
				t.Errorf("prose %q", doc.prose)
			}
			if len(doc.statuses) != 1 || !strings.Contains(doc.statuses[0], "Final-Recipient: rfc822; anna@example.com\n") ||
				!strings.HasPrefix(doc.statuses[0], "Reporting-MTA: dns; mx.example.net\n") {
				t.Errorf("statuses %q", doc.statuses)
			}
			if len(doc.attached) != 1 || doc.attached[0].header.get("Message-ID") != "<1@example.org>" {
				t.Errorf("attached %+v", doc.attached)
			}
			if doc.header.get("subject") != "Returned mail" {
				t.Errorf("subject %q", doc.header.get("subject"))
			}
			if test.problem == "" && len(doc.problems) > 0 || test.problem != "" && !slices.Contains(doc.problems, test.problem) {
				t.Errorf("problems %q, want %q", doc.problems, test.problem)
			}
		})
	}
}

func utf16(s string) string {
	b := []byte{0xff, 0xfe}
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return string(b)
}

// TestLostStructure checks that a report whose MIME is lost still gives its
// delivery status.
func TestLostStructure(t *testing.T) {
	inner := strings.Replace(report, "\nHello Anna\n", "Content-Type: multipart/mixed; boundary=\"inner\"\n\n--inner\n\nHello Anna\n--inner--\n", 1)
	tests := []struct{ name, mail string }{
		{"no boundary lines but inner ones", strings.ReplaceAll(inner, "--bound", "")},
		{"no boundary lines", strings.ReplaceAll(report, "--bound", "")},
		{"pasted", "From: a@example.com\nSubject: see below\n\n" + report},
		{"indented", "From: a@example.com\n\n  " + strings.ReplaceAll(report, "\n", "\n  ")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc := read(t, test.mail)
			if len(doc.statuses) != 1 || !doc.pasted ||
				!strings.Contains(doc.statuses[0], "Final-Recipient: rfc822; anna@example.com\nAction: failed\nStatus: 5.1.1\n") {
				t.Errorf("pasted %v, statuses %q", doc.pasted, doc.statuses)
			}
		})
	}
}

// TestHeaderless checks parts in a message whose Content-Type is lost.
func TestHeaderless(t *testing.T) {
	mail := reportWith("Content-Type: multipart/report; report-type=delivery-status; boundary=\"bound\"\n", "", "--bound\n\n", "--bound\nContent-Type: text/plain\n\n")
	doc := read(t, mail)
	if len(doc.statuses) != 1 || doc.pasted || len(doc.attached) != 1 {
		t.Errorf("statuses %q, attached %d", doc.statuses, len(doc.attached))
	}
	if want := "MIME parts in a message that announces none"; !slices.Contains(doc.problems, want) {
		t.Errorf("problems %q, want %q", doc.problems, want)
	}
}

func TestNoEmptyLineJSON(t *testing.T) {
	doc := read(t, "From: a@example.com\n{\"a\": 1}\n\n<b@example.com>: unknown\n")
	if want := []string{"{\"a\": 1}", "", "<b@example.com>: unknown"}; !slices.Equal(doc.prose, want) {
		t.Errorf("prose %q, want %q", doc.prose, want)
	}
}

func TestNoEmptyLine(t *testing.T) {
	doc := read(t, "From: a@example.com\nSubject: Failure\nI am sorry to say\nthat it failed.\n\nReason: unknown\n")
	want := []string{"I am sorry to say", "that it failed.", "", "Reason: unknown"}
	if !slices.Equal(doc.prose, want) || len(doc.header) != 2 {
		t.Errorf("header %v, prose %q", doc.header, doc.prose)
	}
}

func TestNested(t *testing.T) {
	forwarded := "From: b@example.com\nSubject: Fwd\nContent-Type: multipart/mixed; boundary=outer\n\n" +
		"--outer\n\nLook at this.\n\n--outer\nContent-Type: message/rfc822\n\n" + report + "\n--outer--\n"
	doc := read(t, forwarded)
	if len(doc.attached) != 1 || len(doc.attached[0].statuses) != 1 || len(doc.attached[0].attached) != 1 {
		t.Fatalf("attached %+v", doc.attached)
	}
	if !slices.Contains(doc.prose, "Look at this.") || doc.attached[0].reportType != "delivery-status" {
		t.Errorf("prose %q, report type %q", doc.prose, doc.attached[0].reportType)
	}
	digest := "From: b@example.com\nContent-Type: multipart/digest; boundary=outer\n\n--outer\n\n" + report + "\n--outer\n\n" + report + "\n--outer--\n"
	if doc := read(t, digest); len(doc.attached) != 2 || len(doc.attached[1].statuses) != 1 {
		t.Errorf("digest: attached %+v", doc.attached)
	}
}

func TestUnreadable(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		in   io.Reader
		want error
	}{
		{"empty", strings.NewReader(""), ErrEmpty},
		{"blank", strings.NewReader("\r\n \n\t\n"), ErrEmpty},
		{"binary", strings.NewReader(strings.Repeat("\x00\x01\x1f\x8b\xff\x10 ab", 500)), ErrUnreadable},
		{"one binary line", strings.NewReader("\x7fELF\x02\x01\x01" + strings.Repeat("\x00\x01", 40000)), ErrUnreadable},
		{"input error", iotest.ErrReader(broken), broken},
	}
	for _, test := range tests {
		if doc, err := readDocument(test.in, Limits{}); !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v (%+v)", test.name, err, test.want, doc)
		}
	}
	for _, mail := range []string{"x", "Subject: only\n", "just a line of text", "\x00\x00Subject: x\n\nhello there\n"} {
		if _, err := readDocument(strings.NewReader(mail), Limits{}); err != nil {
			t.Errorf("%q: %v", mail, err)
		}
	}
}

// TestBreaksOff checks that what was read before an input error is kept.
func TestBreaksOff(t *testing.T) {
	in := io.MultiReader(strings.NewReader(report[:len(report)-60]), iotest.ErrReader(errors.New("bad \x1b[2Jblock")))
	doc, err := readDocument(in, Limits{})
	if err != nil || len(doc.statuses) != 1 {
		t.Fatalf("error %v, document %+v", err, doc)
	}
	if want := "the input breaks off: bad ?[2Jblock"; !slices.Contains(doc.problems, want) {
		t.Errorf("problems %q, want %q", doc.problems, want)
	}
}

func TestJSON(t *testing.T) {
	doc := read(t, " \n{\"a\": [1,\n2]}\n{\"b\": 2}\n")
	if want := []string{"{\"a\": [1,\n2]}", `{"b": 2}`}; !slices.Equal(doc.json, want) || doc.mediaType != "application/json" {
		t.Errorf("json %q", doc.json)
	}
	doc = read(t, "[Note] this is no JSON\n\nbut a text\n")
	if want := []string{"[Note] this is no JSON", "", "but a text"}; !slices.Equal(doc.prose, want) {
		t.Errorf("prose %q", doc.prose)
	}
	doc = read(t, "From: a@example.com\nContent-Type: application/json\nContent-Transfer-Encoding: base64\n\neyJhIjoxfQ==\n")
	if want := []string{`{"a":1}`}; !slices.Equal(doc.json, want) {
		t.Errorf("json %q", doc.json)
	}
}

// TestLayers checks that the libraries read what the condenser wrote, that the
// next layer reads where one fails or panics, and that this is named.
func TestLayers(t *testing.T) {
	want := read(t, report)
	failing := layer{"first", func([]byte) (*part, error) { return nil, errors.New("no\x1b") }}
	panicking := layer{"second", func([]byte) (*part, error) { panic("oh") }}
	finding := layer{"third", func([]byte) (*part, error) { return &part{media: "multipart/report"}, nil }}
	for _, last := range layers {
		stack := []layer{failing, panicking, finding, last}
		doc, err := readLayers(strings.NewReader(report), Limits{}.withDefaults(), stack)
		if err != nil {
			t.Fatal(err)
		}
		problems := []string{"first could not read it: no?", "second could not read it: panic: oh", "third could not read it: parts are missing"}
		if !slices.Equal(doc.problems, problems) || doc.layer != last.name {
			t.Errorf("layer %q, problems %q", doc.layer, doc.problems)
		}
		if d := difference(want, doc); d != "" {
			t.Errorf("%s differs: %s", last.name, d)
		}
	}
}

// difference tells where two documents differ, apart from layer and problems.
func difference(a, b *document) string {
	switch {
	case !slices.EqualFunc(a.header, b.header, func(x, y field) bool {
		return strings.EqualFold(x.name, y.name) && strings.Join(strings.Fields(x.value), " ") == strings.Join(strings.Fields(y.value), " ")
	}):
		return "header"
	case !slices.Equal(a.prose, b.prose):
		return "prose"
	case !slices.EqualFunc(a.statuses, b.statuses, func(x, y string) bool { return strings.TrimSpace(x) == strings.TrimSpace(y) }):
		return "statuses"
	case a.mediaType != b.mediaType || a.reportType != b.reportType:
		return "type"
	case len(a.attached) != len(b.attached):
		return "attached"
	}
	for i := range a.attached {
		if d := difference(a.attached[i], b.attached[i]); d != "" {
			return "attached: " + d
		}
	}
	return ""
}
