package layouts

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func kindsOfFile(t *testing.T) *Kinds {
	t.Helper()
	text, err := os.ReadFile(kindsFile)
	if err != nil {
		t.Fatal(err)
	}
	k, err := parseKinds(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestPrebuiltKinds holds that kinds.bin is what kinds.toml says. With -update it
// writes the file.
func TestPrebuiltKinds(t *testing.T) {
	want := kindsOfFile(t).encode()
	if *update {
		if err := os.WriteFile("kinds.bin", want, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if prebuiltKinds != string(want) {
		t.Fatal("kinds.bin does not follow from kinds.toml: run go generate ./parser/layouts")
	}
	k, err := BuiltinKinds()
	if err != nil || string(k.encode()) != prebuiltKinds {
		t.Errorf("what is read from kinds.bin differs from what was written: %v", err)
	}
	for i := 0; i < len(prebuiltKinds); i += 1 + i/16 {
		if _, err := decodeKinds(prebuiltKinds[:i]); err == nil {
			t.Errorf("kinds.bin cut at %d is read without an error", i)
		}
	}
}

// Every mark proves itself: its examples carry it, against the whole set, and its
// counter-examples do not.
func TestKindsProveThemselves(t *testing.T) {
	k := kindsOfFile(t)
	kinds := []string{"auto-reply", "challenge", "bounce", "complaint", "unsubscribe", "person", "log", "robot"}
	seen := map[string]bool{}
	for _, m := range k.Marks {
		if m.ID == "" || seen[m.ID] || m.Field == "" || m.Source == "" || len(m.Match) == 0 || len(m.Reject) == 0 || !slices.Contains(kinds, m.Kind) {
			t.Errorf("mark %q: id, field, kind, source, match and reject are mandatory, ids differ", m.ID)
		}
		seen[m.ID] = true
		for _, s := range m.Match {
			if got := k.names[strings.ToLower(m.Field)].find([]byte(Fold(s))); got == nil || got.ID != m.ID {
				t.Errorf("mark %s does not win its own example %q: %+v", m.ID, s, got)
			}
		}
		for _, s := range m.Reject {
			if got := k.names[strings.ToLower(m.Field)].find([]byte(Fold(s))); got != nil && got.ID == m.ID {
				t.Errorf("mark %s takes its counter-example %q", m.ID, s)
			}
		}
		for _, p := range m.Has {
			if len(p) < gram {
				t.Errorf("mark %s: phrase %q is too short to be looked for", m.ID, p)
			}
		}
		for _, p := range slices.Concat(m.Start, m.Has) {
			if p != Fold(p) || p == "" {
				t.Errorf("mark %s: phrase %q is not folded: %q", m.ID, p, Fold(p))
			}
		}
	}
	for _, f := range k.Fields {
		if f.Source == "" || len(f.Names) == 0 || !slices.Contains(kinds, f.Kind) {
			t.Errorf("field mark %v is incomplete", f.Names)
		}
	}
}

func TestOfSender(t *testing.T) {
	k, _ := BuiltinKinds()
	tests := []struct{ address, display, want string }{
		{"mailer-daemon@example.org", "", "daemon"},
		{"MAILER-DAEMON", "", "daemon"},
		{"postmaster@example.org", "", "daemon"},
		{"microsoftexchange329e71ec@example.org", "Microsoft Outlook", "daemon"},
		{"x@example.org", "Mail Delivery System", "daemon"},
		{"staff@hotmail.com", "", "complaint"},
		{"staff@example.org", "", ""},
		{"postmasters@example.org", "", ""},
		{"anja@example.org", "Anja", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		if got := k.OfSender(test.address, test.display); got != test.want {
			t.Errorf("OfSender(%q, %q) = %q, want %q", test.address, test.display, got, test.want)
		}
	}
}

func TestOfField(t *testing.T) {
	k, _ := BuiltinKinds()
	tests := []struct{ name, value, want string }{
		{"X-Autoreply", "yes", "auto-reply"},
		{"x-autorespond", "", "auto-reply"},
		{"X-Autoreply", "no", ""},
		{"subject", "  OUT  of\tOffice: x", "auto-reply"},
		{"X-Auto-Response-Suppress", "All", ""},
		{"Precedence", "bulk", ""},
		{"X-Something-Longer-Than-Any-Name-That-Any-Mark-Has-Ever-Had", "x", ""},
	}
	for _, test := range tests {
		if got := k.OfField(test.name, test.value); got != test.want {
			t.Errorf("OfField(%q, %q) = %q, want %q", test.name, test.value, got, test.want)
		}
	}
}
