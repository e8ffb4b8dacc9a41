package parser

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// repeat reads a text again and again, size bytes in all.
type repeat struct {
	text string
	size int64
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.size <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && r.size > 0 {
		m := copy(p[n:min(len(p), n+int(min(r.size, 1<<20)))], r.text[r.at:])
		r.at = (r.at + m) % len(r.text)
		r.size -= int64(m)
		n += m
	}
	return n, nil
}

// within runs f and checks that it takes little memory beyond what is there.
func within(t *testing.T, megabytes uint64, f func()) {
	t.Helper()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	peak := uint64(0)
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(5 * time.Millisecond):
		}
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapAlloc)
	}
	if peak > before.HeapAlloc+megabytes<<20 {
		t.Errorf("heap grew by %d MB, want at most %d MB", (peak-before.HeapAlloc)>>20, megabytes)
	}
}

// TestLargeMail checks that a mail of any size is read in constant memory, and that
// what stands around the large piece is found.
func TestLargeMail(t *testing.T) {
	head := report[:strings.LastIndex(report, "--bound\nContent-Type: message/rfc822")]
	const attachment = "--bound\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n"
	tests := []struct {
		name, head, body, tail string
	}{
		{"attachment", head + attachment, strings.Repeat("QUJD", 19) + "\n", "\n--bound--\n"},
		{"attachment without line ends", head + attachment, "QUJD", "\n--bound--\n"},
		{"returned message", head + "--bound\nContent-Type: message/rfc822\n\nSubject: x\n\n", "line of text\n", "\n--bound--\n"},
		{"text", head + "--bound\n\n", "line of text\n", "\n--bound--\n"},
		{"text with bare CR", head + "--bound\n\n", "line of text\r", "\n--bound--\n"},
		{"quoted-printable", head + "--bound\nContent-Transfer-Encoding: quoted-printable\n\n", "=\n", "\n--bound--\n"},
		{"header line", head + "--bound\nContent-Type: message/rfc822\n\nSubject: ", "xxxxxxxx ", "\n\n--bound--\n"},
		{"header lines", head + "--bound\nContent-Type: message/rfc822\n\n", "X: y\n", "\n\n--bound--\n"},
		{"header of garbage", head + "--bound\nContent-Type: message/rfc822\n\nX: y\n", "garbage\n\tmore\n", "\n\n--bound--\n"},
		{"preamble", head + "--bound\nContent-Type: multipart/mixed; boundary=inner\n\n", "--x\n", "\n\n--bound--\n"},
		{"parts", head, "--bound\n\n", ""},
		{"nested parts", head, "--bound\nContent-Type: multipart/mixed; boundary=bound\n\n", ""},
		{"nested messages", head + "--bound\n", "Content-Type: message/rfc822\n\n", "\n--bound--\n"},
		{"blank lines", "\n", "\n\r\n", report},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			within(t, 32, func() {
				size := int64(16 << 20)
				if strings.HasPrefix(test.name, "attachment") && !testing.Short() {
					size = 200 << 20
				}
				in := io.MultiReader(strings.NewReader(test.head), &repeat{text: test.body, size: size}, strings.NewReader(test.tail))
				start := time.Now()
				doc, err := readDocument(in, Limits{})
				if err != nil {
					t.Error(err)
				} else if !doc.hasStatus() || !slices.Contains(doc.prose, "I could not deliver your mail.") {
					t.Errorf("prose %.200q, statuses %q", doc.prose, doc.statuses)
				}
				if took := time.Since(start); took > 60*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// TestLimits checks that each limit holds, and is named where it cuts.
func TestLimits(t *testing.T) {
	nested := func(n int) string {
		var b strings.Builder
		b.WriteString("Subject: nested\n")
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		b.WriteString("\ninnermost\n")
		return b.String()
	}
	field := "X-Field: " + strings.Repeat("v", 90) + "\n"
	tests := []struct {
		name, mail string
		limits     Limits
		problem    string
	}{
		{"parts", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\ntext\n", 2000), Limits{}, "more than 1000 parts: the rest was passed over"},
		{"few parts", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\ntext\n", 20), Limits{Parts: 10}, "more than 10 parts: the rest was passed over"},
		{"depth", nested(100), Limits{}, "more than 64 levels: the inner ones were passed over"},
		{"messages", "Subject: x\n" + strings.Repeat("Content-Type: message/rfc822\n\n", 100) + "\n\ntext\n", Limits{}, "more than 64 levels: the inner ones were passed over"},
		{"fields", strings.Repeat("X: y\n", 1500) + "\ntext\n", Limits{}, "more than 1000 header fields: the rest was passed over"},
		{"header", strings.Repeat(field, 100) + "\ntext\n", Limits{PartHeader: 5000}, "header of more than 5000 bytes: cut"},
		{"long field", "Subject: " + strings.Repeat("word ", 1<<19) + "\n\ntext\n", Limits{}, "header of more than 1048576 bytes: cut"},
		{"headers", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: message/rfc822\n\n"+strings.Repeat(field, 100)+"\n\nx\n", 600), Limits{}, "headers of more than 4194304 bytes in all: cut"},
		{"text", "Subject: x\n\n" + strings.Repeat("line of text\n", 20000) + "tail\n", Limits{}, "text of more than 131072 bytes: cut"},
		{"texts", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\n"+strings.Repeat("line of text\n", 9000)+"\n", 30), Limits{}, "texts of more than 2097152 bytes in all: cut"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc, err := readDocument(strings.NewReader(test.mail), test.limits)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(doc.problems, test.problem) {
				t.Errorf("problems %q, want %q", doc.problems, test.problem)
			}
			checkBounds(t, doc, test.limits.withDefaults())
		})
	}
}

// TestTail checks that the end of a long text is kept.
func TestTail(t *testing.T) {
	doc := read(t, "Subject: x\n\nfirst\n"+strings.Repeat("line of text\n", 50000)+"last\n")
	if doc.prose[0] != "first" || doc.prose[len(doc.prose)-1] != "last" {
		t.Errorf("prose from %q to %q", doc.prose[0], doc.prose[len(doc.prose)-1])
	}
	for _, line := range doc.prose[1 : len(doc.prose)-1] {
		if line != "line of text" && line != "" {
			t.Errorf("line %q is cut", line)
		}
	}
}

// checkBounds checks that a document keeps within its limits.
func checkBounds(t *testing.T, doc *document, limits Limits) {
	t.Helper()
	sum := tally{}
	sum.add(doc, 1)
	switch {
	case sum.depth > limits.Depth+2+nestingCap:
		t.Errorf("%d levels of messages", sum.depth)
	case sum.fields > limits.Fields:
		t.Errorf("%d fields in a header", sum.fields)
	case sum.headers > 4*limits.TotalHeader:
		t.Errorf("headers of %d bytes", sum.headers)
	case sum.texts > 4*bodiesCap:
		t.Errorf("texts of %d bytes", sum.texts)
	case sum.messages > limits.Parts*2+100:
		t.Errorf("%d messages", sum.messages)
	}
}

type tally struct{ depth, fields, headers, texts, messages int }

func (s *tally) add(doc *document, depth int) {
	s.messages++
	s.depth = max(s.depth, depth)
	s.fields = max(s.fields, len(doc.header))
	for _, f := range doc.header {
		s.headers += len(f.name) + len(f.value)
	}
	for _, texts := range [][]string{doc.prose, doc.statuses, doc.feedback, doc.dispositions, doc.json} {
		for _, text := range texts {
			s.texts += len(text)
		}
	}
	for _, inner := range doc.attached {
		s.add(inner, depth+1)
	}
}

// FuzzRead reads any bytes: no panic, within the limits, in bounded time, and with
// any line ends the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte(report))
	f.Add([]byte("From: a@example.com\n\ntext\n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n"))
	f.Add([]byte("Subject: =?utf-8?Q?a?=\nno field\n more\n\n--x\nContent-Type: text/html\n\n<p>a"))
	f.Add([]byte("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKeA==\n"))
	f.Add([]byte("{\"a\": 1}\n"))
	f.Add([]byte("\xff\xfeS\x00:\x00"))
	f.Fuzz(func(t *testing.T, mail []byte) {
		limits := Limits{Depth: 8, Parts: 20, Fields: 30, PartHeader: 4096, TotalHeader: 16384, Text: 2048}
		start := time.Now()
		doc, err := readDocument(bytes.NewReader(mail), limits)
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("took %v", took)
		}
		again, errAgain := readDocument(iotest.OneByteReader(bytes.NewReader(mail)), limits)
		if (err == nil) != (errAgain == nil) {
			if !bytes.HasPrefix(mail, []byte{0xff, 0xfe}) && !bytes.HasPrefix(mail, []byte{0xfe, 0xff}) {
				t.Fatalf("errors %v and %v", err, errAgain)
			}
			return
		}
		if err != nil {
			return
		}
		checkBounds(t, doc, limits)
		if doc.layer != "condensed" && doc.json == nil {
			t.Errorf("layer %q, problems %q", doc.layer, doc.problems)
		}
		if !bytes.HasPrefix(mail, []byte{0xff, 0xfe}) && !bytes.HasPrefix(mail, []byte{0xfe, 0xff}) {
			if d := difference(doc, again); d != "" {
				t.Errorf("read in single bytes, the document differs: %s", d)
			}
		}
	})
}

// FuzzLayers checks that go-message finds in a condensed message what the direct
// reading does.
func FuzzLayers(f *testing.F) {
	f.Add([]byte(report))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n"))
	f.Add([]byte("Subject: =?utf-8?Q?a?=\nno field\n more\n\n--x\nContent-Type: text/html\n\n<p>a"))
	f.Fuzz(func(t *testing.T, mail []byte) {
		limits := Limits{Depth: 8, Parts: 20}.withDefaults()
		direct, err := readDocument(bytes.NewReader(mail), limits)
		if err != nil || direct.json != nil {
			return
		}
		library, err := readLayers(bytes.NewReader(mail), limits, layers[1:2])
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(direct, library); d != "" {
			t.Errorf("go-message finds another document: %s\n%+v\n%+v", d, direct, library)
		}
	})
}
