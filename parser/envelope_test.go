package parser

import (
	"slices"
	"testing"
)

func TestSentTo(t *testing.T) {
	tests := []struct {
		name string
		in   header
		want []string
	}{
		{"nothing", nil, nil},
		{"plain", header{{"To", "a@example.org"}}, []string{"a@example.org"}},
		{"envelope first", header{{"To", "List <list@example.org>"}, {"delivered-to", "bounces+x=u=example.com@example.org"}},
			[]string{"bounces+x=u=example.com@example.org", "list@example.org"}},
		{"each once", header{{"To", "a@example.org, <a@example.org>"}, {"Cc", "\"B, C\" <b@example.org>"}},
			[]string{"a@example.org", "b@example.org"}},
		{"no address", header{{"To", "undisclosed-recipients:;"}, {"Cc", "@ @x x@"}}, nil},
	}
	for _, test := range tests {
		if got := sentTo(test.in); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
