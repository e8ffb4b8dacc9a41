package parser

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

// uuencode encodes text as uuencode does.
func uuencode(text string) string {
	const digits = "`!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
	enc := base64.NewEncoding(digits).WithPadding('~')
	var b strings.Builder
	for len(text) > 0 {
		n := min(len(text), uuencodeMax)
		b.WriteString(digits[n:n+1] + strings.ReplaceAll(enc.EncodeToString([]byte(text[:n])), "~", "`") + "\n")
		text = text[n:]
	}
	return b.String() + "`\nend\n"
}

// TestLostEncoding checks that text is decoded though the header does not say how.
func TestLostEncoding(t *testing.T) {
	text := strings.Repeat("anna@example.com: no such user here.\n", 8)
	want := strings.Split(strings.TrimSpace(text), "\n")
	const quoted = "anna=40example.com: no such user here, because nobody of this na=\nme ever was\n"
	binary := strings.Repeat("\x00\x01\xff", 40)
	tests := []struct {
		name, body string
		want       []string
	}{
		{"base64", wrap(base64.StdEncoding.EncodeToString([]byte(text))), want},
		{"base64 of no text", wrap(base64.StdEncoding.EncodeToString([]byte(binary))), nil},
		{"words like base64", strings.Repeat("word", 15) + " and more\n", []string{strings.Repeat("word", 15) + " and more"}},
		{"quoted-printable", quoted, []string{"anna@example.com: no such user here, because nobody of this name ever was"}},
		{"an equals sign at an end", "a=b\nc=\nd\n", []string{"a=b", "c=", "d"}},
		{"uuencode", "begin 644 bounce.txt\n" + uuencode(text), want},
		{"uuencode below text", "See below.\n\nbegin 600 a b\n" + uuencode(text) + "bye\n", slices.Concat([]string{"See below.", ""}, want, []string{"bye"})},
		{"uuencode of no text", "See below.\nbegin 644 x.bin\n" + uuencode(binary) + "bye\n", []string{"See below.", "bye"}},
		{"no uuencode", "begin 644 times\nagain\n", []string{"begin 644 times", "again"}},
		{"uuencode cut off", "begin 644 x\n" + strings.TrimSuffix(uuencode(text), "`\nend\n"), want},
	}
	for _, test := range tests {
		got := read(t, "Subject: x\n\n"+test.body).prose
		if test.want == nil {
			test.want = strings.Split(strings.ReplaceAll(strings.TrimSpace(test.body), "\r\n", "\n"), "\n")
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestLostHeader checks that a bounce is understood whose header is lost, whole or
// in part, or stands in the wrong place.
func TestLostHeader(t *testing.T) {
	const text = "This is the mail system at host mx.example.net.\n\n<anna@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 User unknown\n    (in reply to RCPT TO command)\n"
	_, body, _ := strings.Cut(report, "\n\n")
	parts := body[strings.Index(body, "--bound"):]
	encoded := wrap(base64.StdEncoding.EncodeToString([]byte(body)))
	multipart := "Content-Type: multipart/report; report-type=delivery-status; boundary=bound\n"
	tests := []struct{ name, mail string }{
		{"only text", text},
		{"a subject alone", "Subject: hi\n\n" + text},
		{"parts alone", strings.ReplaceAll(parts, "--bound\n\n", "--bound\nContent-Type: text/plain\n\n")},
		{"a line above", "*** passed on ***\n\n" + report},
		{"text with a boundary", strings.Replace(report, "multipart/report", "text/html", 1)},
		{"multipart in base64", "From: MAILER-DAEMON@mx.example.net\n" + multipart + "Content-Transfer-Encoding: base64\n\n" + encoded},
		{"status in base64", reportWith("Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; anna@example.com\nAction: failed\nStatus: 5.1.1\n",
			wrap(base64.StdEncoding.EncodeToString([]byte("Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; anna@example.com\nAction: failed\nStatus: 5.1.1\n"))))},
		{"status indented", reportWith("Reporting-MTA", "  Reporting-MTA", "\nFinal-R", "\n  Final-R", "Action:", "  Action:", "Status:", "  Status:")},
		{"UTF-16 in the other order", "From: MAILER-DAEMON@mx.example.net\nContent-Type: text/plain; charset=utf-16be\nContent-Transfer-Encoding: base64\n\n" +
			wrap(base64.StdEncoding.EncodeToString([]byte(utf16(text)[2:])))},
		{"a page that is no plain text", "Content-Type: text/plain\n\n<!DOCTYPE html>\n<p>Your mail could not be delivered.<p><b>anna&#64;example.com</b>: 550 5.1.1 User unknown"},
		{"HTML with the address", "From: MAILER-DAEMON@mx.example.net\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nThis mail is HTML.\n--b\nContent-Type: text/html\n\n" +
			"<pre>" + strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(text) + "</pre>\n--b--\n"},
	}
	for _, test := range tests {
		m, err := Read(strings.NewReader(test.mail), Limits{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if m.Kind != Bounce || len(m.Recipients) != 1 || m.Recipients[0].Final != "anna@example.com" || m.Recipients[0].Status != "5.1.1" {
			t.Errorf("%s: %s, recipients %+v, problems %q", test.name, m.Kind, m.Recipients, m.Problems)
		}
	}
}

// TestTornAddress checks that half an address is never taken for a whole one.
func TestTornAddress(t *testing.T) {
	const mail = "From: MAILER-DAEMON@mx.example.net\nContent-Type: text/html; charset=utf-8\n\nYour mail could not be delivered.<br>550 5.1.1 "
	for text, want := range map[string]string{
		"vic&shy;tim@example.com: User unknown":            "victim@example.com",
		"victim@\u200bexample.com: User unknown":           "victim@example.com",
		"vic\u00adtim@exam\u2060ple.com: User unknown":     "victim@example.com",
		"ann\uFFFDa@example.com: User unknown":             "",
		"anna@example.co\uFFFDm: User unknown":             "",
		"anna@example.net@example.com: User unknown":       "",
		"W32.Name@mm: User unknown":                        "",
		"\"a@example.net b\"@example.com: User unknown":    "\"a@example.net b\"@example.com",
		"\u200fanna@example.com\u200e: User unknown":       "anna@example.com",
		"\u5b9b\u5148anna@example.com\u3078: User unknown": "anna@example.com",
	} {
		m, err := Read(strings.NewReader(mail+text+"\n"), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range m.Recipients {
			got += r.Final
		}
		if got != want {
			t.Errorf("%q: recipient %q, want %q", text, got, want)
		}
	}
}

// TestDamaged checks what counts as damage: not a long text.
func TestDamaged(t *testing.T) {
	long := strings.Repeat("lorem ipsum dolor\n", 20000)
	tests := []struct {
		mail    string
		damaged bool
	}{
		{"From: a@example.com\n\n" + long, false},
		{"From: a@example.com\ntorn line\nSubject: x\n\n" + long, true},
		{"From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + long + "\n--b\n\n" + long, true},
		{strings.Repeat("X-A: b\n", 2000) + "\nx\n", true},
		{"From: a@example.com\nContent-Type: application/ms-tnef\n\nx\n", true},
		{"[1, 2]", true},
	}
	for _, test := range tests {
		m, err := Read(strings.NewReader(test.mail), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Damaged != test.damaged || len(m.Problems) == 0 {
			t.Errorf("%.60q: damaged %v, problems %q", test.mail, m.Damaged, m.Problems)
		}
	}
}
