package layouts

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"  A \t\tB\u00a0 c ": "a b c",
		"ÄÖÜ Straße":         "äöü straße",
		"К СОЖАЛЕНИЮ":        "к сожалению",
		"Kelvin ſ":           "kelvin s",
		"a\xffb":             "a?b",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) is %q, want %q", in, got, want)
		}
	}
	var text Text
	for _, line := range []string{"one", "", "two", "宛先", "不明"} {
		text.Add(line)
	}
	if got, want := string(text.buf), "one  two 宛先不明"; strings.ReplaceAll(got, "  ", " ") != strings.ReplaceAll(want, "  ", " ") {
		t.Errorf("joined lines are %q, want %q", got, want)
	}
}

func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		pattern string
		needs   []string
		plain   bool
		first   string
	}{
		{"user unknown", []string{"user unknown"}, true, ""},
		{"(?:user|host) unknown", []string{"host unknown", "user unknown"}, true, ""},
		{"not deliver(?:ed|able)?", []string{"not deliver", "not deliverable", "not delivered"}, true, ""},
		{`failed:\s*$`, []string{"failed:"}, false, ""},
		{`^<.+>: .*mailbox`, []string{"mailbox"}, false, "<"},
		{`^\s*(?P<reason>[45]\d\d .*)$`, nil, false, "45"},
		{`\d+`, nil, false, ""},
	} {
		p, err := newPattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.needs, c.needs) || p.plain != c.plain || p.first != c.first {
			t.Errorf("%s needs %q, plain %v, first %q; want %q, %v, %q", c.pattern, p.needs, p.plain, p.first, c.needs, c.plain, c.first)
		}
	}
}

const goodLayout = `
name = "A"
source = "x"
[when]
body = ['some words']
[[example]]
text = "a"
`

func TestLoadFaults(t *testing.T) {
	for name, c := range map[string]struct{ layout, want string }{
		"no name":         {strings.Replace(goodLayout, `name = "A"`, "", 1), "name and source"},
		"nothing matched": {strings.Replace(goodLayout, "body = ['some words']", "", 1), "[when] needs"},
		"too short":       {strings.Replace(goodLayout, "some words", "ab", 1), "literal of 4 bytes"},
		"bad pattern":     {strings.Replace(goodLayout, "some words", "some (words", 1), "missing closing"},
		"unknown key":     {goodLayout + "\nsurplus = 1\n", "unknown key"},
		"unknown group":   {strings.Replace(goodLayout, "some words", "some (?P<x>words)", 1), "unknown group"},
		"no example":      {strings.Split(goodLayout, "[[example]]")[0], "[[example]] is mandatory"},
		"bad toml":        {"name =", "a.toml:1"},
		"beats nobody":    {strings.Replace(goodLayout, "source", "beats = ['b']\nsource", 1), `beats "b"`},
	} {
		_, err := Load(fstest.MapFS{"a.toml": {Data: []byte(c.layout)}, "general.toml": {}})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.toml") {
			t.Errorf("%s: error %v does not name a.toml and %q", name, err, c.want)
		}
	}
	if _, err := Load(fstest.MapFS{"a.toml": {Data: []byte(goodLayout)}, "general.toml": {}}); err != nil {
		t.Error(err)
	}
}

// FuzzSift holds that a pattern never matches a line that the sieve says it cannot.
func FuzzSift(f *testing.F) {
	set, err := Load(files)
	if err != nil {
		f.Fatal(err)
	}
	for _, l := range set.layouts {
		for _, e := range l.Examples {
			f.Add(e.Text)
		}
	}
	var sc Scan
	f.Fuzz(func(t *testing.T, text string) {
		set.Reset(&sc)
		lines := strings.Split(text, "\n")
		for _, line := range lines {
			sc.Body.Add(line)
		}
		set.ScanBody(&sc)
		for _, l := range set.layouts {
			sc.called = sc.called[:0]
			set.Select(&sc, l)
			for _, list := range l.rest() {
				for _, p := range *list {
					for n, line := range lines {
						if sc.Match(p, line) && !sc.mayMatch(p, n) {
							t.Fatalf("%s: %q matches %q, but was sifted out", l.ID, p.source, line)
						}
					}
				}
			}
		}
	})
}
