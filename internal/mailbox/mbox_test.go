package mailbox

import (
	"fmt"
	"strings"
	"testing"
)

// dialects are two messages, the first with what each dialect makes of its body.
func TestDialects(t *testing.T) {
	body := "Hi,\n\nFrom here it goes on.\n>From quoted\n\n" + sep2 + "Subject: inner\n\nFrom x\n"
	escape := func(s string, all bool) string {
		lines := strings.SplitAfter(s, "\n")
		for i, ln := range lines {
			if strings.HasPrefix(ln, "From ") || all && strings.HasPrefix(strings.TrimLeft(ln, ">"), "From ") {
				lines[i] = ">" + ln
			}
		}
		return strings.Join(lines, "")
	}
	const head = "Subject: one\n"
	withLength := func(b string) string { return fmt.Sprintf("%sContent-Length: %d\n\n%s", head, len(b), b) }
	once := strings.ReplaceAll(body, ">From ", "From ") // what mboxo cannot give back
	tests := []struct{ name, message, want string }{
		{"mboxo", head + "\n" + escape(body, false), head + "\n" + once},
		{"mboxrd", head + "\n" + escape(body, true), head + "\n" + body},
		{"mboxcl", withLength(escape(body, true)), ""},
		{"mboxcl2", withLength(body), withLength(body)},
	}
	for _, tt := range tests {
		if tt.name == "mboxcl" {
			tt.want = fmt.Sprintf("%sContent-Length: %d\n\n%s", head, len(escape(body, true)), body)
		}
		for _, eol := range []string{"\n", "\r\n", "\r"} {
			in, want, next := sep1+tt.message+"\n"+sep2+msg2+"\n", tt.want, msg2
			if eol != "\n" {
				if strings.HasPrefix(tt.name, "mboxcl") {
					in, want = relength(in, eol), relength(want, eol)
				}
				in, want, next = strings.ReplaceAll(in, "\n", eol), strings.ReplaceAll(want, "\n", eol), strings.ReplaceAll(next, "\n", eol)
			}
			t.Run(fmt.Sprintf("%s %q", tt.name, eol), func(t *testing.T) {
				equal(t, "texts", texts(t, in), []string{want, next})
			})
		}
	}
}

// relength makes the Content-Length of the first message right for another line end.
func relength(s, eol string) string {
	_, rest, _ := strings.Cut(s, "Content-Length: ")
	var n int
	fmt.Sscan(rest, &n)
	_, body, _ := strings.Cut(rest, "\n\n")
	lines := strings.Count(body[:min(n, len(body))], "\n")
	if n > len(body) { // mboxcl: the text is shorter than what is written
		lines = strings.Count(body, "\n")
	}
	return strings.Replace(s, fmt.Sprint("Length: ", n), fmt.Sprint("Length: ", n+lines*(len(eol)-1)), 1)
}

func TestSeparators(t *testing.T) {
	const known = "Return-Path: <>\n"
	tests := []struct {
		name, between string // what stands after the body line of the first message
		splits        bool
	}{
		{"usual", "\n" + sep2 + known, true},
		{"prose", "\nFrom what I hear, it works.\n" + known, false},
		{"prose with a date", "\nFrom 10:30 on Mon Jan 5 2026 we are closed.\n" + known, false},
		{"prose after it", "\n" + sep2 + "she wrote this\n", false},
		{"no blank line", sep2 + known, true},
		{"no blank line, unusual field", sep2 + "Note: this\n", false},
		{"unusual field", "\n" + sep2 + "Note: this\n", true},
		{"no header", "\n" + sep2 + "\n", true},
		{"first field broken", "\n" + sep2 + "broken line\nSubject: x\nTo: bob@example.com\n", true},
		{"no date", "\nFrom bob@example.com\n" + known, false},
		{"escaped", "\n>" + sep2 + known, false},
		{"indented", "\n " + sep2 + known, false},
		{"Mozilla", "\nFrom - Tue Apr 29 23:27:30 2025\n" + known, true},
		{"no sender", "\nFrom  Tue Apr 29 23:27:30 2025\n" + known, true},
		{"zone", "\nFrom bob@example.com Tue Apr 29 23:27:30 CEST 2025\n" + known, true},
		{"zone and offset", "\nFrom 17@xxx Tue Apr 29 23:27:30 +0000 2025\n" + known, true},
		{"no weekday", "\nFrom bob@example.com Apr 29 23:27 2025\n" + known, true},
		{"RFC 5322", "\nFrom bob@example.com Tue, 29 Apr 2025 23:27:30 +0200 (CEST)\n" + known, true},
		{"ISO 8601", "\nFrom bob@example.com 2025-04-29T23:27:30Z\n" + known, true},
		{"ISO in words", "\nFrom bob@example.com 2025-04-29 23:27:30\n" + known, true},
		{"remote", "\nFrom bob Tue Apr 29 23:27:30 2025 remote from host\n" + known, true},
		{"quoted sender", "\nFrom \"b o b\"@example.com Tue Apr 29 23:27:30 2025\n" + known, true},
		{"too many words", "\nFrom a b c Tue Apr 29 23:27:30 2025\n" + known, false},
		{"too long", "\nFrom " + strings.Repeat("x", 4096) + " Tue Apr 29 23:27:30 2025\n" + known, false},
	}
	for _, tt := range tests {
		for _, eol := range []string{"\n", "\r\n", "\r"} {
			in := strings.ReplaceAll(sep1+msg1+tt.between+"\nend\n", "\n", eol)
			out := texts(t, in)
			if (len(out) == 2) != tt.splits {
				t.Errorf("%s %q: got %d messages %q", tt.name, eol, len(out), out)
			}
			first := strings.ReplaceAll(msg1, "\n", eol)
			if tt.splits && out[0] != first {
				t.Errorf("%s %q: the first is %q, want %q", tt.name, eol, out[0], first)
			}
		}
	}
}

