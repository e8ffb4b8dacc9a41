package dsn

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTypedAddress(t *testing.T) {
	tests := []struct{ in, kind, address string }{
		{"rfc822; anja@example.org", "rfc822", "anja@example.org"},
		{"RFC822;anja@example.org", "rfc822", "anja@example.org"},
		{"anja@example.org", "", "anja@example.org"},
		{"rfc822;<anja@example.org>", "rfc822", "anja@example.org"},
		{"RFC822; anja@example.org (Anja)", "rfc822", "anja@example.org"},
		{"RFC822; (Anja) anja@example.org", "rfc822", "anja@example.org"},
		{"rfc822; Anja B. <anja@example.org>", "rfc822", "anja@example.org"},
		{"rfc822;", "rfc822", ""},
		{"system;<>", "system", ""},
		{"unknown;", "unknown", ""},
		{"x400; /C=DE/A=EXAMPLE/S=Anja/", "x400", "/C=DE/A=EXAMPLE/S=Anja/"},
		{"rfc822; @relay.example.net:anja@example.org", "rfc822", "anja@example.org"},
		{"rfc822; @a.example.net,@b.example.net:anja@example.org", "rfc822", "anja@example.org"},
		{`rfc822; "anja b"@example.org`, "rfc822", `"anja b"@example.org`},
		{`rfc822; "anja (b)"@example.org`, "rfc822", `"anja (b)"@example.org`},
		{"rfc822; 'anja@example.org'", "rfc822", "anja@example.org"},
		{"rfc822; anja+2Bnews@example.org", "rfc822", "anja+news@example.org"},
		{"rfc822; list+3Dx@example.org", "rfc822", "list=x@example.org"},
		{"rfc822; anja+20@example.org", "rfc822", "anja+20@example.org"},
		{"rfc822; anja+ab@example.org", "rfc822", "anja+ab@example.org"},
		{"rfc822; anja@example.org.", "rfc822", "anja@example.org"},
		{`utf-8; \x{E9}mile@example.org`, "utf-8", "émile@example.org"},
		{`utf-8; \x{1F431}@example.org`, "utf-8", "🐱@example.org"},
		{`utf-8; \x{0}bad@example.org`, "utf-8", `\x{0}bad@example.org`},
		{"utf-8; 猫@例え.example", "utf-8", "猫@例え.example"},
		{"RFC822; mailto:anja@example.org", "rfc822", "anja@example.org"},
		{"not a type; anja@example.org", "", "not a type; anja@example.org"},
		{"rfc822; anja\x01@example.org", "rfc822", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		kind, address := TypedAddress(test.in)
		if kind != test.kind || address != test.address {
			t.Errorf("TypedAddress(%q) = %q, %q, want %q, %q", test.in, kind, address, test.kind, test.address)
		}
	}
}

func TestEncapsulated(t *testing.T) {
	tests := []struct {
		in, inner string
		ok        bool
	}{
		{"IMCEAEX-_O=EXAMPLE_OU=FIRST+20ORG_CN=ANJA@example.com", "", true},
		{"IMCEAINVALID-anja+40example+2Eorg@example.com", "anja@example.org", true},
		{"imceasmtp-anja+40example+2Eorg@example.com", "anja@example.org", true},
		{"IMCEA@example.com", "", false},
		{"imceaanja@example.com", "", false},
		{"anja@example.com", "", false},
		{"", "", false},
	}
	for _, test := range tests {
		if inner, ok := Encapsulated(test.in); inner != test.inner || ok != test.ok {
			t.Errorf("Encapsulated(%q) = %q, %v", test.in, inner, ok)
		}
	}
}

func TestIsMailAddress(t *testing.T) {
	for _, s := range []string{"anja@example.org", "a@b", `"a b"@example.org`, "a@[192.0.2.1]", "猫@例え.example", "a+b=c@example.org", "a@[IPv6:2001:db8::1]"} {
		if !IsMailAddress(s) {
			t.Errorf("%q is taken for no mail address", s)
		}
	}
	for _, s := range []string{"", "anja", "@example.org", "anja@", "a b@example.org", "|/bin/x a@example.org", "a@exam ple.org", "a@-x", "a@.x", `"@x`, "a@x\xff", "<a@example.org>", strings.Repeat("a", 2000) + "@example.org"} {
		if IsMailAddress(s) {
			t.Errorf("%q is taken for a mail address", s)
		}
	}
}

func TestSameAddress(t *testing.T) {
	same := [][2]string{
		{"anja@example.org", "anja@EXAMPLE.org"},
		{"Anja@example.org", "<anja@example.org>"},
		{`"anja"@example.org`, "anja@example.org"},
		{"@relay.example:anja@example.org", "anja@example.org"},
		{"anja@example.org.", "anja@example.org"},
	}
	for _, p := range same {
		if !SameAddress(p[0], p[1]) {
			t.Errorf("%q and %q are taken for two recipients", p[0], p[1])
		}
	}
	for _, p := range [][2]string{{"anja@example.org", "bert@example.org"}, {"", ""}, {"", "a@example.org"}, {`"a b"@example.org`, "ab@example.org"}} {
		if SameAddress(p[0], p[1]) {
			t.Errorf("%q and %q are taken for one recipient", p[0], p[1])
		}
	}
}

func TestParseReturnPath(t *testing.T) {
	tests := []struct{ in, sender, recipient string }{
		{"list-bounces+anja=example.org@lists.example.net", "list-bounces+anja=example.org@lists.example.net", "anja@example.org"},
		{"bounce-123-anja=example.org@news.example.net", "bounce-123-anja=example.org@news.example.net", "anja@example.org"},
		{"list-return-12-first-last=example.org@example.net", "list-return-12-first-last=example.org@example.net", "first-last@example.org"},
		{"bounces+4711-ab12-anja=example.org@em.example.net", "bounces+4711-ab12-anja=example.org@em.example.net", "anja@example.org"},
		{"owner-news-anja=example.org@example.net", "owner-news-anja=example.org@example.net", "news-anja@example.org"},
		{"prvs=0123abcdef=anja@example.org", "anja@example.org", ""},
		{"prvs=anja=0123abcdef@example.org", "anja@example.org", ""},
		{"prvs=0123abcdef=list-bounces+anja=example.org@lists.example.net", "list-bounces+anja=example.org@lists.example.net", "anja@example.org"},
		{"SRS0=HHH=TT=lists.example.net=list-bounces+anja=example.org@relay.example", "list-bounces+anja=example.org@lists.example.net", "anja@example.org"},
		{"SRS0+HHH=TT=example.net=news@relay.example", "news@example.net", ""},
		{"SRS1=GGG=relay.example==HHH=TT=example.net=news@other.example", "news@example.net", ""},
		{"news@example.net", "news@example.net", ""},
		{"a=b@example.net", "a=b@example.net", ""},
		{"<>", "", ""},
		{"SRS0=x@example.net", "SRS0=x@example.net", ""},
		{"bounce-1-anja=not_a_domain@example.net", "bounce-1-anja=not_a_domain@example.net", ""},
	}
	for _, test := range tests {
		got := ParseReturnPath(test.in)
		if got.Sender != test.sender || got.Recipient != test.recipient {
			t.Errorf("ParseReturnPath(%q) = %+v, want %q, %q", test.in, got, test.sender, test.recipient)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"rfc822; a@example.org", `utf-8; \x{E9}@example.org`, "<a@b>", `"a b"@c (d)`, "@a,@b:c@d", "SRS1=a=b==c=d=e=f@g", "prvs=0123456789=a+b=c.d@e", "((((", `"\`, "a+2B@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, a := TypedAddress(s)
		if strings.ContainsAny(a, "\r\n\x00") {
			t.Errorf("TypedAddress(%q) = %q holds control characters", s, a)
		}
		if IsMailAddress(a) {
			if k := AddressKey(a); !SameAddress(a, a) || k == "" {
				t.Errorf("%q does not equal itself (key %q)", a, k)
			}
			if !utf8.ValidString(a) {
				t.Errorf("%q is no UTF-8", a)
			}
		}
		if inner, _ := Encapsulated(s); inner != "" && !IsMailAddress(inner) {
			t.Errorf("Encapsulated(%q) = %q", s, inner)
		}
		if r := ParseReturnPath(s).Recipient; r != "" && !strings.Contains(r, "@") {
			t.Errorf("ParseReturnPath(%q) names %q", s, r)
		}
	})
}
