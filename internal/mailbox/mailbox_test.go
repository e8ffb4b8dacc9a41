package mailbox

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A got is a message as the tests compare it.
type got struct {
	Source string
	Offset int64
	Format Format
	Text   string
}

// all reads a whole source; errors come as text.
func all(t testing.TB, path string, o Options) (messages []got, problems []string) {
	t.Helper()
	for m, err := range Open(path, o) {
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Errorf("error is a %T, want *Error", err)
			}
			problems = append(problems, err.Error())
			continue
		}
		b, err := io.ReadAll(m)
		if err != nil {
			t.Errorf("%s: %v", m.Source(), err)
		}
		messages = append(messages, got{m.Source(), m.Offset, m.Format, string(b)})
	}
	return messages, problems
}

// texts reads what standard input holds, and wants no errors.
func texts(t testing.TB, in string) []string {
	t.Helper()
	var out []string
	messages, problems := all(t, "-", Options{Stdin: strings.NewReader(in)})
	if len(problems) > 0 {
		t.Errorf("problems: %q", problems)
	}
	for _, m := range messages {
		out = append(out, m.Text)
	}
	return out
}

func writeFile(t testing.TB, data string, path ...string) string {
	t.Helper()
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

const (
	sep1 = "From MAILER-DAEMON Mon Jan  5 10:00:00 2026\n"
	sep2 = "From alice@example.com Tue Jan  6 11:22:33 2026\n"
	msg1 = "Subject: one\n\nfirst body\n"
	msg2 = "Subject: two\n\nsecond body\n"
)

func TestLoneMessage(t *testing.T) {
	dir := t.TempDir()
	eml := writeFile(t, "\xef\xbb\xbf\r\n\n"+msg1, dir, "a.mbox") // the name says nothing
	messages, problems := all(t, eml, Options{})
	equal(t, "messages", messages, []got{{eml, 6, EML, msg1}})
	equal(t, "problems", problems, []string(nil))
	for m := range Open(eml, Options{}) {
		if m.Number != 0 || m.BaseName != "a.mbox" || m.Err() != nil {
			t.Errorf("got number %d, base name %q, err %v", m.Number, m.BaseName, m.Err())
		}
		var b bytes.Buffer
		if n, err := io.Copy(&b, m); err != nil || n != int64(len(msg1)) || b.String() != msg1 {
			t.Errorf("copied %d bytes %q, %v", n, b.String(), err)
		}
	}
}

func TestMboxIsNumbered(t *testing.T) {
	dir := t.TempDir()
	one := writeFile(t, "\n"+sep1+msg1+"\n", dir, "one")
	messages, _ := all(t, one, Options{})
	equal(t, "one", messages, []got{{one + "#1", 1, Mbox, msg1}})
	two := writeFile(t, sep1+msg1+"\n"+sep2+msg2+"\n", dir, "two.eml")
	messages, _ = all(t, two, Options{})
	at := int64(len(sep1 + msg1 + "\n"))
	equal(t, "two", messages, []got{{two + "#1", 0, Mbox, msg1}, {two + "#2", at, Mbox, msg2}})
}

func TestPassedOver(t *testing.T) {
	// What the caller leaves unread is no part of the next message.
	in := sep1 + "Subject: long\n\n" + strings.Repeat("text\n", 1<<17) + "\n" + sep2 + msg2
	var subjects []string
	for m, err := range Open("-", Options{Stdin: strings.NewReader(in)}) {
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 12)
		if _, err := io.ReadFull(m, b); err != nil {
			t.Fatal(err)
		}
		subjects = append(subjects, string(b))
	}
	equal(t, "subjects", subjects, []string{"Subject: lon", "Subject: two"})
}

func TestStopEarly(t *testing.T) {
	n := 0
	for range Open("-", Options{Stdin: strings.NewReader(sep1 + msg1 + "\n" + sep2 + msg2)}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("got %d messages after break", n)
	}
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		e    Error
		want string
	}{
		{Error{Path: "bounces.mbox", Number: 3, Offset: 1042, Err: ErrTruncated}, "bounces.mbox#3 at byte 1042: the data end early"},
		{Error{Path: "a b", Err: ErrEmpty, Hint: "do this"}, "a b: it is empty; do this"},
		{Error{Path: "a\x1b[31m\u202e", Err: fmt.Errorf("bad\x07 \xff")}, `"a\x1b[31m\u202e": bad\a \xff`},
		{Error{Path: "für", Err: &os.PathError{Op: "open", Path: "\x1b", Err: os.ErrPermission}}, "für: permission denied"},
		{Error{}, `"": unknown error`},
	}
	for _, tt := range tests {
		equal(t, "text", tt.e.Error(), tt.want)
	}
}
