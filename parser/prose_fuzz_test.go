package parser

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/parser/layouts"
)

// proseSeeds are headers and texts to start from: those in testdata/prose and the
// examples of the layouts.
func proseSeeds(tb testing.TB) [][2]string {
	var seeds [][2]string
	files, _ := filepath.Glob("testdata/prose/*.txt")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		mail, _, _ := strings.Cut(string(data), "-- want --\n")
		head, text, _ := strings.Cut(mail, "\n\n")
		seeds = append(seeds, [2]string{head, text})
	}
	set, err := layouts.Load(layouts.Files())
	if err != nil {
		tb.Fatal(err)
	}
	for _, l := range set.Layouts() {
		for _, e := range l.Examples {
			seeds = append(seeds, [2]string{e.Header, e.Text})
		}
	}
	return seeds
}

// FuzzProse holds that any text is read without harm, twice in the same way, and
// that what is reported stands in the message.
func FuzzProse(f *testing.F) {
	for _, seed := range proseSeeds(f) {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, head, text string) {
		e := layouts.Example{Header: head, Text: text}
		got := readProse(exampleDocument(e))
		if again := readProse(exampleDocument(e)); !reflect.DeepEqual(got, again) {
			t.Fatalf("two readings differ:\n%+v\n%+v", got, again)
		}
		if len(got.recipients) > maxRecipients {
			t.Fatalf("%d recipients", len(got.recipients))
		}
		whole := head + "\n" + text
		for _, r := range got.recipients {
			for _, code := range []string{r.Reply, r.Status} {
				if !strings.Contains(whole, code) {
					t.Errorf("code %q does not stand in the message", code)
				}
			}
			if len(r.Diagnostic) > 2*maxDiagnostic || len(r.Context) > maxContext+1 {
				t.Errorf("%d bytes of diagnostic, %d of context", len(r.Diagnostic), len(r.Context))
			}
			for _, s := range []string{r.Final, r.Original, r.Diagnostic, r.Context, r.RemoteServer} {
				if strings.ContainsAny(s, "\r\n") {
					t.Errorf("a line break in %q", s)
				}
			}
		}
	})
}

// BenchmarkProse reads all seeds in turn.
func BenchmarkProse(b *testing.B) {
	var docs []*document
	size := 0
	for _, seed := range proseSeeds(b) {
		docs = append(docs, exampleDocument(layouts.Example{Header: seed[0], Text: seed[1]}))
		size += len(seed[1])
	}
	b.ReportAllocs()
	b.SetBytes(int64(size / len(docs)))
	for i := 0; b.Loop(); i++ {
		readProse(docs[i%len(docs)])
	}
}

// BenchmarkProseOrdinary reads a text of 2 KB that is no report, from a daemon.
func BenchmarkProseOrdinary(b *testing.B) {
	text := strings.Repeat("The quick brown fox jumps over the lazy dog and lives happily.\n", 33)
	doc := exampleDocument(layouts.Example{Header: "From: mailer-daemon@example.com\nSubject: hello", Text: text})
	b.ReportAllocs()
	for b.Loop() {
		readProse(doc)
	}
}
