package pattern

import (
	"regexp"
	"testing"
)

func TestWithPlain(t *testing.T) {
	for _, tt := range []struct{ pattern, match string }{
		{`empfänger unbekannt`, "Empfaenger unbekannt"},
		{`empfänger unbekannt`, "Empfänger unbekannt"},
		{`mottagaren är okänd`, "mottagaren ar okand"},
		{`wiadomość nie została`, "wiadomosc nie zostala"},
		{`n'a pas pu être (?:remis|distribué)`, "n'a pas pu etre distribue"},
		{`boîte[ -]pleine|größe \|überschritten`, "Groesse |ueberschritten"},
		{`empf[aä]nger unbekannt`, "Empfaenger unbekannt"},
		{`plain words`, "plain words"},
	} {
		if !regexp.MustCompile("(?i)^(?:" + WithPlain(tt.pattern) + ")$").MatchString(tt.match) {
			t.Errorf("%q does not match %q", tt.pattern, tt.match)
		}
	}
	for _, same := range []string{"plain words", "(?P<host>[a-z]+) ist größer", "получатель"} {
		if got := WithPlain(same); got != same {
			t.Errorf("WithPlain(%q) is %q", same, got)
		}
	}
	if regexp.MustCompile(WithPlain(`é|b(c|d)`)).MatchString("c") {
		t.Error("a bar within a group parts it")
	}
}
