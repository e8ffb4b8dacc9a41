package rules

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestReplies holds that each reply of the tables in testdata gets a cause that is
// fair to it, and that nobody is removed for a reply that does not mean it. In
// traps.tsv the words of one cause stand in a reply that has another.
func TestReplies(t *testing.T) {
	for _, file := range []string{"testdata/replies.tsv", "testdata/traps.tsv"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")[1:]
		if len(lines) < 200 {
			t.Fatalf("%s: only %d replies", file, len(lines))
		}
		testReplies(t, lines)
	}
}

func testReplies(t *testing.T, lines []string) {
	s := mustBuiltin(t)
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
