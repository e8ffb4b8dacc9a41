package mailbox

import (
	"bytes"
	"errors"
	"io"
	"math/rand"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gz(t testing.TB, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	for _, p := range parts {
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		io.WriteString(w, p)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func zst(t testing.TB, in string, o ...zstd.EOption) string {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, o...)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, in)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// utf16Text is s, which is ASCII but for a mark, in UTF-16LE.
func utf16Text(s string) string {
	var b []byte
	for _, c := range s {
		b = append(b, byte(c), byte(c>>8))
	}
	return string(b)
}

// swapped is s with its bytes swapped in pairs.
func swapped(s string) string {
	b := []byte(s)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

func TestCompressed(t *testing.T) {
	two := sep1 + msg1 + "\n" + sep2 + msg2 + "\n"
	xz, bz := testdata(t, "two.xz.bin"), testdata(t, "two.bz2.bin")
	skippable := "\x5a\x2a\x4d\x18\x03\x00\x00\x00abc"
	tests := []struct {
		name, in string
		copies   int
	}{
		{"gzip", gz(t, two), 1},
		{"gzip in members", gz(t, two[:100], two[100:], two), 2},
		{"zstd", zst(t, two), 1},
		{"zstd by its own program", testdata(t, "two.zst.bin"), 1},
		{"zstd frames", zst(t, two) + skippable + zst(t, two), 2},
		{"zstd after a skippable frame", skippable + zst(t, two), 1},
		{"bzip2", bz, 1},
		{"bzip2 streams", bz + bz, 2},
		{"xz", xz, 1},
		{"xz streams", xz + xz, 2},
		{"gzip in gzip", gz(t, gz(t, two)), 1},
		{"xz in zstd", zst(t, xz), 1},
		{"bzip2 in gzip", gz(t, bz), 1},
		{"UTF-16", utf16Text("\ufeff" + two), 1},
		{"UTF-16 without a mark", utf16Text(two), 1},
		{"UTF-16BE in gzip", gz(t, swapped(utf16Text("\ufeff"+two))), 1},
		{"UTF-16BE without a mark", swapped(utf16Text(two)), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			for range tt.copies {
				want = append(want, msg1, msg2)
			}
			equal(t, "texts", texts(t, tt.in), want)
			// Again as files: decoders are used again.
			dir := t.TempDir()
			for _, name := range []string{"a", "b"} {
				writeFile(t, tt.in, dir, name)
			}
			messages, problems := all(t, dir, Options{})
			if len(messages) != 4*tt.copies || len(problems) > 0 {
				t.Errorf("as files: %d messages, %q", len(messages), problems)
			}
		})
	}
}

func TestCompressedTooOften(t *testing.T) {
	_, problems := all(t, "-", Options{Stdin: strings.NewReader(gz(t, gz(t, gz(t, msg1))))})
	equal(t, "problems", problems, []string{"-: it expands beyond the limit: it is compressed more than 2 times over; unpack it first"})
}

// noise is text that does not compress well.
func noise(n int) string {
	r := rand.New(rand.NewSource(1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.Intn(26))
	}
	return string(b)
}

// What stands before the damage is read, then the damage is named.
func TestTruncated(t *testing.T) {
	two := sep1 + msg1 + "\n" + sep2 + msg2 + noise(1000000) + "\n"
	xz, bz := testdata(t, "two.xz.bin"), testdata(t, "two.bz2.bin")
	for name, in := range map[string]string{"gzip": gz(t, two), "zstd": zst(t, two), "gzip twice": gz(t, gz(t, two))} {
		cut := in[:len(in)*3/4]
		var last *Message
		var failed error
		n := 0
		for m, err := range Open("-", Options{Stdin: strings.NewReader(cut)}) {
			if err != nil {
				failed = err
				continue
			}
			n++
			b, err := io.ReadAll(m)
			if err != nil || n == 1 && string(b) != msg1 || n == 2 && !strings.HasPrefix(string(b), msg2) {
				t.Errorf("%s: message %d is %.40q, %v", name, n, b, err)
			}
			if (m.Err() != nil) != (n == 2) {
				t.Errorf("%s: message %d: err %v", name, n, m.Err())
			}
			last = m
		}
		if n != 2 || last.Number != 2 || !errors.Is(failed, ErrTruncated) || !strings.HasPrefix(failed.Error(), "-#2 at byte ") {
			t.Errorf("%s: got %d messages, then %v", name, n, failed)
		}
	}
	for name, in := range map[string]string{"xz": xz[:len(xz)-40], "bzip2": bz[:len(bz)-9], "gzip head": "\x1f\x8b", "xz head": xz[:8], "zstd head": zst(t, msg1)[:5]} {
		_, problems := all(t, "-", Options{Stdin: strings.NewReader(in)})
		if len(problems) != 1 || !strings.Contains(problems[0], "the data end early") {
			t.Errorf("%s: got %q", name, problems)
		}
	}
}

func TestDamaged(t *testing.T) {
	two := sep1 + msg1 + "\n" + sep2 + msg2 + noise(1000)
	for name, in := range map[string]string{
		"gzip": gz(t, two), "zstd": zst(t, two), "xz": testdata(t, "two.xz.bin"), "bzip2": testdata(t, "two.bz2.bin"),
	} {
		b := []byte(in)
		for i := 30; i < len(b); i += 7 {
			b[i] ^= 0x55
		}
		_, problems := all(t, "-", Options{Stdin: bytes.NewReader(b)})
		if len(problems) != 1 || !strings.Contains(problems[0], "the data are damaged: "+name) && !strings.Contains(problems[0], "it expands beyond") {
			t.Errorf("%s: got %q", name, problems)
		}
	}
	_, problems := all(t, "-", Options{Stdin: strings.NewReader(gz(t, msg1) + "garbage, and more of it")})
	if len(problems) != 1 || !strings.Contains(problems[0], "damaged") {
		t.Errorf("garbage at the end: got %q", problems)
	}
}

// zeros is a stream of n bytes that compress well, after a header.
func zeros(n int64) io.Reader {
	return io.MultiReader(strings.NewReader("Subject: x\n\n"), io.LimitReader(zeroReader{}, n))
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestBombs(t *testing.T) {
	var plain bytes.Buffer
	w := gzip.NewWriter(&plain)
	io.Copy(w, zeros(200<<20))
	w.Close()
	for name, in := range map[string]string{
		"gzip": plain.String(), "gzip twice": gz(t, plain.String()), "bzip2": testdata(t, "zeros.bz2.bin"),
	} {
		var n int64
		for m, err := range Open("-", Options{Stdin: strings.NewReader(in)}) {
			if m != nil {
				n, _ = io.Copy(io.Discard, m)
			} else if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "of 250 times its size; if you trust it, unpack it first: ") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n < grace || n > grace+windowSize {
			t.Errorf("%s: gave %d bytes", name, n)
		}
	}
	// Without a header in front they are no mail to begin with.
	_, problems := all(t, "-", Options{Stdin: strings.NewReader(testdata(t, "zeros.xz.bin"))})
	equal(t, "zeros", problems, []string{"-: not mail: it starts with binary data"})
	_, problems = all(t, "-", Options{Stdin: strings.NewReader(gz(t, msg1+noise(9<<20))), MaxExpanded: 8 << 20})
	if len(problems) != 1 || !strings.Contains(problems[0], "beyond the limit of 8388608 bytes") {
		t.Errorf("a size: %q", problems)
	}
}

// A window or a dictionary that is too large is refused before it is made.
func TestWindowsBounded(t *testing.T) {
	for name, in := range map[string]string{
		"xz":   testdata(t, "bigdict.xz.bin"),
		"zstd": zst(t, msg1+noise(1<<20), zstd.WithWindowSize(128<<20), zstd.WithSingleSegment(false)),
	} {
		_, problems := all(t, "-", Options{Stdin: strings.NewReader(in)})
		if len(problems) != 1 || !strings.Contains(problems[0], "its "+name+" window needs more than 64 MiB of memory") {
			t.Errorf("%s: got %q", name, problems)
		}
	}
}

// A pattern repeats itself for as long as it is asked to.
type pattern struct {
	text string
	at   int
	left int64
}

func (p *pattern) Read(b []byte) (int, error) {
	if p.left <= 0 {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), p.left)]
	if len(p.text) < windowSize {
		p.text = strings.Repeat(p.text, 1+windowSize/len(p.text))
	}
	for n := 0; n < len(b); {
		m := copy(b[n:], p.text[p.at:])
		n += m
		p.at = (p.at + m) % len(p.text)
	}
	p.left -= int64(len(b))
	return len(b), nil
}

// Memory does not grow with a message, a line, or an mbox.
func TestMemory(t *testing.T) {
	const size = 256 << 20
	head := "From a@example.com Mon Jan  5 10:00:00 2026\nSubject: x\n\n"
	for name, in := range map[string]io.Reader{
		"mbox":         &pattern{text: head + strings.Repeat("some text\n", 400) + "\n", left: size},
		"message":      io.MultiReader(strings.NewReader(msg1), &pattern{text: "some text\n", left: size}),
		"line":         io.MultiReader(strings.NewReader(msg1), &pattern{text: "x", left: size}),
		"line in mbox": io.MultiReader(strings.NewReader(head), &pattern{text: ">", left: size}),
		"header":       io.MultiReader(strings.NewReader(head[:56]+"X-Long: "), &pattern{text: "x\n ", left: size}),
		"JSON":         io.MultiReader(strings.NewReader(`{"a":"`), &pattern{text: "x", left: size}),
		"blank":        io.MultiReader(&pattern{text: "\n", left: size}, strings.NewReader(msg1)),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var n int64
		for m := range Open("-", Options{Stdin: in}) {
			if m != nil {
				k, _ := io.Copy(io.Discard, m)
				n += k
			}
		}
		runtime.ReadMemStats(&after)
		if n < size*9/10 && name != "blank" || n == 0 {
			t.Errorf("%s: read %d bytes", name, n)
		}
		grown := int64(after.Sys) - int64(before.Sys)
		if grown > 16<<20 {
			t.Errorf("%s: took %d MiB from the system", name, grown>>20)
		}
		if held := int64(after.TotalAlloc - before.TotalAlloc); name != "mbox" && held > 4<<20 {
			t.Errorf("%s: allocated %d KiB in all", name, held>>10)
		}
	}
}

func BenchmarkMbox(b *testing.B) {
	const size = 256 << 20
	body := ""
	for i := range 60 {
		body += strings.Repeat("Some words of a Bounce, From there to here. ", i%2+1) + "\n"
	}
	head := "From a@example.com Mon Jan  5 10:00:00 2026\n" + strings.Repeat("Received: from a.example.com by b.example.com\n", 20) + "Subject: x\n\n"
	r := pattern{text: head + body + "\n"}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		r.at, r.left = 0, size
		for m, err := range Open("-", Options{Stdin: &r}) {
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, m); err != nil {
				b.Fatal(err)
			}
		}
	}
}
