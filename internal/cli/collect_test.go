package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

func keyOf(pieces ...string) ledger.Key {
	f := newFingerprint()
	for _, p := range pieces {
		f.Write([]byte(p))
	}
	return f.key()
}

const plainMail = "Return-Path: <>\nReceived: by a\n\twith b\nFrom: a@example.org\nSubject: x\n y\n\nFrom here on\n\nbody\n"

func TestFingerprintStaysTheSame(t *testing.T) {
	same := map[string]string{
		"CRLF":                plainMail,
		"no trace":            "From: a@example.org\nSubject: x\n y\n\nFrom here on\n\nbody\n",
		"more trace":          "X-UID: 7\nReceived: by c\n with d\nDelivered-To: a@example.org\nFrom: a@example.org\nStatus: RO\nSubject: x\n y\n\nFrom here on\n\nbody\n",
		"mbox quoting":        strings.Replace(plainMail, "From here", ">From here", 1),
		"no last line end":    strings.TrimSuffix(plainMail, "\n"),
		"blank lines at end":  plainMail + "\n\n",
		"lower-case received": strings.Replace(plainMail, "Received", "received", 1),
	}
	want := keyOf(plainMail)
	for name, mail := range same {
		if name == "CRLF" {
			mail = strings.ReplaceAll(mail, "\n", "\r\n")
		}
		if keyOf(mail) != want {
			t.Errorf("%s: another fingerprint", name)
		}
		if name != "CRLF" && keyOf(strings.ReplaceAll(mail, "\n", "\r")) != want {
			t.Errorf("%s, with bare CR: another fingerprint", name)
		}
	}
	for name, mail := range map[string]string{
		"another sender":    strings.Replace(plainMail, "a@", "b@", 1),
		"another body":      plainMail + "more\n",
		"no blank line":     strings.Replace(plainMail, "\n\nbody", "\nbody", 1),
		"trace in the body": plainMail + "Received: by a\n",
		"a folded line":     strings.Replace(plainMail, "x\n y", "x y", 1),
	} {
		if keyOf(mail) == want {
			t.Errorf("%s: the same fingerprint", name)
		}
	}
}

func FuzzFingerprint(f *testing.F) {
	f.Add(plainMail, 3)
	f.Add(strings.ReplaceAll(plainMail, "\n", "\r\n"), 40)
	f.Fuzz(func(t *testing.T, mail string, at int) {
		if at < 0 || at > len(mail) {
			return
		}
		if keyOf(mail) != keyOf(mail[:at], mail[at:]) {
			t.Errorf("%q cut at %d has another fingerprint", mail, at)
		}
	})
}

func TestMask(t *testing.T) {
	tests := []struct{ in, want string }{
		{"550 5.1.1 <bob@example.com>: not here", "550 5.1.1 <ADDRESS>: not here"},
		{"550 Message 4711 refused by 192.0.2.7", "550 Message # refused by #.#.#.#"},
		{"queued as 4F2a9c81d0e7b6", "queued as ID"},
		{"sorry", "sorry"},
		{"<<>> ()", "<<>> ()"},
	}
	for _, test := range tests {
		if got := mask(test.in); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}

func TestParseAfter(t *testing.T) {
	for text, want := range map[string]after{"keep": {verb: "keep"}, "seen": {verb: "seen"}, "delete": {verb: "delete"}, "move=a=b": {"move", "a=b"}} {
		if got, err := parseAfter(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "move", "move=", "keep=x", "burn"} {
		if got, err := parseAfter(text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestAfterReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"new/1.host", "cur/1.host:2,S"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := (after{verb: seenMail}).file(filepath.Join(dir, "new/1.host")); err == nil {
		t.Error("a message was replaced by another")
	}
	if text, err := os.ReadFile(filepath.Join(dir, "cur/1.host:2,S")); err != nil || string(text) != "cur/1.host:2,S" {
		t.Error(string(text), err)
	}
}

func TestForwardedIsNotGone(t *testing.T) {
	tests := []struct {
		address, final string
		want           rules.ListAction
	}{
		{"bob@example.com", "bob@example.com", rules.Remove},
		{"bob@example.com", "BOB@mail.example.com", rules.Remove},
		{"bob+news@example.com", "bob@example.com", rules.Remove},
		{"bob@example.com", "", rules.Remove},
		{"team@example.com", "bob@example.com", rules.Keep},
	}
	for _, test := range tests {
		if got := ofForwarded(rules.Remove, rules.OutcomeFailed, test.address, &dsn.Recipient{Final: test.final}); got != test.want {
			t.Errorf("%s behind %s: got %s, want %s", test.final, test.address, got, test.want)
		}
	}
	if got := ofForwarded(rules.Remove, rules.OutcomeComplaint, "team@example.com", &dsn.Recipient{Final: "bob@example.com"}); got != rules.Remove {
		t.Errorf("a complaint: %s", got)
	}
}

func TestMatched(t *testing.T) {
	v := &verifier{domains: []string{"example.org"}, sent: map[ledger.Key]bool{ledger.HashKey("1@x", "bob@example.com"): true, ledger.HashKey("2@x"): true}}
	message := func(id, from string, to ...string) *parser.Message {
		return &parser.Message{Original: parser.Original{MessageID: id, From: from, To: to}}
	}
	tests := []struct {
		name string
		m    *parser.Message
		want bool
	}{
		{"id and recipient", message("<1@x>", ""), true},
		{"id, and it went to him", message("2@x", "", "Bob@example.com", "bob@EXAMPLE.com"), true},
		{"id, but it went to another", message("2@x", "", "carol@example.com"), false},
		{"no id", message("", "news@example.org", "bob@example.com"), false},
		{"our domain", message("9@mail.example.org", "news@Example.org", "bob@example.com"), true},
		{"a domain like ours", message("9@badexample.org", "news@badexample.org", "bob@example.com"), false},
		{"our domain, another's id", message("9@example.net", "news@example.org", "bob@example.com"), false},
		{"our domain, to another", message("9@example.org", "news@example.org", "carol@example.com"), false},
	}
	for _, test := range tests {
		if got := v.matched(test.m, "bob@example.com"); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
