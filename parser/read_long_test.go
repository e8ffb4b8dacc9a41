package parser

import (
	"strings"
	"testing"
)

// TestReadLongJSON holds that a long line that looks like JSON and is none, which is
// read once more as mail, is read without harm.
func TestReadLongJSON(t *testing.T) {
	for _, open := range []string{"[", "{", `{"a":`} {
		m, err := Read(strings.NewReader(strings.Repeat(open, 5_000_000/len(open))), Limits{})
		if err == nil && m.Kind != Other {
			t.Errorf("%s…: it is taken for %s", open, m.Kind)
		}
	}
}
