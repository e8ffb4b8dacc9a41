package parser

import (
	"strings"
	"testing"
	"time"
)

// TestUsualDate holds the fast reader of dates to what the library reads.
func TestUsualDate(t *testing.T) {
	for _, s := range []string{
		"Tue, 3 Mar 2026 09:00:00 +0100", "3 Mar 2026 09:00:00 +0000", "Tue, 31 Dec 1999 23:59:59 -0930", "Sat, 29 Feb 2020 00:00:00 -0000",
		"Tue, 03 Mar 2026 09:00:00 +0545 (NPT)", "Fri, 30 Feb 2026 09:00:00 +0100", "Fri, 3 Mar 2026 24:00:00 +0100", "Fri, 3 Foo 2026 09:00:00 +0100",
		"Fri, 3 Mar 2026 09-00:00 +0100", "Fri, 3 Mar 2026 09:00:00 *0100", "Fri, 00 Mar 2026 09:00:00 +0100", "Fri, 3 Mar 26 09:00:00 +0100",
	} {
		got, ok := usualDate(s)
		_, bare, found := strings.Cut(s, ", ")
		if !found {
			bare = s
		}
		bare, _, _ = strings.Cut(bare, " (")
		want, err := time.Parse("2 Jan 2006 15:04:05 -0700", bare)
		if ok != (err == nil) || ok && (!got.Equal(want) || got.Format(time.RFC3339) != want.Format(time.RFC3339)) {
			t.Errorf("%q: %v %v, want %v %v", s, got, ok, want, err)
		}
	}
}

func TestOnOneLine(t *testing.T) {
	for _, s := range []string{"", " a ", "a b", "a  b", "a\tb\n\n c ", "\n", "ä  b\n", "a\vb\n", "a\u00a0 b\u2028\nc", "a\x00 \n\f"} {
		want := strings.TrimSpace(s)
		if strings.ContainsAny(s, "\n\r\t") || strings.Contains(s, "  ") {
			want = strings.Join(strings.Fields(s), " ")
		}
		if got := onOneLine(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
