package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/internal/cli"
)

// TestEveryFormGivesTheSame: the samples with other line ends, as an mbox, as a
// Maildir and compressed give the same rows.
func TestEveryFormGivesTheSame(t *testing.T) {
	files, err := filepath.Glob("../../samples/*/*.eml")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	var mails [][]byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsRune(b, '\r') { // its line ends are what it is a sample of
			continue
		}
		mails = append(mails, b)
	}
	want := rows(t, folder(t, mails, nil))
	if len(want) < len(mails) {
		t.Fatalf("%d rows of %d messages", len(want), len(mails))
	}
	for name, path := range map[string]string{
		"CRLF":    folder(t, mails, []byte("\r\n")),
		"bare CR": folder(t, mails, []byte("\r")),
		"Maildir": maildir(t, mails),
		"mbox":    mbox(t, mails, false),
		"gzip":    mbox(t, mails, true),
	} {
		got := rows(t, path)
		if len(got) != len(want) {
			t.Errorf("%s: %d rows, want %d", name, len(got), len(want))
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got\n%s\nwant\n%s", name, got[i], want[i])
			}
		}
	}
}

// rows are the rows of a report, without what differs from form to form.
func rows(t *testing.T, path string) []string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := cli.Main([]string{"report", "--all", "--format", "jsonl", path}, strings.NewReader(""), &out, &errs); code > cli.ExitIncomplete {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var list []string
	for line := range strings.Lines(out.String()) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		delete(row, "source")
		delete(row, "problems")
		b, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(b))
	}
	return list
}

func folder(t *testing.T, mails [][]byte, eol []byte) string {
	dir := t.TempDir()
	for i, m := range mails {
		if eol != nil {
			m = bytes.ReplaceAll(m, []byte("\n"), eol)
		}
		put(t, filepath.Join(dir, fmt.Sprintf("%04d.eml", i)), m)
	}
	return dir
}

func maildir(t *testing.T, mails [][]byte) string {
	dir := t.TempDir()
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range mails {
		put(t, filepath.Join(dir, "cur", fmt.Sprintf("%010d.M1P1.example:2,S", i)), m)
	}
	return dir
}

var fromLine = regexp.MustCompile(`(?m)^(>*From )`)

func mbox(t *testing.T, mails [][]byte, compressed bool) string {
	var b bytes.Buffer
	for _, m := range mails {
		b.WriteString("From MAILER-DAEMON Sun Mar  1 10:00:00 2026\n")
		b.Write(fromLine.ReplaceAll(m, []byte(">$1")))
		b.WriteString("\n")
	}
	path := filepath.Join(t.TempDir(), "bounces")
	if !compressed {
		put(t, path, b.Bytes())
		return path
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(b.Bytes())
	w.Close()
	put(t, path, z.Bytes())
	return path
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
}
