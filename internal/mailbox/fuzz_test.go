package mailbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzOpen reads anything: no panic, no hang, the same messages however the
// bytes come in, in order and within the file.
func FuzzOpen(f *testing.F) {
	two := sep1 + msg1 + "\n" + sep2 + msg2
	for _, s := range []string{two, msg1, "{\"a\":1}\n{}", "[{}]", "", "\x00", gz(f, two), testdata(f, "two.xz.bin"),
		testdata(f, "two.bz2.bin"), testdata(f, "two.zst.bin"), strings.ReplaceAll(two, "\n", "\r"),
		sep1 + "Content-Length: 5\n\nabcd\n" + sep2 + msg2, sep1 + "\n>From x\n>>From y"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		o := Options{Stdin: bytes.NewReader(in), MaxExpanded: 1 << 20, MaxWindow: 1 << 20}
		messages, problems := all(t, "-", o)
		o.Stdin = iotest.OneByteReader(bytes.NewReader(in))
		again, problemsAgain := all(t, "-", o)
		if g, w := fmt.Sprintf("%+v %q", again, problemsAgain), fmt.Sprintf("%+v %q", messages, problems); g != w {
			t.Errorf("byte by byte:\n got %s\nwant %s", g, w)
		}
		if len(messages)+len(problems) == 0 {
			t.Error("neither messages nor a problem")
		}
		at, size := int64(-1), 0
		for _, m := range messages {
			if m.Offset <= at {
				t.Errorf("%s is at %d, after %d", m.Source, m.Offset, at)
			}
			at = m.Offset
			size += len(m.Text)
		}
		for _, p := range problems {
			if printable(p) != p {
				t.Errorf("unprintable: %q", p)
			}
		}
		if compression(in) == "" && size > len(in) {
			t.Errorf("%d bytes of messages from %d", size, len(in))
		}
	})
}

// FuzzMbox writes two messages as mboxrd and as mboxcl2 and wants them back.
func FuzzMbox(f *testing.F) {
	f.Add("body\n", "\n\n"+sep2+msg2)
	f.Add("From x\n>From y\r\n\r\n", ">")
	f.Add("\rFrom x\r\r", strings.Repeat(">", 20)+"From ")
	f.Fuzz(func(t *testing.T, a, b string) {
		var rd, cl2 strings.Builder
		var want []string
		for _, body := range []string{a, b} {
			if !strings.HasSuffix(body, "\n") {
				body += "\n"
			}
			message := "Subject: x\n\n" + body
			want = append(want, message)
			fmt.Fprintf(&rd, "%s%s\n", sep1, escapeRD(message))
			fmt.Fprintf(&cl2, "%sContent-Length: %d\n%s\n", sep1, len(body), message)
		}
		equal(t, "mboxrd", texts(t, rd.String()), want)
		var got []string
		for _, text := range texts(t, cl2.String()) {
			_, text, _ = strings.Cut(text, "\n")
			got = append(got, text)
		}
		if !strings.Contains(a+b, ">From ") { // else mboxcl and mboxcl2 cannot be told apart
			equal(t, "mboxcl2", got, want)
		}
	})
}

// escapeRD puts a ">" before every line that is "From " after any number of them.
func escapeRD(s string) string {
	var b strings.Builder
	start := true
	for i := range len(s) {
		if start && strings.HasPrefix(strings.TrimLeft(s[i:], ">"), "From ") {
			b.WriteByte('>')
		}
		b.WriteByte(s[i])
		start = isEOL(s[i])
	}
	return b.String()
}

// Two readers of one message, by pieces and at once, see the same.
func TestReadAndWriteTo(t *testing.T) {
	in := sep1 + "A: b\n\n>From x\n" + strings.Repeat("text >From y\n>>From z\n", 50000) + "\n" + sep2 + msg2
	var want string
	for m := range Open("-", Options{Stdin: strings.NewReader(in)}) {
		if m.Number == 1 {
			var b strings.Builder
			io.Copy(&b, m)
			want = b.String()
		}
	}
	for m := range Open("-", Options{Stdin: iotest.HalfReader(strings.NewReader(in))}) {
		if m.Number == 1 {
			b, _ := io.ReadAll(iotest.OneByteReader(m))
			if string(b) != want {
				t.Errorf("got %d bytes, want %d", len(b), len(want))
			}
		}
	}
}
