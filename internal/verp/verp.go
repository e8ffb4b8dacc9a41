// Package verp signs return paths, so that only a bounce of mail that was really
// sent to an address can speak of that address. A token is an HMAC-SHA256 (RFC
// 2104), truncated to 80 bits, over the day and the recipient; it stands in a
// variable envelope return path, in the form of BATV's prvs= or of SRS0.
//
// The recipient's local part is signed in lower case, since mail systems lose
// case in return paths. The package holds no state and reads no clock.
package verp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Form says how a return path carries its token.
type Form string

// The forms.
const (
	VERP Form = "verp" // bounces+TOKEN=user=example.org@lists.example.net
	PRVS Form = "prvs" // prvs=TOKEN=bounces+user=example.org@lists.example.net
	SRS  Form = "srs"  // SRS0=TOKEN=DD=example.org=user@lists.example.net
)

// Forms lists the forms.
func Forms() []string { return []string{string(VERP), string(PRVS), string(SRS)} }

// MinKey is the least length of a key in bytes.
const MinKey = 16

const (
	dayLength   = 4  // characters of a day
	macLength   = 16 // characters of an HMAC
	tokenLength = dayLength + macLength
	maxLocal    = 64 // octets of a local part (RFC 5321 section 4.5.3.1.1)
	secondsADay = 24 * 60 * 60
)

const digits = "abcdefghijklmnopqrstuvwxyz234567"

// encoding is base32 in lower case: it survives systems that change case.
var encoding = base32.NewEncoding(digits).WithPadding(base32.NoPadding)

// A Signer makes and reads tokens.
type Signer struct{ key []byte }

// New returns a signer for a secret key.
func New(key []byte) (*Signer, error) {
	if len(key) < MinKey {
		return nil, fmt.Errorf("the key has %d bytes, it needs %d or more: make one with `head -c 32 /dev/urandom | base64 > key`", len(key), MinKey)
	}
	return &Signer{append([]byte(nil), key...)}, nil
}

// Errors of Check.
var (
	ErrNoToken  = errors.New("the address carries no token")
	ErrForged   = errors.New("the token does not belong to this address")
	ErrTooOld   = errors.New("the token is too old")
	ErrTooEarly = errors.New("the token is of a day to come")
)

// Sign makes a return path from the address that bounces come to, for mail to a
// recipient.
func (s *Signer) Sign(form Form, bounces, recipient string, at time.Time) (string, error) {
	box, host, ok := split(bounces)
	if !ok {
		return "", fmt.Errorf("%q is no address for bounces", bounces)
	}
	user, domain, ok := split(recipient)
	if !ok {
		return "", fmt.Errorf("%q is no recipient's address", recipient)
	}
	token := s.token(day(at), user, domain)
	var local string
	switch form {
	case VERP:
		local = box + "+" + token + "=" + escape(user) + "=" + domain
	case PRVS:
		local = "prvs=" + token + "=" + box + "+" + escape(user) + "=" + domain
	case SRS:
		// The day stands in its own field, as in SRS.
		local = "SRS0=" + token[dayLength:] + "=" + token[:dayLength] + "=" + domain + "=" + escape(user)
	default:
		return "", fmt.Errorf("%q is no form of a return path: take one of %s", form, strings.Join(Forms(), ", "))
	}
	if len(local) > maxLocal {
		return local + "@" + host, fmt.Errorf("the local part has %d octets, RFC 5321 allows %d: some servers will refuse it", len(local), maxLocal)
	}
	return local + "@" + host, nil
}

// Check reads a return path. It returns the recipient whom it was made for, and
// an error where the token is forged, or not of the maxAge before at. The case of
// the recipient's local part may be lost.
func (s *Signer) Check(path string, at time.Time, maxAge time.Duration) (recipient string, err error) {
	local, _, ok := split(path)
	if !ok {
		return "", ErrNoToken
	}
	token, user, domain, ok := parse(local)
	if !ok {
		return "", ErrNoToken
	}
	stamp, ok := unstamp(token[:dayLength])
	if !ok || !hmac.Equal([]byte(token), []byte(s.token(stamp, user, domain))) {
		return "", ErrForged
	}
	switch today := day(at); {
	case int64(stamp) > int64(today)+1:
		return "", ErrTooEarly
	case int64(today)-int64(stamp) > int64(maxAge/(secondsADay*time.Second)):
		return "", ErrTooOld
	}
	return user + "@" + domain, nil
}

