package rules

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRules runs the checks of `whybounce rules check` over the rule files.
func TestRules(t *testing.T) {
	for _, p := range Check(os.DirFS(".")) {
		if p.Warning {
			t.Log(p)
			continue
		}
		t.Error(p)
	}
}

func TestCheckFinds(t *testing.T) {
	const head = "title = \"T\"\nfix = \"F\"\nact = \"sender\"\naction = \"fix\"\npermanent = true\n"
	rule := func(lines ...string) string { return head + "\n[[rule]]\n" + strings.Join(lines, "\n") + "\n" }
	const id, pattern, source, match, reject = `id = "one"`, `pattern = "host blocked"`, `source = "s"`, `match = ["550 host blocked"]`, `reject = ["x"]`
	for name, c := range map[string]struct{ file, text, want string }{
		"no id":             {"causes/blocked.toml", rule(pattern, source, match, reject), "causes/blocked.toml:7: id is missing"},
		"no pattern":        {"causes/blocked.toml", rule(id, source, match, reject), "causes/blocked.toml:7: one: pattern is missing"},
		"no source":         {"causes/blocked.toml", rule(id, pattern, match, reject), "causes/blocked.toml:7: one: source is missing"},
		"no match":          {"causes/blocked.toml", rule(id, pattern, source, reject), "causes/blocked.toml:7: one: match is missing"},
		"no reject":         {"causes/blocked.toml", rule(id, pattern, source, match), "causes/blocked.toml:7: one: reject is missing"},
		"bad id":            {"causes/blocked.toml", rule(`id = "One"`, pattern, source, match, reject), "causes/blocked.toml:7: One: an id is made of"},
		"bad pattern":       {"causes/blocked.toml", rule(id, `pattern = "host ("`, source, match, reject), "causes/blocked.toml:7: one: bad pattern"},
		"no literals":       {"causes/blocked.toml", rule(id, `pattern = '\d+'`, source, match, reject), "causes/blocked.toml:7: one: every match of a pattern"},
		"unknown cause":     {"causes/blcked.toml", rule(id, pattern, source, match, reject), `causes/blcked.toml:1: "blcked" is not a cause`},
		"unknown key":       {"causes/blocked.toml", rule(id, pattern, source, match, reject, `beat = "x"`), `causes/blocked.toml:13: unknown key "rule.beat"`},
		"unknown top key":   {"causes/blocked.toml", "titel = \"x\"\n" + rule(id, pattern, source, match, reject), `causes/blocked.toml:1: unknown key "titel"`},
		"unknown stage":     {"causes/blocked.toml", rule(id, pattern, source, match, reject, `stage = "rcp"`), `one: "rcp" is not a stage`},
		"bad status":        {"causes/blocked.toml", rule(id, pattern, source, match, reject, `status = "7.1"`), `one: "7.1" is not the start`},
		"bad reply":         {"causes/blocked.toml", rule(id, pattern, source, match, reject, `reply = "5xx"`), `one: "5xx" is not the start`},
		"bad action":        {"causes/blocked.toml", rule(id, pattern, source, match, reject, `action = "drop"`), "one: action must be"},
		"unknown provider":  {"causes/blocked.toml", rule(id, pattern, source, match, reject, `provider = "nobody"`), `one: "nobody" is not a provider`},
		"own match":         {"causes/blocked.toml", rule(id, pattern, source, `match = ["550 blocked"]`, reject), `one: does not match its own example "550 blocked"`},
		"never wins":        {"causes/blocked.toml", rule(id, pattern, source, `match = ["550 blocked"]`, reject), `one: can never win`},
		"narrowed away":     {"causes/blocked.toml", rule(id, pattern, source, match, reject, `status = "5.7.1"`), `it is narrowed, and the example has status ""`},
		"wins reject":       {"causes/blocked.toml", rule(id, pattern, source, match, `reject = ["the host blocked"]`), `one: wins "the host blocked", which it must reject`},
		"bad example":       {"causes/blocked.toml", rule(id, pattern, source, `match = [{text = "x", code = "5"}]`, reject), "an example takes text"},
		"empty example":     {"causes/blocked.toml", rule(id, pattern, source, match, `reject = [""]`), "one: an example is empty"},
		"beats nobody":      {"causes/blocked.toml", rule(id, pattern, source, match, reject, `beats = "two"`), `one: beats names "two", which is no rule`},
		"beats itself":      {"causes/blocked.toml", rule(id, pattern, source, match, reject, `beats = "one"`), "beats runs in a circle"},
		"twice":             {"causes/blocked.toml", rule(id, pattern, source, match, reject, "[[rule]]", id, pattern, source, match, reject), "causes/blocked.toml:13: one: the id stands already at causes/blocked.toml:7"},
		"gap without group": {"causes/blocked.toml", rule(id, pattern, source, match, reject, `fix = "Ask {list}."`), "one: fix names {list}, but"},
		"two lines":         {"causes/blocked.toml", rule(id, pattern, source, match, reject, `fix = "a\nb"`), "must be plain text on one line"},
		"no title":          {"causes/blocked.toml", strings.Replace(rule(id, pattern, source, match, reject), "title", "# title", 1), "causes/blocked.toml:1: title is missing"},
		"no TOML":           {"causes/blocked.toml", head + "[[rule]\n", "causes/blocked.toml:7: expected end of table"},
		"off":               {"causes/blocked.toml", "off = [\"x\"]\n" + rule(id, pattern, source, match, reject), "causes/blocked.toml:1: x: only a user's own rules"},
		"cause given":       {"causes/blocked.toml", rule(id, pattern, source, match, reject, `cause = "blocked"`), "one: cause is given by the file's name"},
		"provider's cause":  {"providers/acme.toml", "title = \"A\"\n[[rule]]\n" + strings.Join([]string{id, pattern, source, match, reject}, "\n"), "providers/acme.toml:2: one: cause is missing"},
		"provider's mark":   {"providers/acme.toml", "title = \"A\"\nmarks = ['[A-Z]+']\n", "providers/acme.toml:2: mark"},
		"provider's domain": {"providers/acme.toml", "title = \"A\"\ndomains = ['*.example.com']\n", `providers/acme.toml:2: "*.example.com" is no domain name`},
	} {
		fsys := testFiles(t, nil)
		fsys[c.file] = &fstest.MapFile{Data: []byte(c.text)}
		var got []string
		for _, p := range Check(fsys) {
			if !strings.HasSuffix(p.Reason, "the file of this cause is missing") {
				got = append(got, p.String())
			}
		}
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
			t.Errorf("%s: no problem with %q among:\n%s", name, c.want, strings.Join(got, "\n"))
		}
	}
}

