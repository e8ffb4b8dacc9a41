// Package samples_test holds the project's own bounces to what they mean: beside
// each sample stands a .want file, a line a recipient (kind, recipient, outcome,
// cause, list action, status, reply, tabs between, "-" for what is not given).
package samples_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/internal/pipeline"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

var update = flag.Bool("update", false, "write the .want files and bounces.mbox anew")

const mboxFile = "bounces.mbox"

// separator stands before each message of bounces.mbox.
const separator = "From MAILER-DAEMON Tue Mar  3 09:15:02 2026\n"

func TestSamples(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	analyser := &pipeline.Analyser{Rules: set, Limits: parser.Limits{}}
	for _, name := range list(t) {
		t.Run(name, func(t *testing.T) {
			got := told(t, analyser, name)
			wantFile := strings.TrimSuffix(name, filepath.Ext(name)) + ".want"
			if *update {
				if err := os.WriteFile(wantFile, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(wantFile)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// TestMbox holds bounces.mbox to the samples that it is made of.
func TestMbox(t *testing.T) {
	var want bytes.Buffer
	from := regexp.MustCompile(`(?m)^>*From `)
	for _, name := range list(t) {
		raw := read(t, name)
		if filepath.Ext(name) != ".eml" || !bytes.Contains(raw, []byte("\n")) {
			continue // notifications, and line ends that an mbox does not have
		}
		want.WriteString(separator)
		want.Write(from.ReplaceAll(raw, []byte(">$0")))
		if !bytes.HasSuffix(raw, []byte("\n")) {
			want.WriteByte('\n')
		}
		want.WriteByte('\n')
	}
	if *update {
		if err := os.WriteFile(mboxFile, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(read(t, mboxFile), want.Bytes()) {
		t.Errorf("%s is not made of the samples; run go test ./samples -update", mboxFile)
	}
}

// list gives the names of the samples, sorted.
func list(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); ext == ".eml" || ext == ".json" {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 60 {
		t.Fatalf("%d samples; the test does not stand where they are", len(out))
	}
	return out
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// told is what the analysis tells of a sample, in the form of a .want file.
func told(t *testing.T, analyser *pipeline.Analyser, name string) string {
	t.Helper()
	result := analyser.Read(name, bytes.NewReader(read(t, name)))
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	var out strings.Builder
	for _, r := range result.Rows {
		cells := []string{r.Kind, r.Recipient, string(r.Outcome), r.Cause, string(r.ListAction), r.Status, r.Reply}
		if r.Recipient == "" && r.Kind != "bounce" {
			cells = []string{r.Kind, "", "", "", "", "", ""}
		}
		for i, c := range cells {
			if c == "" {
				cells[i] = "-"
			}
		}
		out.WriteString(strings.Join(cells, "\t") + "\n")
		if r.Evidence.Rule != "" && r.Evidence.Text == "" {
			t.Errorf("%s: rule %s has no words for evidence", name, r.Evidence.Rule)
		}
	}
	return out.String()
}
