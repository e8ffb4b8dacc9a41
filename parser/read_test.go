package parser

import (
	"slices"
	"strings"
	"testing"
)

const report = `From: MAILER-DAEMON@mx.example.net
To: lists@example.org
Subject: Returned mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="bound"

This is a MIME message.
--bound

I could not deliver your mail.

--bound
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; anna@example.com
Action: failed
Status: 5.1.1

--bound
Content-Type: message/rfc822

From: lists@example.org
To: anna@example.com
Subject: News
Message-ID: <1@example.org>

Hello Anna
--bound--
`

func read(t *testing.T, mail string) *document {
	t.Helper()
	doc, err := readDocument(strings.NewReader(mail), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestReadReport(t *testing.T) {
	doc := read(t, report)
	if doc.mediaType != "multipart/report" || doc.reportType != "delivery-status" || doc.layer != "condensed" {
		t.Errorf("media type %q, report type %q, layer %q", doc.mediaType, doc.reportType, doc.layer)
	}
	if want := []string{"I could not deliver your mail."}; !slices.Equal(doc.prose, want) {
		t.Errorf("prose %q, want %q", doc.prose, want)
	}
	if len(doc.statuses) != 1 || !strings.Contains(doc.statuses[0], "Final-Recipient: rfc822; anna@example.com\n") {
		t.Errorf("statuses %q", doc.statuses)
	}
	if len(doc.attached) != 1 || doc.attached[0].header.get("message-id") != "<1@example.org>" {
		t.Errorf("attached %+v", doc.attached)
	}
	if len(doc.problems) > 0 {
		t.Errorf("problems %q", doc.problems)
	}
}
