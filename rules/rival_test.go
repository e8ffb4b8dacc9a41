package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/dsn"
)

// TestRival holds that words which name another reason beside a missing mailbox remove
// nobody, unless the rule that removes beats the other.
func TestRival(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml": testRule("unknown", "user unknown here", "") + testRule("sure", "left the company", `beats = ["listed"]`),
		"causes/blocked.toml":      testRule("listed", "in spam list", "") + testRule("vague", "refused", "generic = true"),
		"causes/mailbox-full.toml": testRule("full", "quota", ""),
		"causes/unknown.toml":      testRule("doubt", "sender", "doubt = true"),
	})
	for _, c := range []struct {
		in, rule string
		action   ListAction
	}{
		{"550 user unknown here", "unknown", Remove},
		{"550 user unknown here, or in spam list", "unknown", Review},
		{"550 user unknown here, quota", "unknown", Review},
		{"550 user unknown here, refused", "unknown", Remove},
		{"550 user unknown here, says the sender", "unknown", Review},
		{"550 5.1.1 so says the sender", "status:5.1.1", Review},
		{"550 5.1.1 so it is", "status:5.1.1", Remove},
		{"550 so says the sender", "reply:550", Review},
		{"550 left the company, in spam list", "sure", Remove},
		{"550 left the company, user unknown here", "unknown", Remove},
	} {
		v := s.ExplainReply(c.in)
		if v.Evidence.Rule != c.rule || v.ListAction != c.action {
			t.Errorf("%q: %s by %q, want %s by %q", c.in, v.ListAction, v.Evidence.Rule, c.action, c.rule)
		}
	}
}

func TestCheckFindsRival(t *testing.T) {
	fsys := testFiles(t, map[string]string{
		"causes/unknown-user.toml": testRule("unknown", "user unknown in spam list", ""),
		"causes/blocked.toml":      testRule("listed", "spam list", ""),
	})
	want := `unknown: removes nobody in its own example "user unknown in spam list": listed matches too`
	if !slices.ContainsFunc(Check(fsys), func(p Problem) bool { return strings.Contains(p.String(), want) }) {
		t.Errorf("no problem with %q", want)
	}
}

// TestDoubtAside holds that a doubt counts in the recipient's own words alone: a notice
// speaks of senders anyhow.
func TestDoubtAside(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml": testRule("unknown", "user unknown here", ""),
		"causes/unknown.toml":      testRule("doubt", "sender", "doubt = true"),
	})
	for _, c := range []struct {
		r      dsn.Recipient
		action ListAction
	}{
		{dsn.Recipient{Diagnostic: "550 user unknown here", Context: "Dear sender"}, Remove},
		{dsn.Recipient{Diagnostic: "550 sender", Context: "user unknown here"}, Review},
		{dsn.Recipient{Diagnostic: "550 no", Context: "Dear sender, user unknown here"}, Remove},
	} {
		if v := s.Explain(&c.r); v.ListAction != c.action {
			t.Errorf("%q beside %q: %s by %q, want %s", c.r.Diagnostic, c.r.Context, v.ListAction, v.Evidence.Rule, c.action)
		}
	}
}

func TestCheckDoubt(t *testing.T) {
	doubt := func(from, to string) string {
		return strings.Replace(testRule("doubt", "sender", "doubt = true"), from, to, 1)
	}
	for name, c := range map[string]struct{ rule, want string }{
		"no match":  {doubt("match = ['''sender", "match = ['''nobody"), `does not match its own example "nobody"`},
		"reject":    {doubt(`["-"]`, `["a sender"]`), `matches "a sender", which it must reject`},
		"no effect": {doubt("match = ['''sender", "match = ['''user unknown here, sender"), `does not keep "user unknown here, sender" from removing`},
	} {
		fsys := testFiles(t, map[string]string{
			"causes/unknown-user.toml": testRule("unknown", "user unknown here", `beats = ["doubt"]`),
			"causes/unknown.toml":      c.rule,
		})
		if !slices.ContainsFunc(Check(fsys), func(p Problem) bool { return strings.Contains(p.String(), c.want) }) {
			t.Errorf("%s: no problem with %q", name, c.want)
		}
	}
}

// TestHarmless holds that neither names nor the words of a harmless rule are doubts.
func TestHarmless(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml":    testRule("unknown", "user unknown here", ""),
		"causes/unknown.toml":         testRule("doubt", "sender|spamhaus", "doubt = true") + testRule("told", "(?:told|return to) the sender", "harmless = true"),
		"causes/blocked.toml":         testRule("grey", "greylist", ""),
		"causes/content-refused.toml": testRule("words", "bad words", "generic = true"),
	})
	for _, c := range []struct {
		in     string
		action ListAction
	}{
		{"550 user unknown here, told the sender", Remove},
		{"550 user unknown here, told the sender, return to the sender", Remove},
		{"550 user unknown here, told the sender, the sender", Review},
		{"550 user unknown here <sender@example.com>", Remove},
		{"550 user unknown here (mx.sender.example.com)", Remove},
		{"550 user unknown here: https://example.com/sender?spamhaus", Remove},
		{"550 user unknown here.Sender", Review},
		{"550 user unknown here, sender=<me@example.net>", Review},
		{"550 user unknown here, sender=me@example.net", Review},
		{"550 user unknown here, greylist=me@example.net", Review},
		{"550 user unknown here <greylist@example.com>", Remove},
		{"550 user unknown here <me@example.com> greylist", Review},
		{"550 told the sender", Review},
	} {
		if v := s.ExplainReply(c.in); v.ListAction != c.action {
			t.Errorf("%q: %s by %q, want %s", c.in, v.ListAction, v.Evidence.Rule, c.action)
		}
	}
}
