package verp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var (
	noon  = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	month = 30 * 24 * time.Hour
)

func signer(t testing.TB, key string) *Signer {
	s, err := New([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignAndCheck(t *testing.T) {
	s := signer(t, "a key of at least sixteen bytes")
	for _, recipient := range []string{"user@example.org", "User@Example.org", "a+tag@example.org", "x=y@example.org", "ü@example.org", `"a b"@example.org`, "a+41@x.example"} {
		for _, form := range []Form{VERP, PRVS, SRS} {
			path, err := s.Sign(form, "bounces@lists.example.net", recipient, noon)
			if err != nil && !strings.Contains(err.Error(), "RFC 5321") {
				if strings.Contains(recipient, " ") {
					continue // no address of ours has blanks
				}
				t.Fatal(err)
			}
			for _, changed := range []string{path, strings.ToLower(path), strings.ToUpper(path)} {
				got, err := s.Check(changed, noon.AddDate(0, 0, 3), month)
				if err != nil || !strings.EqualFold(got, recipient) {
					t.Errorf("%s: %s: got %q, %v", recipient, changed, got, err)
				}
			}
			if got, err := s.Check(path, noon, month); err != nil || !strings.EqualFold(got, recipient) || strings.Split(got, "@")[0] != strings.Split(recipient, "@")[0] {
				t.Errorf("%s: %s: got %q, %v", recipient, path, got, err)
			}
		}
	}
}

func TestATokenCoversItsAddressAlone(t *testing.T) {
	s := signer(t, "a key of at least sixteen bytes")
	for _, form := range []Form{VERP, PRVS, SRS} {
		path, err := s.Sign(form, "bounces@lists.example.net", "alice@example.org", noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, forged := range []string{
			strings.Replace(path, "alice", "bob", 1),
			strings.Replace(path, "example.org", "example.com", 1),
			strings.Replace(path, "alice", "alic+65", 1) + "x",
		} {
			if got, err := s.Check(forged, noon, month); err == nil && got != "alice@example.org" {
				t.Errorf("%s passes for %s", forged, got)
			}
		}
		other := signer(t, "another key of sixteen bytes")
		if _, err := other.Check(path, noon, month); !errors.Is(err, ErrForged) {
			t.Errorf("another key: %v", err)
		}
		if _, err := s.Check(path, noon.Add(month).AddDate(0, 0, 1), month); !errors.Is(err, ErrTooOld) {
			t.Errorf("old: %v", err)
		}
		if _, err := s.Check(path, noon.AddDate(0, 0, -2), month); !errors.Is(err, ErrTooEarly) {
			t.Errorf("early: %v", err)
		}
	}
	for _, path := range []string{"", "@", "bounces@lists.example.net", "bounces+user=example.org@lists.example.net", "prvs=1234567890=user@example.org",
		"SRS0=abcd=xy=example.org=user@lists.example.net", "bounces+aaaaaaaaaaaaaaaaaaaa=user@lists.example.net"} {
		if _, err := s.Check(path, noon, month); !errors.Is(err, ErrNoToken) {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// TestForgeries makes many tokens without the key; none passes.
func TestForgeries(t *testing.T) {
	s := signer(t, "a key of at least sixteen bytes")
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 1000 {
		token := make([]byte, tokenLength)
		for j := range token {
			token[j] = digits[random.IntN(32)]
		}
		copy(token, stamp(day(noon)))
		if _, err := s.Check(fmt.Sprintf("bounces+%s=user%d=example.org@lists.example.net", token, i), noon, month); err == nil {
			t.Fatalf("%s passes", token)
		}
	}
}

func TestKeyAndAddresses(t *testing.T) {
	if _, err := New([]byte("short")); err == nil {
		t.Error("a short key passes")
	}
	s := signer(t, "a key of at least sixteen bytes")
	for _, pair := range [][2]string{{"bounces", "a@example.org"}, {"b@example.org", "a"}, {"b@example.org", "a b@example.org"}, {"b@example.org", ""}} {
		if path, err := s.Sign(VERP, pair[0], pair[1], noon); err == nil {
			t.Errorf("%q: %s", pair, path)
		}
	}
	if _, err := s.Sign("x", "b@example.org", "a@example.org", noon); err == nil {
		t.Error("a form that is not there passes")
	}
	if _, err := s.Sign(VERP, "b@example.org", strings.Repeat("a", 60)+"@example.org", noon); err == nil {
		t.Error("a local part that is too long passes")
	}
}

func FuzzCheck(f *testing.F) {
	s := signer(f, "a key of at least sixteen bytes")
	path, _ := s.Sign(VERP, "bounces@lists.example.net", "user@example.org", noon)
	f.Add(path)
	f.Add("SRS0=abcd=xy=example.org=user@lists.example.net")
	f.Add("prvs=1234567890=user@example.org")
	f.Fuzz(func(t *testing.T, path string) {
		if got, err := s.Check(path, noon, month); err == nil && !strings.EqualFold(got, "user@example.org") {
			t.Errorf("%q passes for %q", path, got)
		}
	})
}
