package parser

import (
	"os"
	"path/filepath"
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

// TestReadAllocations guards what reading a report costs.
func TestReadAllocations(t *testing.T) {
	got := testing.AllocsPerRun(100, func() {
		if _, err := readDocument(strings.NewReader(report), Limits{}); err != nil {
			t.Fatal(err)
		}
	})
	if most := 40.0; got > most {
		t.Errorf("%v allocations, want at most %v", got, most)
	}
}

// TestReadSamples reads the samples with every layer and with all line ends: the
// document is the same.
func TestReadSamples(t *testing.T) {
	names, err := filepath.Glob("../samples/*/*.eml")
	if err != nil || len(names) < 60 {
		t.Fatalf("%d samples, error %v", len(names), err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		mail := strings.ReplaceAll(string(b), "\r\n", "\n")
		want := read(t, mail)
		for _, end := range []string{"\r\n", "\r", "\r\r\n"} {
			got := read(t, strings.ReplaceAll(mail, "\n", end))
			if d := difference(want, got); d != "" || !slices.Equal(got.problems, want.problems) {
				t.Errorf("%s with %q: %s, problems %q and %q", name, end, d, want.problems, got.problems)
			}
		}
		for i := range layers {
			got, err := readLayers(strings.NewReader(mail), Limits{}.withDefaults(), layers[i:i+1])
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if d := difference(want, got); d != "" {
				t.Errorf("%s: %s finds another document: %s", name, layers[i].name, d)
			}
		}
	}
}
