package sift

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
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

// anyOf makes things that are found where any one of their literals stands.
func anyOf(sets ...[]string) [][]Need {
	var out [][]Need
	for _, set := range sets {
		out = append(out, []Need{{set}})
	}
	return out
}

func found(m *Matcher, text string) []int {
	var h Hits
	var got []int
	m.Scan([]byte(text), &h)
	for i := h.Next(0); i >= 0; i = h.Next(i + 1) {
		if h.Has(i) {
			got = append(got, i)
		}
	}
	return got
}

func TestScan(t *testing.T) {
	things := anyOf([]string{"user unknown"}, []string{"unknown", "no such"}, []string{"a"}, []string{"xyz"}, nil, []string{"ok"})
	things = append(things,
		[]Need{{{"mailbox", "account"}, {"full", "closed"}}},
		[]Need{{{"mailbox"}, {"closed"}}, {{"account"}, {"full"}}},
		nil)
	m := Build(things, []string{"user unknown user unknown"})
	for _, c := range []struct {
		text string
		want []int
	}{
		{"", nil},
		{"550 user unknown", []int{0, 1}},
		{"no such b", []int{1}},
		{"xyz a", []int{2, 3}},
		{"ok", []int{5}},
		{"\x00\x00", nil},
		{"mbox full", nil},
		{"full mailbox", []int{2, 6}},
		{"mailbox closed", []int{2, 6, 7}},
		{"full account", []int{2, 6, 7}},
	} {
		if got := found(m, c.text); !slices.Equal(got, c.want) {
			t.Errorf("Scan(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

func TestScanEmptiesHits(t *testing.T) {
	m := Build(anyOf([]string{"abc"}, []string{"def"}), nil)
	var h Hits
	m.Scan([]byte("abc"), &h)
	m.Scan([]byte("def"), &h)
	if h.Has(0) || !h.Has(1) || h.Next(2) != -1 || h.Next(200) != -1 {
		t.Errorf("hits are %+v", h)
	}
	Build(anyOf(make([][]string, 130)...), nil).Scan(nil, &h)
	if h.Next(0) != -1 || h.Has(129) {
		t.Errorf("hits of a larger matcher are %+v", h)
	}
}

func TestThings(t *testing.T) {
	things := [][]Need{{{{"b"}, {"a", "c"}}, {{"d"}}}, nil, {{{"a"}, {"d"}, {"b"}}}}
	want := [][]Need{{{{"b"}, {"a", "c"}}, {{"d"}}}, nil, {{{"d"}, {"a"}, {"b"}}}}
	if got := Build(things, []string{"a", "a b"}).Things(); !reflect.DeepEqual(got, want) {
		t.Errorf("Things() = %v, want %v", got, want)
	}
}

// FuzzScan holds Scan against strings.Contains. A line is a thing, '|' stands between
// its needs, '&' between clauses and a comma between strings.
func FuzzScan(f *testing.F) {
	f.Add("user,unknown|no such&here\nfull\nab\nc", "550 No such mailbox here, FULL")
	f.Add("aaaa,aaa\naa&a\na", "aaaaaaa")
	f.Add("\x00\n\x00\x00\x00\x00", "\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, spec, text string) {
		things, want := parseThings(spec, text)
		m := Build(things, []string{text})
		var h Hits
		m.Scan([]byte(text), &h)
		for i := range things {
			if h.Has(i) != want[i] {
				t.Errorf("thing %d %q in %q: %v, want %v", i, things[i], text, h.Has(i), want[i])
			}
		}
	})
}

// parseThings reads things and says which of them the text should find.
func parseThings(spec, text string) (things [][]Need, want []bool) {
	for _, line := range strings.Split(spec, "\n") {
		var needs []Need
		found := false
		for _, part := range strings.Split(line, "|") {
			var need Need
			all := true
			for _, list := range strings.Split(part, "&") {
				var clause Clause
				met := false
				for _, s := range strings.Split(list, ",") {
					if s != "" {
						clause = append(clause, s)
						met = met || strings.Contains(text, s)
					}
				}
				need, all = append(need, clause), all && met
			}
			needs, found = append(needs, need), found || all
		}
		things, want = append(things, needs), append(want, found)
	}
	return things, want
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

func TestEncode(t *testing.T) {
	things := [][]Need{{{{"user unknown", "no such"}, {"here"}}}, {{{"full"}}, {{"unknown", "ab"}}}, nil}
	m := Build(things, nil)
	var e prebuilt.Encoder
	m.Encode(&e)
	got, err := Decode(prebuilt.NewDecoder(string(e.Bytes())), len(things))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("decoded %+v, want %+v", got, m)
	}
	for i := range e.Bytes() {
		if _, err := Decode(prebuilt.NewDecoder(string(e.Bytes()[:i])), len(things)); err == nil {
			t.Errorf("%d of %d bytes were read without an error", i, len(e.Bytes()))
		}
	}
	if _, err := Decode(prebuilt.NewDecoder(string(e.Bytes())), 2); err == nil {
		t.Error("a matcher of 3 things was read as one of 2")
	}
}

// FuzzDecode holds that any matcher that Decode accepts can be used.
func FuzzDecode(f *testing.F) {
	var e prebuilt.Encoder
	Build(anyOf([]string{"user unknown"}, []string{"ab", "abcd"}), nil).Encode(&e)
	f.Add(string(e.Bytes()), "user unknown abcd")
	f.Fuzz(func(t *testing.T, data, text string) {
		if m, err := Decode(prebuilt.NewDecoder(data), 2); err == nil {
			found(m, text)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	text := strings.Repeat("550 5.1.1 The email account does not exist. ", 5)
	buf := make([]byte, 0, 512)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		buf = Fold(buf[:0], text)
	}
}

// regexp/syntax writes the least rune of an orbit for all of them.
func TestFoldOrbits(t *testing.T) {
	for _, letters := range []string{"abcdefghijklmnopqrstuvwxyz", "äöüßéèñçøåæłşğıăț", "αβγδεζηθικλμνξοπρστυφχψω", "άέήίόύώ", "абвгдежзиклмнопрстуфхцчшщъыьэюяёіїєґ"} {
		for _, r := range letters {
			least := r
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				least = min(least, f)
			}
			if FoldRune(r) != FoldRune(least) {
				t.Errorf("%c (%U) folds to %U, and %U of its orbit to %U", r, r, FoldRune(r), least, FoldRune(least))
			}
		}
	}
}
