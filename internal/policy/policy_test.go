package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/whybounce/whybounce/rules"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// day is noon of the nth day.
func day(n float64) time.Time { return start.Add(time.Duration(n * 24 * float64(time.Hour))) }

func fail(cause string, action rules.ListAction, permanent bool, days ...float64) []Event {
	var events []Event
	for _, d := range days {
		events = append(events, Event{ID: int64(d*100) + 1, At: day(d), Kind: Failure, Cause: cause, Action: action, Permanent: permanent})
	}
	return events
}

func at(kind EventKind, d float64) []Event {
	return []Event{{ID: int64(d*100) + 1, At: day(d), Kind: kind, Cause: "complaint", Action: rules.Remove, Permanent: true}}
}

func series(from, to, step float64) []float64 {
	var days []float64
	for d := from; d <= to; d += step {
		days = append(days, d)
	}
	return days
}

func join(parts ...[]Event) []Event {
	var all []Event
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func TestJudge(t *testing.T) {
	unknown := func(days ...float64) []Event { return fail("unknown-user", rules.Remove, true, days...) }
	full := func(days ...float64) []Event { return fail("mailbox-full", rules.Keep, false, days...) }
	network := func(days ...float64) []Event { return fail("network-error", rules.Keep, false, days...) }
	disabled := func(days ...float64) []Event { return fail("disabled-mailbox", rules.Remove, true, days...) }
	unproven := unknown(0)
	unproven[0].Unproven = true
	tests := []struct {
		policy string
		name   string
		in     []Event
		now    float64
		want   string // state, cause and day of the state
	}{
		{"default", "nothing", nil, 1, "keep"},
		{"default", "unknown user", unknown(0), 1, "remove unknown-user 0"},
		{"default", "unknown user, in doubt", fail("unknown-user", rules.Review, true, series(0, 50, 1)...), 60, "keep"},
		{"default", "unknown user, temporarily", fail("unknown-user", rules.Keep, false, 0, 1, 2, 3), 4, "keep"},
		{"default", "unknown user, temporarily for long", fail("unknown-user", rules.Keep, false, 0, 2, 4, 6, 8), 9, "remove unknown-user 8"},
		{"default", "unproven", unproven, 1, "keep"},
		{"default", "complaint", at(Complaint, 0), 1, "remove complaint 0"},
		{"default", "complaint, then delivered", join(at(Complaint, 0), at(Success, 2)), 3, "remove complaint 0"},
		{"default", "unknown user, then delivered", join(unknown(0), at(Success, 2)), 3, "alive unknown-user 2"},
		{"default", "disabled once", disabled(0), 1, "keep"},
		{"default", "disabled twice in two days", disabled(0, 2), 3, "keep"},
		{"default", "disabled twice in three days", disabled(0, 3), 3, "remove disabled-mailbox 3"},
		{"default", "disabled twice in forty days", disabled(0, 40), 41, "keep"},
		{"default", "full, thrice a day", full(0, 0.1, 0.2, 7), 8, "keep"},
		{"default", "full, thrice in six days", full(0, 3, 6), 8, "keep"},
		{"default", "full, thrice in seven days", full(0, 3, 7), 8, "remove mailbox-full 7"},
		{"default", "full, thrice in forty days", full(0, 20, 40), 41, "keep"},
		{"default", "full, with success between", join(full(0, 3), at(Success, 4), full(7)), 8, "keep"},
		{"default", "full, 89 days on", full(0, 3, 7), 96, "remove mailbox-full 7"},
		{"default", "full, 90 days on", full(0, 3, 7), 97, "ended mailbox-full 97"},
		{"default", "full again after the end", full(0, 3, 7, 98), 99, "ended mailbox-full 97"},
		{"default", "full, then gone", join(full(0, 3, 7), unknown(8)), 200, "remove unknown-user 8"},
		{"default", "trouble of two kinds", join(network(0, 2, 4), fail("expired", rules.Keep, false, 6, 8)), 9, "remove expired 8"},
		{"default", "trouble, four days", network(0, 3, 6, 9), 10, "keep"},
		{"default", "own fault", fail("blocked", rules.Fix, true, series(0, 60, 1)...), 61, "keep"},
		{"default", "unknown", fail("unknown", rules.Review, false, series(0, 60, 1)...), 61, "keep"},
		{"default", "put back", join(unknown(0), at(Restored, 1)), 2, "restored unknown-user 1"},
		{"default", "put back, then gone again", join(unknown(0), at(Restored, 1), unknown(2)), 3, "remove unknown-user 2"},
		{"default", "put back forgets strikes", join(full(0, 3), at(Restored, 5), full(7)), 8, "restored  5"},
		{"default", "in any order", join(full(7), full(0), full(3)), 8, "remove mailbox-full 7"},
		{"default", "delays", at(Notice, 0), 1, "keep"},
		{"report-only", "unknown user", unknown(0), 1, "keep"},
		{"mailman", "five hard", unknown(0, 1, 2, 3, 4), 5, "keep"},
		{"mailman", "five hard, one soft", join(unknown(0, 1, 2, 3, 4), full(5)), 6, "suspend mailbox-full 5"},
		{"mailman", "three weeks later", join(unknown(0, 1, 2, 3, 4), full(5)), 26, "remove mailbox-full 26"},
		{"mailman", "many on one day", unknown(series(0, 0.4, 0.01)...), 1, "keep"},
		{"mailman", "stale", unknown(0, 1, 2, 3, 4, 12, 13), 14, "keep"},
		{"listmonk", "hard", fail("blocked", rules.Fix, true, 0), 1, "remove blocked 0"},
		{"listmonk", "soft", full(series(0, 50, 1)...), 60, "keep"},
		{"listmonk", "complaint", at(Complaint, 0), 1, "remove complaint 0"},
		{"phplist", "four in a row", full(0, 1, 2, 3), 4, "keep"},
		{"phplist", "five in a row", full(0, 1, 2, 3, 4), 5, "suspend mailbox-full 4"},
		{"phplist", "interrupted", join(full(0, 1, 2), at(Success, 2.5), full(3, 4)), 5, "keep"},
		{"phplist", "fifty in a row", full(series(0, 49, 1)...), 50, "remove mailbox-full 49"},
		{"mailchimp", "hard", unknown(0), 1, "remove unknown-user 0"},
		{"mailchimp", "six soft", full(series(0, 5, 1)...), 9, "keep"},
		{"mailchimp", "seven soft", full(series(0, 6, 1)...), 9, "remove mailbox-full 6"},
		{"mailchimp", "seven soft of an active one", join(at(Success, 0), full(series(1, 7, 1)...)), 9, "keep"},
		{"mailchimp", "fifteen soft of an active one", join(at(Success, 0), full(series(1, 15, 1)...)), 16, "remove mailbox-full 15"},
		{"sympa", "74 days", unknown(series(0, 73, 1)...), 74, "keep"},
		{"sympa", "75 days", unknown(series(0, 74, 1)...), 75, "remove unknown-user 74"},
		{"sympa", "many in a short time", unknown(series(0, 5, 0.05)...), 6, "keep"},
		{"sympa", "silence between", unknown(append(series(0, 40, 1), series(55, 95, 1)...)...), 96, "keep"},
	}
	for _, test := range tests {
		p, err := Builtin(test.policy)
		if err != nil {
			t.Fatal(err)
		}
		d := p.Judge(test.in, day(test.now))
		got := string(d.State)
		if !d.Since.IsZero() {
			got = fmt.Sprintf("%s %s %.4g", d.State, d.Cause, d.Since.Sub(start).Hours()/24)
		}
		if got != test.want {
			t.Errorf("%s: %s: got %q, want %q", test.policy, test.name, got, test.want)
		}
	}
}

func TestReplay(t *testing.T) {
	p, err := Builtin(Default)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	p.Replay(fail("mailbox-full", rules.Keep, false, 0, 3, 7, 98, 102, 106), day(120), func(d Decision) {
		got = append(got, fmt.Sprintf("%s %.4g", d.State, d.Since.Sub(start).Hours()/24))
	})
	if want := "remove 7, ended 97, remove 106"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestBuiltinsAreSound(t *testing.T) {
	names := Names()
	if len(names) != 7 || names[0] != Default {
		t.Errorf("names: %q", names)
	}
	for _, name := range names {
		p, err := Builtin(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name != name || p.Title == "" {
			t.Errorf("%s: name %q, title %q", name, p.Name, p.Title)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "no name"},
		{"name = 'x'\nstrike = 1", "strike means nothing"},
		{"name = 'x'\n[[group]]\nstrikes = 1", "needs its own"},
		{"name = 'x'\n[[group]]\nname = 'a'\nactions = ['drop']", "write remove"},
		{"name = 'x'\n[[group]]\nname = 'a'\nfailures = 'hard'", "permanent or temporary"},
		{"name = 'x'\n[[group]]\nname = 'a'\nwindow = '3 days'", "write it like 30d"},
		{"name = 'x'\n[[group]]\nname = 'a'\nwindow = '3d'\nspan = '4d'", "nothing could ever leave"},
		{"name = 'x'\n[[group]]\nname = 'a'\nstrikes = -1", "out of range"},
		{"name = 'x'\n[[group]]\nname = 'a'\nstrikes = nan", "out of range"},
		{"name = [", "policy f.toml"},
	}
	for _, test := range tests {
		_, err := Parse("f.toml", []byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.text, err, test.want)
		}
	}
	if _, err := Builtin("../x"); err == nil {
		t.Error("a policy that is not there was found")
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"30d": 720 * time.Hour, "12h": 12 * time.Hour, "1d12h": 36 * time.Hour, "0d": 0} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "99999999d", "1d-1h", "3", "x"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}
