package rules

import (
	"testing"

	"github.com/whybounce/whybounce/dsn"
)

// TestNamesAnother holds that what a server says of another address than the
// recipient's removes nobody.
func TestNamesAnother(t *testing.T) {
	s := mustBuiltin(t)
	for _, c := range []struct {
		final, original, diagnostic string
		action                      ListAction
	}{
		{"neko@example.org", "", "550 5.1.1 <neko@example.org>: user unknown", Remove},
		{"neko@example.org", "", "550 5.1.1 user unknown", Remove},
		{"neko@example.org", "", "550 5.1.1 <NEKO@mail.example.org>: user unknown", Remove},
		{"neko@example.org", "", "550 5.1.1 <neko@example.com>: user unknown", Remove},
		{"neko@example.org", "kuro@example.com", "550 5.1.1 <kuro@example.com>: user unknown", Remove},
		{"neko@example.org", "", "550 5.1.1 <me@example.net>: user unknown", Review},
		{"neko@example.org", "", "550 5.1.1 User does not exist: me@example.net", Review},
		{"neko@example.org", "", "550 5.1.1 user unknown, ask postmaster@example.org", Remove},
		{"neko@example.org", "", "550 5.1.1 user unknown @ this host", Remove},
		{"joanne@example.org", "", "550 5.1.1 <anne@example.net>: user unknown", Review},
		{"joanne@mail.example.org", "", "550 5.1.1 <me@notmail.example.org.example.net>: user unknown", Review},
		{"joanne@example.org", "", "550 5.1.1 <me@another-example.org>: user unknown", Review},
		{"news+joanne@example.org", "", "550 5.1.1 <joanne@example.net>: user unknown", Remove},
		{"neko", "", "550 5.1.1 <me@example.net>: user unknown", Remove},
	} {
		v := s.Explain(&dsn.Recipient{Final: c.final, Original: c.original, Diagnostic: c.diagnostic, Action: dsn.Failed, Status: "5.1.1"})
		if v.ListAction != c.action {
			t.Errorf("%s (%s): %q: %s by %q, want %s", c.final, c.original, c.diagnostic, v.ListAction, v.Evidence.Rule, c.action)
		}
	}
}
