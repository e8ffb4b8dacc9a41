package parser

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// everythingIn returns all that a document holds, in lower case.
func everythingIn(d *document) string {
	var b strings.Builder
	for _, f := range d.header {
		b.WriteString(f.name + ": " + f.value + "\n")
	}
	for _, list := range [][]string{d.prose, d.statuses, d.feedback, d.dispositions, d.json} {
		b.WriteString(strings.Join(list, "\n") + "\n")
	}
	for _, inner := range d.attached {
		b.WriteString(everythingIn(inner))
	}
	return strings.ToLower(b.String())
}

// TestNothingInvented holds that codes, addresses and hosts that are reported stand
// in the message, and that the words of a diagnostic do, one by one.
func TestNothingInvented(t *testing.T) {
	files, err := filepath.Glob("../samples/*/*.eml")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := readDocument(bytes.NewReader(raw), Limits{})
		if err != nil {
			continue
		}
		text := everythingIn(doc)
		for _, r := range understand(doc).Recipients {
			// A return path names a recipient in two halves: user=example.org.
			addresses := append(strings.Split(r.Final, "@"), strings.Split(r.Original, "@")...)
			for _, s := range append(addresses, r.Status, r.Reply, r.RemoteServer, r.ReportingServer) {
				if !strings.Contains(text, strings.ToLower(s)) {
					t.Errorf("%s: %q does not stand in the message", file, s)
				}
			}
			for _, word := range strings.Fields(strings.ToLower(r.Diagnostic)) {
				if !strings.Contains(text, word) {
					t.Errorf("%s: word %q of the diagnostic %q does not stand in the message", file, word, r.Diagnostic)
				}
			}
		}
	}
}
