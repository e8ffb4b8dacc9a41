package dsn

import (
	"reflect"
	"strings"
	"testing"
)

const twoRecipients = `Reporting-MTA: dns; mx.example.com (192.0.2.1)
Received-From-MTA: dns; client.example.com
Arrival-Date: Tue, 3 Mar 2026 09:00:00 +0100

Final-Recipient: rfc822; anja@example.org
Original-Recipient: rfc822;anja@example.net
Action: failed
Status: 5.0.0
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <anja@example.org>:
 Recipient address rejected
 (in reply to RCPT TO command)

Final-Recipient: rfc822; bert@example.org
Action: delayed
Status: 4.2.2 (mailbox full)
Will-Retry-Until: Wed, 4 Mar 2026 09:00:00 +0100
`

func TestParseReport(t *testing.T) {
	r := ParseReport(twoRecipients)
	if r.ReportingMTA != "mx.example.com" || r.ReceivedFrom != "client.example.com" || len(r.Groups) != 2 {
		t.Fatalf("got %+v", r)
	}
	want := Recipient{Final: "anja@example.org", Original: "anja@example.net", Action: Failed, Status: "5.1.1", Reply: "550", Stage: StageRcpt,
		RemoteServer: "mx.example.org", ReportingServer: "mx.example.com",
		Diagnostic: "550 5.1.1 <anja@example.org>: Recipient address rejected (in reply to RCPT TO command)"}
	if got := r.Groups[0].Recipient(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	second := r.Groups[1]
	if second.Number != 3 || second.Action != Delayed || second.Status != "4.2.2" || second.StatusText != "mailbox full" || second.WillRetryUntil == "" {
		t.Errorf("got %+v", second)
	}
}

// Each layout tells the same two recipients.
func TestParseReportLayouts(t *testing.T) {
	group := func(who, action string) string {
		return "Final-Recipient: rfc822; " + who + "@example.org\nAction: " + action + "\nStatus: 5.1.1\n"
	}
	message := "Reporting-MTA: dns; mx.example.com\n"
	layouts := map[string]string{
		"regular":               message + "\n" + group("anja", "failed") + "\n" + group("bert", "delayed"),
		"no blank lines":        message + group("anja", "failed") + group("bert", "delayed"),
		"no message group":      group("anja", "failed") + "\n" + group("bert", "delayed"),
		"message group again":   message + group("anja", "failed") + "\n" + message + group("bert", "delayed"),
		"message group last":    group("anja", "failed") + "\n" + group("bert", "delayed") + "\n" + message,
		"blank lines within":    message + "\n\n" + strings.ReplaceAll(group("anja", "failed"), "\n", "\n\n") + "\n\n" + strings.ReplaceAll(group("bert", "delayed"), "\n", "\n\n"),
		"leading blank":         "\n\n" + message + "\n" + group("anja", "failed") + "\n" + group("bert", "delayed"),
		"CRLF":                  strings.ReplaceAll(message+"\n"+group("anja", "failed")+"\n"+group("bert", "delayed"), "\n", "\r\n"),
		"original before final": message + "\nOriginal-Recipient: rfc822;a@example.com\n" + group("anja", "failed") + "Original-Recipient: rfc822;b@example.com\n" + group("bert", "delayed"),
		"words after action":    message + "\n" + group("anja", "failed (bad destination)") + "\n" + group("bert", "Delayed"),
		"status first":          message + "\nStatus: 5.1.1\nAction: failed\nFinal-Recipient: anja@example.org\n\nStatus: 5.1.1\nAction: delayed\nFinal-Recipient: bert@example.org",
	}
	for name, text := range layouts {
		r := ParseReport(text)
		if len(r.Groups) != 2 {
			t.Errorf("%s: %d groups: %+v", name, len(r.Groups), r.Groups)
			continue
		}
		a, b := r.Groups[0], r.Groups[1]
		if a.Final != "anja@example.org" || a.Action != Failed || a.Status != "5.1.1" || b.Final != "bert@example.org" || b.Action != Delayed || b.Status != "5.1.1" {
			t.Errorf("%s: got %+v", name, r.Groups)
		}
	}
}

func TestParseReportValues(t *testing.T) {
	tests := []struct {
		name, fields string
		want         Recipient
	}{
		{"missing types", "Final-Recipient: anja@example.org\nDiagnostic-Code: 550 no such user",
			Recipient{Final: "anja@example.org", Reply: "550", Diagnostic: "550 no such user"}},
		{"status without code", "Final-Recipient: rfc822;anja@example.org\nStatus: 550",
			Recipient{Final: "anja@example.org", Diagnostic: "550"}},
		{"expired", "Final-Recipient: rfc822;anja@example.org\nAction: expired\nStatus:",
			Recipient{Final: "anja@example.org", Action: Failed}},
		{"probe", "Final-Recipient: rfc822;anja@example.org\nAction: deliverable\nStatus: 2.1.5\nDiagnostic-Code: smtp; 250 2.1.5 Ok",
			Recipient{Final: "anja@example.org", Action: Delivered, Status: "2.1.5", Reply: "250", Diagnostic: "250 2.1.5 Ok"}},
		{"exit code", "Final-Recipient: rfc822;anja@example.org\nAction: failed\nDiagnostic-Code: X-Unix; 255",
			Recipient{Final: "anja@example.org", Action: Failed, Diagnostic: "255"}},
		{"greeting", "Final-Recipient: rfc822;anja@example.org\nAction: failed\nDiagnostic-Code: smtp; 220 mx.example.org ESMTP",
			Recipient{Final: "anja@example.org", Action: Failed, Diagnostic: "220 mx.example.org ESMTP"}},
		{"words only", "Final-Recipient: rfc822;anja@example.org\nAction: failed\nStatus: 5.3.0 (no way)",
			Recipient{Final: "anja@example.org", Action: Failed, Status: "5.3.0", Diagnostic: "no way"}},
		{"not indented", "Final-Recipient: rfc822;anja@example.org\nDiagnostic-Code: smtp; 550-first line\n550 second: line\nRemote-MTA: 192.0.2.1",
			Recipient{Final: "anja@example.org", Reply: "550", Diagnostic: "550-first line 550 second: line", RemoteServer: "192.0.2.1"}},
		{"no address", "Final-Recipient: system;<>\nAction: failed", Recipient{Action: Failed}},
	}
	for _, test := range tests {
		r := ParseReport(test.fields)
		if len(r.Groups) != 1 {
			t.Errorf("%s: %d groups", test.name, len(r.Groups))
			continue
		}
		if got := r.Groups[0].Recipient(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", test.name, got, test.want)
		}
	}
}

func TestHostOf(t *testing.T) {
	tests := []struct{ in, want string }{
		{"dns; MX.example.com", "mx.example.com"}, {"dns;mx.example.com (192.0.2.1)", "mx.example.com"}, {"mx.example.com.", "mx.example.com"},
		{"dns; [192.0.2.1]", "192.0.2.1"}, {"dns; mx.example.com [192.0.2.1]", "mx.example.com"}, {"dns;mx.example.com (TCP|192.0.2.1|25)", "mx.example.com"},
		{"", ""}, {"dns;", ""},
	}
	for _, test := range tests {
		if got := HostOf(test.in); got != test.want {
			t.Errorf("HostOf(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestStripComments(t *testing.T) {
	tests := []struct{ in, want string }{
		{"a (b) c", "a  c"}, {`"(a)" b`, `"(a)" b`}, {"a (b (c)) d", "a  d"}, {"a (b", "a (b"}, {`a \( b`, `a \( b`}, {"(a)", ""},
	}
	for _, test := range tests {
		if got := StripComments(test.in); got != test.want {
			t.Errorf("StripComments(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestFields(t *testing.T) {
	f := Fields("Feedback-Type: abuse\n\nOriginal-Rcpt-To: a@example.org\nOriginal-Rcpt-To: b@example.org\nVersion: 1\n")
	if len(f) != 4 || Get(f, "feedback-type") != "abuse" || Get(f, "version") != "1" || Get(f, "original-rcpt-to") != "a@example.org" || Get(f, "x") != "" {
		t.Errorf("got %q", f)
	}
}

func FuzzReport(f *testing.F) {
	f.Add(twoRecipients)
	f.Add("Final-Recipient: a@b\n c\nd\n\n\nAction: failed")
	f.Add(strings.Repeat("Final-Recipient: rfc822; a@b\n", 40))
	f.Add("(((:\n:::\n a")
	f.Fuzz(func(t *testing.T, s string) {
		for i, g := range ParseReport(s).Groups {
			r := g.Recipient()
			if strings.ContainsAny(r.Final+r.Original+r.Diagnostic+r.RemoteServer, "\r\n") {
				t.Errorf("group %d has line breaks: %+v", i, r)
			}
			if r.Status != "" && !ValidStatus(r.Status) {
				t.Errorf("group %d has status %q", i, r.Status)
			}
		}
	})
}

// A report as large as one may be, in the forms that cost most, is read in no time.
func TestParseReportBounds(t *testing.T) {
	for name, text := range map[string]string{
		"continuations": "Diagnostic-Code: x\n" + strings.Repeat(" a\n", 60_000),
		"stray blanks":  "Final-Recipient: a@example.org\n\n" + strings.Repeat("X-A: b\n\n", 30_000),
		"one group":     "Final-Recipient: a@example.org\n" + strings.Repeat("Status: 5.1.1\n", 20_000),
	} {
		r := ParseReport(text)
		if len(r.Groups) != 1 || len(r.Groups[0].Diagnostic) > maxValue+10 || len(r.Groups[0].Fields) > maxGroup {
			t.Errorf("%s: %d groups", name, len(r.Groups))
		}
	}
	if r := ParseReport(strings.Repeat("Final-Recipient: a@example.org\n", 100_000)); len(r.Groups) != maxFields {
		t.Errorf("%d groups", len(r.Groups))
	}
}
