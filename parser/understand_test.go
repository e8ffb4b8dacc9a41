package parser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/dsn"
)

// says puts what a message means into one line a recipient.
func says(m *Message) string {
	lines := []string{string(m.Kind)}
	for _, r := range m.Recipients {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%s %s %s %s %s", r.Final, r.Action, r.Status, r.Reply, r.Original), " "))
	}
	return strings.Join(lines, "\n")
}

// hdr makes a header of "Name: value" lines.
func hdr(lines ...string) header {
	var h header
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h = append(h, field{name: name, value: value})
	}
	return h
}

func group(lines ...string) string {
	return "Reporting-MTA: dns; mx.example.com\n\n" + strings.Join(lines, "\n") + "\n"
}

var (
	daemon = hdr("From: MAILER-DAEMON@mx.example.com", "Subject: Undelivered", "Return-Path: <>")
	person = hdr("From: Bert <bert@example.com>", "Subject: Fwd: Undelivered", "Return-Path: <bert@example.com>")
	sent   = hdr("From: News <news@example.com>", "To: anja@example.org", "Subject: News", "Message-ID: <1@example.com>", "Date: Tue, 3 Mar 2026 09:00:00 +0100", "List-Id: News <news.example.com>")
	failed = group("Final-Recipient: rfc822; anja@example.org", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 unknown")
)

func TestUnderstand(t *testing.T) {
	tests := []struct {
		name string
		doc  document
		want string
	}{
		{"nothing", document{}, "other"},
		{"delivery status", document{header: daemon, statuses: []string{failed}}, "bounce\nanja@example.org failed 5.1.1 550"},
		{"more telling code in the words", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822; anja@example.org", "Action: failed", "Status: 5.0.0", "Diagnostic-Code: smtp; 550 5.1.1 unknown")}},
			"bounce\nanja@example.org failed 5.1.1 550"},
		{"different fates", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822; anja@example.org", "Action: failed", "Status: 5.1.1") +
			"\nFinal-Recipient: rfc822; bert@example.org\nAction: delayed\nStatus: 4.4.1\n\nFinal-Recipient: rfc822; cleo@example.org\nAction: relayed\nStatus: 2.1.9\n"}},
			"bounce\nanja@example.org failed 5.1.1\nbert@example.org delayed 4.4.1\ncleo@example.org relayed 2.1.9"},
		{"told twice", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822; anja@example.org", "Action: delayed", "Status: 4.4.1") + "\nFinal-Recipient: RFC822; Anja@Example.org\nAction: failed\nStatus: 5.4.7\n"}},
			"bounce\nAnja@Example.org failed 5.4.7"},
		{"IDN and punycode", document{header: daemon, statuses: []string{group("Final-Recipient: utf-8; anja@bücher.example", "Action: failed") + "\nFinal-Recipient: RFC822; anja@xn--bcher-kva.example\nAction: failed\n"}},
			"bounce\nanja@bücher.example failed"},
		{"expanded alias", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822; team@example.org", "Action: expanded") + "\nOriginal-Recipient: rfc822; team@example.org\nFinal-Recipient: rfc822; anja@example.org\nAction: failed\nStatus: 5.1.1\n"}},
			"bounce\nanja@example.org failed 5.1.1  team@example.org"},
		{"alias to a program", document{header: daemon, statuses: []string{group("Original-Recipient: rfc822; anja@example.org", "Final-Recipient: rfc822; |/usr/bin/deliver anja", "Action: failed", "Status: 5.3.0")}},
			"bounce\nanja@example.org failed 5.3.0"},
		{"an address wrapped by Exchange", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822; IMCEAINVALID-anja+40example+2Eorg@example.com", "Action: failed", "Status: 5.1.1")}},
			"bounce\nanja@example.org failed 5.1.1"},
		{"no address: X-Failed-Recipients", document{header: append(hdr("X-Failed-Recipients: anja@example.org"), daemon...), statuses: []string{group("Final-Recipient: system;<>", "Action: failed")}},
			"bounce\nanja@example.org failed"},
		{"no address: returned To", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822;", "Action: failed")}, attached: []*document{{header: sent}}},
			"bounce\nanja@example.org failed"},
		{"no address: return path", document{header: append(hdr("To: news-bounces+anja=example.org@example.com"), daemon...), statuses: []string{group("Final-Recipient: rfc822;", "Action: failed")}},
			"bounce\nanja@example.org failed"},
		{"no address: a list in To, the recipient in the return path", document{header: append(hdr("To: news-bounces+anja=example.org@example.com"), daemon...), statuses: []string{group("Final-Recipient: rfc822;", "Action: failed")},
			attached: []*document{{header: hdr("From: bert@example.com", "To: news@example.com", "List-Id: <news.example.com>")}}}, "bounce\nanja@example.org failed"},
		{"no address: the author wrote to himself", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822;", "Action: failed")},
			attached: []*document{{header: hdr("From: News <news@example.com>", "To: news@example.com", "Received: from a by b for <anja@example.org>; now")}}}, "bounce\nanja@example.org failed"},
		{"a list says nothing", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822;", "Action: failed")}, attached: []*document{{header: hdr("To: anja@example.org, bert@example.org")}}},
			"bounce\n failed"},
		{"nested in a daemon's mail", document{header: daemon, attached: []*document{{header: daemon, statuses: []string{failed}}}}, "bounce\nanja@example.org failed 5.1.1 550"},
		{"nested without a word", document{header: person, attached: []*document{{header: daemon, statuses: []string{failed}}}}, "bounce\nanja@example.org failed 5.1.1 550"},
		{"nested in a person's mail", document{header: person, prose: []string{"Do you know what this means?"}, attached: []*document{{header: daemon, statuses: []string{failed}}}}, "other"},
		{"pasted status", document{header: daemon, prose: strings.Split(failed, "\n")}, "bounce\nanja@example.org failed 5.1.1 550"},
		{"pasted and quoted, passed on as it is", document{header: person, prose: append([]string{"See below."}, strings.Split("> "+strings.ReplaceAll(failed, "\n", "\n> "), "\n")...)}, "bounce\nanja@example.org failed 5.1.1 550"},
		{"pasted and quoted, asked about", document{header: person, prose: append([]string{"Hello Anja, I got this when I wrote to you, what does it mean?"}, strings.Split("> "+strings.ReplaceAll(failed, "\n", "\n> "), "\n")...)}, "other"},
		{"read receipt", document{header: hdr("From: anja@example.org", "Subject: Not read: News"), reportType: "disposition-notification", dispositions: []string{"Final-Recipient: rfc822; anja@example.org\nDisposition: automatic-action/MDN-sent-automatically; deleted"}}, "other"},
		{"delivered probe", document{header: daemon, statuses: []string{group("Final-Recipient: rfc822; anja@example.org", "Action: deliverable", "Status: 2.1.5")}}, "bounce\nanja@example.org delivered 2.1.5"},
		{"vacation by header", document{header: hdr("From: anja@example.org", "X-Autoreply: yes", "Subject: News")}, "auto-reply"},
		{"vacation by subject", document{header: hdr("From: anja@example.org", "Subject: Abwesenheitsnotiz: News")}, "auto-reply"},
		{"RFC 3834", document{header: hdr("From: anja@example.org", "Subject: hello", "Auto-Submitted: auto-replied")}, "auto-reply"},
		{"bulk mail", document{header: hdr("From: news@example.org", "Subject: News", "Precedence: bulk", "X-Auto-Response-Suppress: All")}, "other"},
		{"challenge", document{header: hdr("From: anja@example.org", "Subject: Please confirm your message to anja@example.org", "Auto-Submitted: auto-replied")}, "challenge"},
		{"unsubscribe", document{header: hdr("From: anja@example.org", "Subject: unsubscribe", "Auto-Submitted: auto-replied")}, "other"},
		{"answer", document{header: hdr("From: anja@example.org", "Subject: Re: News", "In-Reply-To: <1@example.com>"), prose: []string{"Thanks."}}, "other"},
	}
	for _, test := range tests {
		if got := says(understand(&test.doc)); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}

