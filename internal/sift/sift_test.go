package sift

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/whybounce/whybounce/internal/prebuilt"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"  User\t\r\n Unknown ", "user unknown"},
		{"Can’t “open”", `can't "open"`},
		{"MAILBOX\u00a0\u3000FULL", "mailbox full"},
		{"soft\u00adhyphen\u200b", "softhyphen"},
		{"ПОЧТОВЫЙ Ящик", "почтовый ящик"},
		{"ΧΡΉΣΤΗΣ χρήστης", "χρήστησ χρήστησ"},
		{"bad\xffbyte", "bad\ufffdbyte"},
		{"a\x00\x1b b", "a b"},
	} {
		if got := string(Fold(nil, c.in)); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for _, c := range []struct{ in, find, want string }{
		{"550  User \t Unknown, sorry", "user unknown", "User \t Unknown"},
		{"K\u212aelvin İstanbul full", "full", "full"},
		{"’quoted’ thing", "'quoted'", "’quoted’"},
		{"x  ", "x", "x"},
		{"a soft\u00adhyphen b", "softhyphen", "soft\u00adhyphen"},
	} {
		folded := string(Fold(nil, c.in))
		at := strings.Index(folded, c.find)
		if at < 0 {
			t.Fatalf("%q is not in %q", c.find, folded)
		}
		a, b := Span(c.in, at, at+len(c.find))
		if got := c.in[a:b]; got != c.want {
			t.Errorf("Span(%q, %q) = %q, want %q", c.in, c.find, got, c.want)
		}
	}
}

func TestScan(t *testing.T) {
	m := Build([][]string{
		{"user unknown"}, {"unknown", "no such"}, {"a"}, {"xyz"}, {}, {""}, {"unknown"}, {"ok"},
	}, []string{"user unknown user unknown"})
	for _, c := range []struct {
		text string
		want []int
	}{
		{"", nil},
		{"550 user unknown", []int{0, 1, 6}},
		{"no such b", []int{1}},
		{"xyz a", []int{2, 3}},
		{"ok", []int{7}},
		{"\x00\x00", nil},
	} {
		h := m.NewHits()
		m.Scan([]byte(c.text), h)
		var got []int
		for i := h.Next(0); i >= 0; i = h.Next(i + 1) {
			got = append(got, i)
		}
		if !equal(got, c.want) {
			t.Errorf("Scan(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestReset(t *testing.T) {
	m := Build(make([][]string, 130), nil)
	h := m.NewHits()
	h.Set(129)
	if h = m.Reset(h); len(h) != 3 || h.Next(0) != -1 {
		t.Errorf("Reset left %v", h)
	}
	if h = m.Reset(nil); len(h) != 3 {
		t.Errorf("Reset(nil) has %d words", len(h))
	}
}

// FuzzScan holds Scan against strings.Contains. Literals are separated by '|'
// within a set and by a line feed between sets.
func FuzzScan(f *testing.F) {
	f.Add("user unknown|no such\nfull\nab\nc", "550 No such mailbox, FULL")
	f.Add("aaaa|aaa\naa\na", "aaaaaaa")
	f.Add("\x00\n\x00\x00\x00\x00", "\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, literals, text string) {
		var sets [][]string
		for _, line := range strings.Split(literals, "\n") {
			sets = append(sets, strings.Split(line, "|"))
		}
		m := Build(sets, []string{text})
		h := m.NewHits()
		m.Scan([]byte(text), h)
		for i, set := range sets {
			want := false
			for _, l := range set {
				want = want || l != "" && strings.Contains(text, l)
			}
			if h.Has(i) != want {
				t.Errorf("set %d %q in %q: %v, want %v", i, set, text, h.Has(i), want)
			}
		}
	})
}

// FuzzSpan holds that what stands behind a part of folded text folds to that part.
func FuzzSpan(f *testing.F) {
	f.Add("550  User \t Unknown", 4, 8)
	f.Add("\u00a0İ\u212a\xff ’", 0, 3)
	f.Fuzz(func(t *testing.T, s string, from, n int) {
		folded := Fold(nil, s)
		if from < 0 || n < 0 || from > len(folded) || n > len(folded)-from {
			return
		}
		to := from + n
		if from < len(folded) && !utf8.RuneStart(folded[from]) || to < len(folded) && !utf8.RuneStart(folded[to]) {
			return
		}
		a, b := Span(s, from, to)
		if a < 0 || b < a || b > len(s) {
			t.Fatalf("Span(%q, %d, %d) = %d, %d", s, from, to, a, b)
		}
		want := strings.TrimRight(strings.TrimLeft(string(folded[from:to]), " "), " ")
		if got := strings.TrimRight(string(Fold(nil, s[a:b])), " "); got != want {
			t.Errorf("Span(%q, %d, %d): %q folds to %q, want %q", s, from, to, s[a:b], got, want)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	text := strings.Repeat("550 5.1.1 The email account does not exist. ", 5)
	buf := make([]byte, 0, 512)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		buf = Fold(buf[:0], text)
	}
}

func TestEncode(t *testing.T) {
	sets := [][]string{{"user unknown", "no such"}, {"full"}, {"unknown", "ab"}, nil}
	m := Build(sets, nil)
	var e prebuilt.Encoder
	m.Encode(&e)
	got, err := Decode(prebuilt.NewDecoder(string(e.Bytes())), len(sets))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("decoded %+v, want %+v", got, m)
	}
	for i := range e.Bytes() {
		if _, err := Decode(prebuilt.NewDecoder(string(e.Bytes()[:i])), len(sets)); err == nil {
			t.Errorf("%d of %d bytes were read without an error", i, len(e.Bytes()))
		}
	}
	if _, err := Decode(prebuilt.NewDecoder(string(e.Bytes())), 3); err == nil {
		t.Error("a matcher of 4 sets was read as one of 3")
	}
}

// FuzzDecode holds that any matcher that Decode accepts can be used.
func FuzzDecode(f *testing.F) {
	var e prebuilt.Encoder
	Build([][]string{{"user unknown"}, {"ab", "abcd"}}, nil).Encode(&e)
	f.Add(string(e.Bytes()), "user unknown abcd")
	f.Fuzz(func(t *testing.T, data, text string) {
		m, err := Decode(prebuilt.NewDecoder(data), 2)
		if err != nil {
			return
		}
		h := m.NewHits()
		m.Scan([]byte(text), h)
	})
}
