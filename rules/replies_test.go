package rules

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestReplies holds that each reply of testdata/replies.tsv gets a cause that is fair
// to it, and that nobody is removed for a reply that does not mean it.
func TestReplies(t *testing.T) {
	s := mustBuiltin(t)
	data, err := os.ReadFile("testdata/replies.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")[1:]
	if len(lines) < 200 {
		t.Fatalf("only %d replies", len(lines))
	}
	for _, line := range lines {
		f := strings.Split(line, "\t")
		id, reply, fair := f[0], f[1], append([]string{f[2]}, strings.Split(f[3], "|")...)
		v := s.ExplainReply(reply)
		if !slices.Contains(fair, v.Cause) {
			t.Errorf("%s: %q: %s by %q, want %s", id, reply, v.Cause, v.Evidence.Rule, strings.Join(fair, " or "))
		}
		removes := slices.ContainsFunc(fair, func(cause string) bool {
			c, _ := s.Cause(cause)
			return c.Action == Remove
		})
		if v.ListAction == Remove && !removes {
			t.Errorf("%s: %q: wrongly removes by %q", id, reply, v.Evidence.Rule)
		}
	}
}
