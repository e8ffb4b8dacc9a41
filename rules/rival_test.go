package rules

import (
	"slices"
	"strings"
	"testing"
)

// TestRival holds that words which name another reason beside a missing mailbox remove
// nobody, unless the rule that removes beats the other.
func TestRival(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml": testRule("unknown", "user unknown here", "") + testRule("sure", "left the company", `beats = ["listed"]`),
		"causes/blocked.toml":      testRule("listed", "in spam list", "") + testRule("vague", "refused", "generic = true"),
		"causes/mailbox-full.toml": testRule("full", "quota", ""),
	})
	for _, c := range []struct {
		in, rule string
		action   ListAction
	}{
		{"550 user unknown here", "unknown", Remove},
		{"550 user unknown here, or in spam list", "unknown", Review},
		{"550 user unknown here, quota", "unknown", Review},
		{"550 user unknown here, refused", "unknown", Remove},
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