// token is the day and the HMAC over it and the recipient.
func (s *Signer) token(day uint32, user, domain string) string {
	mac := hmac.New(sha256.New, s.key)
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], day)
	mac.Write([]byte("whybounce verp 1\x00"))
	mac.Write(b[:])
	mac.Write([]byte(strings.ToLower(user) + "@" + strings.ToLower(domain)))
	return stamp(day) + encoding.EncodeToString(mac.Sum(nil)[:macLength*5/8])
}

// day counts the days since 1970 (UTC).
func day(t time.Time) uint32 { return uint32(max(t.Unix(), 0) / secondsADay) }

// stamp writes 20 bits of a day, enough until the year 4800.
func stamp(day uint32) string {
	return string([]byte{digits[day>>15&31], digits[day>>10&31], digits[day>>5&31], digits[day&31]})
}

func unstamp(s string) (day uint32, ok bool) {
	for i := range len(s) {
		n := strings.IndexByte(digits, s[i])
		if n < 0 {
			return 0, false
		}
		day = day<<5 | uint32(n)
	}
	return day, true
}

// split cuts an address at its last "@"; the domain comes in lower case.
func split(address string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 || len(address) > 1000 || strings.ContainsAny(address, " \t\r\n<>\x00") {
		return "", "", false
	}
	return address[:at], strings.ToLower(address[at+1:]), true
}

// parse takes the token and the recipient from a local part in any of the forms.
func parse(local string) (token, user, domain string, ok bool) {
	if rest, found := cutFold(local, "prvs="); found {
		token, rest, found = cutToken(rest, tokenLength)
		_, rest, plus := strings.Cut(rest, "+")
		return finish(token, rest, found && plus)
	}
	if rest, found := cutFold(local, "srs0="); found {
		mac, rest, found := cutToken(rest, macLength)
		stamp, rest, stamped := cutToken(rest, dayLength)
		domain, user, both := strings.Cut(rest, "=")
		if !found || !stamped || !both || domain == "" || user == "" {
			return "", "", "", false
		}
		return stamp + mac, unescape(user), strings.ToLower(domain), true
	}
	for from := 0; ; {
		plus := strings.IndexByte(local[from:], '+')
		if plus < 0 {
			return "", "", "", false
		}
		from += plus + 1
		if token, rest, found := cutToken(local[from:], tokenLength); found {
			return finish(token, rest, true)
		}
	}
}

// finish takes "user=example.org" apart.
func finish(token, rest string, ok bool) (string, string, string, bool) {
	last := strings.LastIndexByte(rest, '=')
	if !ok || last < 1 || last == len(rest)-1 {
		return "", "", "", false
	}
	return token, unescape(rest[:last]), strings.ToLower(rest[last+1:]), true
}

// cutToken takes n base32 characters and a "=" off the front.
func cutToken(s string, n int) (token, rest string, ok bool) {
	if len(s) <= n || s[n] != '=' {
		return "", s, false
	}
	token = strings.ToLower(s[:n])
	for i := range n {
		if c := token[i]; !(c >= 'a' && c <= 'z' || c >= '2' && c <= '7') {
			return "", s, false
		}
	}
	return token, s[n+1:], true
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// escape writes what a return path cannot hold, and "+", as + and two hex digits,
// as Courier does.
func escape(user string) string {
	var b strings.Builder
	for i := range len(user) {
		c := user[i]
		if c > ' ' && c < 0x7f && !strings.ContainsRune(`@:%![]+"(),;<>\`, rune(c)) {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "+%02X", c)
	}
	return b.String()
}

func unescape(s string) string {
	if !strings.Contains(s, "+") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '+' && i+2 < len(s) {
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
