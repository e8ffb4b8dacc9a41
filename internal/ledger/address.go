package ledger

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// domains maps domain names as a lookup does (RFC 5891, UTS 46), without refusing
// the underscores and long labels that real addresses have.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.VerifyDNSLength(false))

// Normalize gives the form of an address that addresses are compared in: the
// domain in lower case and A-labels, the local part as it is (RFC 5321 section
// 2.4: only the receiving host knows whether its case matters). It says no to
// what is no address.
func Normalize(address string) (string, bool) {
	address = strings.Trim(address, " \t\r\n<>")
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 || len(address) > 1000 || !utf8.ValidString(address) {
		return "", false
	}
	local, domain := unquote(address[:at]), strings.TrimSuffix(address[at+1:], ".")
	if strings.ContainsFunc(address, isControl) || strings.ContainsAny(domain, " \t@<>(),;\"") {
		return "", false
	}
	if ascii, err := domains.ToASCII(domain); err == nil && ascii != "" {
		domain = ascii
	}
	if domain = strings.ToLower(domain); domain == "" {
		return "", false
	}
	return local + "@" + domain, true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// unquote takes needless quotes from a local part (RFC 5321 section 4.1.2).
func unquote(local string) string {
	if len(local) < 3 || local[0] != '"' || local[len(local)-1] != '"' {
		return local
	}
	inner := local[1 : len(local)-1]
	if strings.ContainsAny(inner, " \"\\(),:;<>@[]") || strings.HasPrefix(inner, ".") ||
		strings.HasSuffix(inner, ".") || strings.Contains(inner, "..") {
		return local
	}
	return inner
}