func TestUnderstandOriginal(t *testing.T) {
	m := understand(&document{
		header:   append(hdr("Message-ID: <b1@mx.example.com>", "Date: Tue, 3 Mar 2026 09:05:00 +0100", "To: news@example.com"), daemon...),
		statuses: []string{failed}, attached: []*document{{header: sent}}, problems: []string{"cut"}})
	o := m.Original
	if o.MessageID != "1@example.com" || o.From != "news@example.com" || o.Subject != "News" || o.ListID != "news.example.com" ||
		o.Date.Unix() != 1772524800 || len(o.To) != 1 || o.To[0] != "anja@example.org" {
		t.Errorf("original: %+v", o)
	}
	if m.MessageID != "b1@mx.example.com" || m.Date.Unix() != 1772525100 || m.ReportingServer != "mx.example.com" || len(m.To) != 1 || len(m.Problems) != 1 {
		t.Errorf("message: %+v", m)
	}
	r := m.Recipients[0]
	if r.Origin != "delivery-status group 2" || r.ReportingServer != "mx.example.com" || r.Diagnostic != "550 5.1.1 unknown" {
		t.Errorf("recipient: %+v", r)
	}
}

func TestComplaints(t *testing.T) {
	loop := hdr("From: staff@hotmail.com", "Subject: complaint about message from 192.0.2.1")
	copied := hdr("X-HmXmrOriginalRecipient: anja@example.org", "To: list@example.com", "From: news@example.com")
	report := func(lines ...string) []string { return []string{strings.Join(lines, "\n")} }
	tests := []struct {
		name string
		doc  document
		want string
	}{
		{"ARF", document{feedback: report("Feedback-Type: abuse", "Original-Rcpt-To: <anja@example.org>", "Removal-Recipient: anja@example.org")}, "complaint\nanja@example.org"},
		{"ARF of several", document{feedback: report("Feedback-Type: abuse", "Original-Rcpt-To: anja@example.org", "Original-Rcpt-To: bert@example.org")}, "complaint\nanja@example.org\nbert@example.org"},
		{"ARF without a name", document{feedback: report("Feedback-Type: abuse"), attached: []*document{{header: sent}}}, "complaint\nanja@example.org"},
		{"ARF of nobody", document{feedback: report("Feedback-Type: abuse"), attached: []*document{{header: hdr("To: <Undisclosed Recipients>")}}}, "complaint"},
		{"ARF in a text", document{prose: []string{"A report", "", "User-Agent: loop/1", "Feedback-Type: abuse", "Original-Rcpt-To: anja@example.org", "", "To: bert@example.org"}}, "complaint\nanja@example.org"},
		{"ARF with a return path alone", document{feedback: report("Feedback-Type: abuse", "Original-Mail-From: <news-bounces+anja=example.org@example.com>")}, "complaint\nanja@example.org"},
		{"a talk about ARF", document{prose: []string{"Feedback-Type: abuse", "", "is a field of it"}}, "other"},
		{"not spam", document{feedback: report("Feedback-Type: not-spam", "Original-Rcpt-To: anja@example.org")}, "other"},
		{"Hotmail", document{header: loop, attached: []*document{{header: copied}}}, "complaint\nanja@example.org"},
		{"Hotmail without wrapper", document{header: append(hdr("Return-Path: staff@hotmail.com"), copied...)}, "complaint\nanja@example.org"},
		{"ordinary mail at Hotmail", document{header: copied}, "other"},
	}
	for _, test := range tests {
		m := understand(&test.doc)
		if got := strings.TrimSpace(says(m)); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}

func TestNotifications(t *testing.T) {
	const mail = `"mail":{"source":"news@example.com","messageId":"0001","destination":["anja@example.org"],"commonHeaders":{"subject":"News","from":["News <news@example.com>"]}}`
	const bounce = `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"anja@example.org","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"reportingMTA":"dsn; mx.example.net"},` + mail + `}`
	quoted := strings.ReplaceAll(bounce, `"`, `\"`)
	const want = "bounce\nanja@example.org failed 5.1.1 550"
	tests := []struct{ name, json, want string }{
		{"SES", bounce, want},
		{"SNS", `{"Type":"Notification","Message":"` + quoted + `"}`, want},
		{"SQS", `{"Records":[{"body":"{\"Type\":\"Notification\",\"Message\":\"` + strings.ReplaceAll(strings.ReplaceAll(quoted, `\`, `\\`), `\\\"`, `\\\"`) + `\"}"}]}`, ""},
		{"Lambda", `{"Records":[{"Sns":{"Message":"` + quoted + `"}}]}`, want},
		{"EventBridge", `{"detail-type":"Email Bounced","detail":` + strings.Replace(bounce, "notificationType", "eventType", 1) + `}`, want},
		{"two in a row", bounce + "\n" + bounce, "bounce\nanja@example.org failed 5.1.1 550\nanja@example.org failed 5.1.1 550"},
		{"complaint", `{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"anja@example.org"}],"complaintFeedbackType":"abuse"},` + mail + `}`, "complaint\nanja@example.org"},
		{"not spam", `{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"anja@example.org"}],"complaintFeedbackType":"not-spam"},` + mail + `}`, "other"},
		{"delivery", `{"eventType":"Delivery","delivery":{"recipients":["anja@example.org"],"smtpResponse":"250 2.6.0 ok"},` + mail + `}`, "bounce\nanja@example.org delivered 2.6.0 250"},
		{"delay", `{"eventType":"DeliveryDelay","deliveryDelay":{"delayType":"MailboxFull","delayedRecipients":[{"emailAddress":"anja@example.org","status":"4.2.2"}]},` + mail + `}`, "bounce\nanja@example.org delayed 4.2.2"},
		{"reject", `{"eventType":"Reject","reject":{"reason":"Bad content"},` + mail + `}`, "bounce\nanja@example.org failed"},
		{"an opened mail", `{"eventType":"Open",` + mail + `}`, "other"},
		{"other JSON", `{"mail":1}`, "other"},
		{"broken", bounce[:80], "other"},
	}
	for _, test := range tests {
		if test.want == "" {
			continue
		}
		m := understand(&document{json: []string{test.json}})
		if got := strings.TrimSpace(says(m)); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
	m := understand(&document{prose: append(strings.Split(strings.Replace(bounce, `"destination"`, "\"desti!\n nation\"", 1), "\n"), "", "--", "footer")})
	if got := says(m); got != want {
		t.Errorf("as text in a mail: got %q", got)
	}
	if o := m.Original; o.From != "news@example.com" || o.Subject != "News" || o.MessageID != "0001" || m.ReportingServer != "mx.example.net" {
		t.Errorf("original %+v, server %q", o, m.ReportingServer)
	}
}

func TestMerge(t *testing.T) {
	tests := []struct {
		name           string
		listed, prose  dsn.Recipient
		diagnostic     string
		status, origin string
	}{
		{"the text is richer", dsn.Recipient{Diagnostic: "5.0.0", Origin: "group"}, dsn.Recipient{Diagnostic: "550 5.1.1 unknown", Status: "5.1.1", Origin: "body"}, "550 5.1.1 unknown", "5.1.1", "body"},
		{"the group is richer", dsn.Recipient{Diagnostic: "550 5.1.1 unknown", Status: "5.1.1", Origin: "group"}, dsn.Recipient{Diagnostic: "failed", Origin: "body"}, "550 5.1.1 unknown", "5.1.1", "group"},
		{"the text says more of the same", dsn.Recipient{Diagnostic: "550 unknown", Origin: "group"}, dsn.Recipient{Diagnostic: "550 unknown user here", Origin: "body"}, "550 unknown user here", "", "body"},
		{"both as rich", dsn.Recipient{Diagnostic: "550 unknown", Origin: "group"}, dsn.Recipient{Diagnostic: "550 no such user", Origin: "body"}, "550 unknown", "", "group"},
		{"only text", dsn.Recipient{Origin: "group"}, dsn.Recipient{Diagnostic: "unknown", Origin: "body"}, "unknown", "", "body"},
	}
	for _, test := range tests {
		r := test.listed
		merge(&r, test.prose)
		if r.Diagnostic != test.diagnostic || r.Status != test.status || r.Origin != test.origin {
			t.Errorf("%s: got %+v", test.name, r)
		}
		if !strings.Contains(r.Diagnostic+r.Context, test.prose.Diagnostic) {
			t.Errorf("%s: the words of the text are lost: %+v", test.name, r)
		}
	}
}

func TestParseDate(t *testing.T) {
	for _, s := range []string{
		"Tue, 3 Mar 2026 09:00:00 +0100", "3 Mar 2026 09:00:00 +0100", "Tue, 03 Mar 2026 08:00:00 GMT", "Tue, 3 Mar 26 09:00:00 +0100",
		"Tue Mar 3 08:00:00 2026", "Tue, 3 Mar 2026 09:00:00 CET", "Tue, 3 Mar 2026 09:00:00 +0100 (CET)", "2026-03-03T08:00:00Z",
		"Tuesday, 3 March 2026 09:00:00 +0100", "Tue,  3 Mar 2026  17:00:00 JST", "3-Mar-2026 08:00:00", "Tue Mar  3 09:00:00 MET 2026",
	} {
		if got := parseDate(s); got.Unix() != 1772524800 {
			t.Errorf("parseDate(%q) = %v", s, got)
		}
	}
	for _, s := range []string{"", "yesterday", "32 Mar 2026 09:00:00 +0100", "Tue", strings.Repeat("1", 300), "3 Mar 0026 09:00:00 +0000"} {
		if got := parseDate(s); !got.IsZero() {
			t.Errorf("parseDate(%q) = %v", s, got)
		}
	}
}

func FuzzUnderstand(f *testing.F) {
	f.Add("From: MAILER-DAEMON\nSubject: Undelivered", failed, "words\n> more", `{"notificationType":"Bounce","mail":{}}`)
	f.Add("From: a@b", "", failed, "[[[[")
	f.Fuzz(func(t *testing.T, head, status, prose, json string) {
		doc := document{header: hdr(strings.Split(head, "\n")...), prose: strings.Split(prose, "\n")}
		if status != "" {
			doc.statuses = []string{status}
		}
		if json != "" {
			doc.json = []string{json}
		}
		outer := document{header: doc.header, attached: []*document{&doc, {header: doc.header}}, feedback: []string{status}}
		understand(&outer)
		for _, r := range understand(&doc).Recipients {
			if strings.ContainsAny(r.Final+r.Diagnostic+r.Context, "\r\n") {
				t.Errorf("line break in %+v", r)
			}
		}
	})
}
