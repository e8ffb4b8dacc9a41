package mailbox

import "testing"

// TestIsAsctimeIsDated holds that the short cut for the usual separator says what the
// long way says.
func TestIsAsctimeIsDated(t *testing.T) {
	for _, c := range []struct {
		line string
		want bool
	}{
		{"From a@example.com Sat Nov 21 21:40:33 2026", true},
		{"From a@example.com Sat Nov  1 21:40:33 2026", true},
		{"From MAILER-DAEMON Sat Nov 21 21:40:33 2026", true},
		{"From UTC Sat Nov 21 21:40:33 2026", true},
		{"From Sat Nov 21 21:40:33 2026", true},
		{"From  Sat Nov 21 21:40:33 2026", true},
		{"From a b Sat Nov 21 21:40:33 2026", false},
		{"From a\tb Sat Nov 21 21:40:33 2026", false},
		{"From x@example.com  Sat Nov 21 21:40:33 2026", false},
		{"From xSat Nov 21 21:40:33 2026", false},
		{"From a Sun Foo 21 21:40:33 2026", false},
		{"From a Day Nov 21 21:40:33 2026", false},
		{"From a Sat Nov 21 21:40:33 20x6", false},
		{"From a Sat Nov x1 21:40:33 2026", false},
		{"From a Sat Nov 21 21.40:33 2026", false},
		{"From ", false},
	} {
		got := isAsctime([]byte(c.line)[len(fromSpace):])
		if got != c.want {
			t.Errorf("%q: asctime %v, want %v", c.line, got, c.want)
		}
		if got && lookOf([]byte(c.line+" ")) != dated {
			t.Errorf("%q: the long way does not think it dated", c.line)
		}
	}
}