func TestCheckOrderIsReported(t *testing.T) {
	fsys := testFiles(t, map[string]string{
		"causes/blocked.toml": testRule("short", "host", "") + testRule("long", "host blocked", ""),
		"causes/unknown.toml": strings.Replace(testRule("loser", "host b", ""), "match = ['''", "match = ['host blocked', '''", 1) +
			testRule("idle", "else", `beats = ["short"]`),
	})
	var got []string
	for _, p := range Check(fsys) {
		if !strings.Contains(p.Reason, "is missing") {
			got = append(got, p.String())
		}
	}
	want := []string{
		`causes/unknown.toml:6: loser: loses its own example "host blocked" to long (its pattern holds more literal text)`,
		`causes/unknown.toml:13: idle: warning: beats "short", but no example of match shows both`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCheckMissingCauses(t *testing.T) {
	want := "causes/moved.toml:1: the file of this cause is missing"
	if !slices.ContainsFunc(Check(testFiles(t, nil)), func(p Problem) bool { return p.String() == want }) {
		t.Errorf("no problem %q", want)
	}
}

func TestWith(t *testing.T) {
	base := testSet(t, map[string]string{
		"causes/unknown-user.toml": testRule("unknown", "user unknown here", ""),
		"causes/blocked.toml":      testRule("blocked", "host blocked", ""),
		"providers/acme.toml":      "title = \"A\"\ndomains = [\"acme.example\"]\n" + testRule("acme", "user", `cause = "mailbox-full"`),
	})
	user := fstest.MapFS{
		"causes/policy-refused.toml": {Data: []byte("title = \"Mine\"\noff = [\"blocked\"]\n" + testRule("mine", "unknown", "") + testRule("blocked", "host block", ""))},
		"providers/acme.toml":        {Data: []byte("domains = [\"acme.test\"]\n")},
	}
	s, err := base.With(user)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, rule, title string }{
		{"550 user unknown here", "mine", "Mine"},
		{"550 user here", "reply:550", "T unknown-user"},
		{"550 host blocked", "blocked", "Mine"},
	} {
		if v := s.ExplainReply(c.in); v.Evidence.Rule != c.rule || v.Title != c.title {
			t.Errorf("%q: rule %q, title %q; want %q, %q", c.in, v.Evidence.Rule, v.Title, c.rule, c.title)
		}
	}
	if v := base.ExplainReply("550 user unknown here"); v.Evidence.Rule != "unknown" {
		t.Errorf("the first set changed: %q", v.Evidence.Rule)
	}
	if base.Version() == s.Version() || s.Version() == "" {
		t.Errorf("versions are %q and %q", base.Version(), s.Version())
	}
	for name, c := range map[string]struct{ text, want string }{
		"unknown off":   {"off = [\"nothing\"]\n", "moved.toml:1: nothing: off names no built-in rule"},
		"built-in id":   {testRule("unknown", "abc", ""), `to replace the built-in rule, switch it off with off = ["unknown"]`},
		"broken":        {testRule("mine", "ab", ""), "3 fixed characters"},
		"beats in ring": {testRule("mine", "abc", `beats = ["mine"]`), "circle"},
		"beats a cause": {testRule("mine", "abc", `beats = ["cause:nobody"]`), `beats names "cause:nobody", which is no rule`},
		"beats its own": {testRule("mine", "abc", `beats = ["cause:moved"]`), `beats names "cause:moved", which is no rule`},
	} {
		_, err := base.With(fstest.MapFS{"causes/moved.toml": {Data: []byte(c.text)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestCheckOfUserRules(t *testing.T) {
	good := fstest.MapFS{"causes/blocked.toml": {Data: []byte(testRule("mine", "go away, stranger", ""))}}
	if got := Check(good); len(got) > 0 {
		t.Errorf("problems in good rules: %v", got)
	}
	bad := fstest.MapFS{"causes/blocked.toml": {Data: []byte(strings.Replace(testRule("mine", "go away", ""), `["-"]`, `["go away"]`, 1))}}
	if got := Check(bad); len(got) != 1 || !strings.Contains(got[0].String(), "which it must reject") {
		t.Errorf("problems in bad rules: %v", got)
	}
}

func TestTry(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml": testRule("long", "user unknown here", "") + testRule("mid", "user unknown", ""),
		"causes/blocked.toml":      testRule("short", "unknown", `beats = ["long"]`) + testRule("data", "user", `stage = "data"`),
		"causes/expired.toml":      testRule("retry", "user unknown here, retry", "generic = true"),
	})
	got := s.Try("550 user unknown here, retry")
	var lines []string
	for _, m := range got.Matches {
		line := m.Rule.ID + ": " + m.Reason
		if m.Wins {
			line = "* " + line
		}
		lines = append(lines, line)
	}
	want := []string{
		"* mid: before short: its pattern holds more literal text",
		"short: before long: it beats that rule",
		"long: before retry: a generic rule gives way",
		"retry: ",
		"data: does not count here: it needs stage data",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if m := s.Try("550 sorry").Matches; len(m) != 0 {
		t.Errorf("matches in a reply without phrase: %v", m)
	}
}