func TestUndatedSeparators(t *testing.T) {
	for _, sep := range []string{"From bob@example.com\n", "From bob vrijdag 9 januari\n"} {
		in := sep + "Received: x\n\nbody\n\n" + sep + "Received: y\n\nFrom me\n\nFrom bob@example.com\nto you\n"
		equal(t, sep, texts(t, in), []string{"Received: x\n\nbody\n", "Received: y\n\nFrom me\n\nFrom bob@example.com\nto you\n"})
	}
	equal(t, "prose", texts(t, "From now on\nit is text\n"), []string{"From now on\nit is text\n"})
}

func TestContentLength(t *testing.T) {
	inner := "text\n\n" + sep2 + msg2
	message := func(length any) string { return fmt.Sprintf("A: b\ncontent-length: %v\n\n%s", length, inner) }
	rest := "\n" + sep1 + msg1
	tests := []struct {
		name   string
		length any
		want   int
	}{
		{"right", len(inner), 2},
		{"with the blank line", len(inner) + 1, 2},
		{"to the end", len(inner + rest), 1},
		{"too short by 3", len(inner) - 3, 3},
		{"too long by 3", len(inner) + 3, 3},
		{"beyond the end", len(inner) * 100, 3},
		{"huge", "99999999999999999999999999", 3},
		{"negative", -5, 3},
		{"no number", "x", 3},
		{"zero", 0, 3},
		{"two, the second right", fmt.Sprintf("7\nContent-Length: %d", len(inner)), 2},
	}
	for _, tt := range tests {
		in := sep1 + message(tt.length) + rest
		out := texts(t, in)
		if len(out) != tt.want {
			t.Errorf("%s: got %d messages, want %d: %q", tt.name, len(out), tt.want, out)
		}
		file := writeFile(t, in, t.TempDir(), "x")
		messages, _ := all(t, file, Options{})
		if len(messages) != tt.want {
			t.Errorf("%s, as a file: got %d messages, want %d", tt.name, len(messages), tt.want)
		}
	}
}

// A Content-Length is checked where it points, however far that is: in a file
// at will, in a stream as far as is looked ahead.
func TestContentLengthFar(t *testing.T) {
	for size, streamed := range map[int]int{windowSize: 2, maxAhead / 2: 2, 2 * maxAhead: 3} {
		inner := "text\n\n" + sep2 + msg2 + strings.Repeat("0123456\n", size/8)
		in := fmt.Sprintf("%sContent-Length: %d\n\n%s\n%s%s", sep1, len(inner), inner, sep1, msg1)
		if out := texts(t, in); len(out) != streamed {
			t.Errorf("%d bytes, a stream: got %d messages, want %d", size, len(out), streamed)
		}
		messages, _ := all(t, writeFile(t, in, t.TempDir(), "x"), Options{})
		if len(messages) != 2 || !strings.HasSuffix(messages[0].Text, inner) {
			t.Errorf("%d bytes, a file: got %d messages", size, len(messages))
		}
	}
}

// Whatever falls on the edge of the window is found all the same.
func TestWindowEdges(t *testing.T) {
	for _, eol := range []string{"\n", "\r\n", "\r"} {
		tail := strings.ReplaceAll("\n>>From x\n\n"+sep2+msg2, "\n", eol)
		first := strings.ReplaceAll(sep1+"A: b\n\n", "\n", eol)
		want := strings.ReplaceAll("\n>From x\n", "\n", eol)
		for pad := windowSize - len(first) - len(tail) - behind; pad < windowSize+40; pad++ {
			out := texts(t, first+strings.Repeat("x", pad)+tail)
			if len(out) != 2 || !strings.HasSuffix(out[0], "x"+want) || out[1] != strings.ReplaceAll(msg2, "\n", eol) {
				t.Fatalf("%q, %d bytes before: got %d messages, the first ends %.60q", eol, pad, len(out), out[0][len(out[0])-30:])
			}
		}
	}
}

func TestLongQuotes(t *testing.T) {
	for _, n := range []int{1, holdback, windowSize - 1, windowSize, windowSize + 1, 3 * windowSize} {
		for _, before := range []string{"", "x"} {
			gt := strings.Repeat(">", n)
			want := gt[1:]
			if before == "x" {
				want = gt
			}
			out := texts(t, sep1+"A: b\n\n"+before+gt+"From y\n")
			if len(out) != 1 || out[0] != "A: b\n\n"+before+want+"From y\n" {
				t.Errorf("%q and %d >: got %d bytes", before, n, len(out[0]))
			}
		}
	}
}

func TestEmptyMessages(t *testing.T) {
	in := sep1 + "\n" + sep2 + "\n" + sep1 + msg1
	equal(t, "texts", texts(t, in), []string{"", "", msg1})
	equal(t, "alone", texts(t, sep1), []string{""})
	equal(t, "without line end", texts(t, strings.TrimSpace(sep1)), []string{""})
}
