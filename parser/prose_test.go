package parser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/parser/layouts"
)

// TestProse reads the texts in testdata/prose: a header, a text and, for each
// recipient that it must find, "address | action | reply | status | words of the
// diagnostic".
func TestProse(t *testing.T) {
	files, err := filepath.Glob("testdata/prose/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no texts found", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			mail, want, ok := strings.Cut(string(data), "-- want --\n")
			head, text, _ := strings.Cut(mail, "\n\n")
			if !ok {
				t.Fatal("it wants nothing")
			}
			checkProse(t, readProse(exampleDocument(layouts.Example{Header: head, Text: text})), want)
		})
	}
}

func checkProse(t *testing.T, got proseReport, want string) {
	t.Helper()
	wanted := strings.Split(strings.TrimRight(want, "\n"), "\n")
	if want == "" {
		wanted = nil
	}
	if got.bounce != (len(wanted) > 0) {
		t.Errorf("bounce is %v", got.bounce)
	}
	if len(got.recipients) != len(wanted) {
		t.Fatalf("%d recipients, want %d: %s (layout %q)", len(got.recipients), len(wanted), describe(got), got.layout)
	}
	for i, line := range wanted {
		f := strings.SplitN(line, "|", 5)
		for j := range f {
			f[j] = strings.TrimSpace(f[j])
		}
		r := got.recipients[i]
		if r.Final != f[0] || string(r.Action) != f[1] || r.Reply != f[2] || r.Status != f[3] || !strings.Contains(r.Diagnostic, f[4]) {
			t.Errorf("recipient %d, layout %q:\n got %s\nwant %s", i+1, got.layout, describe(proseReport{recipients: got.recipients[i : i+1]}), line)
		}
	}
}

func describe(p proseReport) string {
	var b strings.Builder
	for _, r := range p.recipients {
		fmt.Fprintf(&b, "%s | %s | %s | %s | %s\n", r.Final, r.Action, r.Reply, r.Status, r.Diagnostic)
	}
	return b.String()
}
