package dsn

import (
	"strings"
	"unicode/utf8"
)

// maxAddress bounds the length of what is taken for an address.
const maxAddress = 1000

// TypedAddress reads a recipient field such as "rfc822; user@example.com"
// (RFC 3464 section 2.3.1, RFC 6533 section 3): the type in lower case, "" where it
// is missing, and the bare address, "" where there is none.
func TypedAddress(value string) (kind, address string) {
	kind, rest := typed(value)
	switch kind {
	case "utf-8":
		rest = decodeUTF8Xtext(rest)
	case "", "rfc822", "smtp", "utf8", "internet":
		rest = decodeXtext(rest)
	}
	return kind, CleanAddress(rest)
}

// CleanAddress takes an address out of its wrapping: angle brackets, comments, a
// display name, "mailto:" or "SMTP:", a source route. It returns "" where nothing
// is left. What it returns need not have an "@": systems name local users too.
func CleanAddress(s string) string {
	if isClean(s) {
		return s
	}
	s = strings.TrimSpace(s)
	if len(s) > maxAddress {
		return ""
	}
	if inner, ok := bracketed(s); ok {
		if isClean(inner) && !strings.Contains(inner, "=") {
			return inner
		}
		s = inner
	} else if cut := StripComments(s); cut != "" {
		s = cut
	}
	s = stripScheme(s)
	s = strings.Trim(s, " \t<>,;")
	s = domainDefined(s)
	s = stripRoute(s)
	s = unquoteWhole(s)
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		s = s[:at+1+len(strings.TrimRight(s[at+1:], ".,;:"))]
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ""
	}
	return strings.TrimSpace(s)
}

// isClean reports that an address has no wrapping, as most have not.
func isClean(s string) bool {
	if s == "" || len(s) > maxAddress || s[len(s)-1] == '.' {
		return false
	}
	ats := 0
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_', c == '+', c == '=':
		case c == '@':
			ats++
		default:
			return false
		}
	}
	return ats == 1 && s[0] != '@'
}

// bracketed returns what stands in the last pair of angle brackets, where it is
// an address or the whole of s.
func bracketed(s string) (string, bool) {
	open := strings.LastIndexByte(s, '<')
	if open < 0 {
		return "", false
	}
	inner, _, ok := strings.Cut(s[open+1:], ">")
	if !ok {
		return "", false
	}
	if open > 0 && !strings.Contains(inner, "@") {
		return "", false
	}
	return strings.TrimSpace(inner), true
}

// stripScheme removes a leading "mailto:", "smtp:" or "rfc822;".
func stripScheme(s string) string {
	for _, p := range [...]string{"mailto:", "smtp:", "rfc822;", "rfc822:"} {
		if len(s) > len(p) && strings.EqualFold(s[:len(p)], p) {
			return strings.TrimSpace(s[len(p):])
		}
	}
	return s
}

// domainDefined takes the internet address out of an X.400 one that holds it as a
// domain-defined attribute (RFC 2156 section 4.1): "c=us;a= ;p=org;dda:SMTP=user@host"
// or "/DDA.RFC-822=user(a)host/P=ORG/".
func domainDefined(s string) string {
	if !strings.Contains(s, "=") {
		return s
	}
	lower := strings.ToLower(s)
	i := strings.Index(lower, "dda")
	if i < 0 || i > 0 && lower[i-1] != ';' && lower[i-1] != '/' {
		return s
	}
	name, value, ok := strings.Cut(s[i+len("dda"):], "=")
	if name = strings.ToLower(strings.TrimLeft(name, ":.")); !ok || name != "smtp" && name != "rfc-822" && name != "rfc822" {
		return s
	}
	if end := strings.IndexAny(value, ";/"); end >= 0 {
		value = value[:end]
	}
	value = strings.Replace(value, "(a)", "@", 1)
	if !IsMailAddress(value) {
		return s
	}
	return value
}

// stripRoute removes an RFC 822 source route: "@a,@b:user@host" is "user@host".
func stripRoute(s string) string {
	if !strings.HasPrefix(s, "@") {
		return s
	}
	if i := strings.IndexByte(s, ':'); i > 0 && strings.Contains(s[i:], "@") {
		return s[i+1:]
	}
	return s
}

// unquoteWhole removes quotes that wrap a whole address ("user@example.com"), not
// those of a quoted local part.
func unquoteWhole(s string) string {
	for _, q := range [...]string{`"`, "'", "`"} {
		if len(s) > 2 && strings.HasPrefix(s, q) && strings.HasSuffix(s, q) {
			return s[1 : len(s)-1]
		}
	}
	if len(s) > 2 && s[0] == '`' && s[len(s)-1] == '\'' {
		return s[1 : len(s)-1]
	}
	return s
}

// IsMailAddress reports whether s has the form local@domain.
func IsMailAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > maxAddress || !utf8.ValidString(s) {
		return false
	}
	local, domain := s[:at], s[at+1:]
	if strings.ContainsFunc(domain, notDomainRune) || domain[0] == '.' || domain[0] == '-' {
		return false
	}
	if local[0] == '"' {
		return len(local) > 2 && local[len(local)-1] == '"'
	}
	return !strings.ContainsAny(local, " \t<>\",;()[]") && !strings.ContainsFunc(local, isControl)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// notDomainRune reports whether r cannot stand in a domain or address literal.
func notDomainRune(r rune) bool {
	switch {
	case r >= 0x80, '0' <= r && r <= '9', 'a' <= r|0x20 && r|0x20 <= 'z':
		return false
	}
	return !strings.ContainsRune(".-_[]:", r)
}

// AddressKey is what two spellings of one recipient have in common: lower case,
// unneeded quotes, a trailing dot and a source route gone.
//
// QUIRK: RFC 5321 section 2.4 makes local parts case-sensitive; within one message
// two spellings that differ in case have never been two persons.
func AddressKey(s string) string {
	s = CleanAddress(s)
	if at := strings.LastIndexByte(s, '@'); at > 2 && s[0] == '"' && s[at-1] == '"' {
		if bare := s[1 : at-1]; !strings.ContainsAny(bare, `"\ @`) {
			s = bare + s[at:]
		}
	}
	return strings.ToLower(s)
}

// SameAddress reports whether a and b are spellings of one recipient.
func SameAddress(a, b string) bool {
	return a == b && a != "" || AddressKey(a) == AddressKey(b) && AddressKey(a) != ""
}

// DomainOf returns the domain of an address in lower case, or "".
func DomainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	return strings.ToLower(strings.TrimRight(address[at+1:], "."))
}

// Encapsulated reports whether an address is Exchange's form for one that is not of
// the internet, such as "IMCEAEX-_O=EXAMPLE_CN=ANJA@example.com". Where it wraps an
// internet address all the same (IMCEASMTP, IMCEAINVALID), inner is that.
func Encapsulated(address string) (inner string, ok bool) {
	if len(address) < 8 || !strings.EqualFold(address[:5], "imcea") {
		return "", false
	}
	local, _, found := cutAt(address)
	kind, rest, dash := strings.Cut(local, "-")
	if !found || !dash || len(kind) > 20 {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(rest); i++ {
		if rest[i] == '+' && i+2 < len(rest) {
			if c, ok := hexByte(rest[i+1], rest[i+2]); ok && c > ' ' && c < 0x7f {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(rest[i])
	}
	if inner = b.String(); !IsMailAddress(inner) {
		inner = ""
	}
	return inner, true
}

// decodeXtext decodes the xtext of RFC 3461 section 4 ("user+2Btag@example.com").
// Only what a mailer always has to encode is decoded, "+2B" and "+3D":
// a tag such as "user+20@example.com" is left alone.
func decodeXtext(s string) string {
	if !strings.Contains(s, "+") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '+' && i+2 < len(s) {
			if c, ok := hexByte(s[i+1], s[i+2]); ok && (c == '+' || c == '=') {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// hexByte reads two upper-case hexadecimal digits.
func hexByte(hi, lo byte) (byte, bool) {
	h, ok1 := hexDigit(hi)
	l, ok2 := hexDigit(lo)
	return h<<4 | l, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// decodeUTF8Xtext decodes the utf-8-addr-xtext of RFC 6533 section 3: \x{E9}.
func decodeUTF8Xtext(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, `\x{`)
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i:], '}')
		r, ok := rune(0), false
		if end > 0 && end <= 9 {
			r, ok = hexRune(s[i+3 : i+end])
		}
		if !ok {
			b.WriteString(s[:i+3])
			s = s[i+3:]
			continue
		}
		b.WriteString(s[:i])
		b.WriteRune(r)
		s = s[i+end+1:]
	}
	b.WriteString(s)
	return b.String()
}

// hexRune reads a code point that is valid, and no control character.
func hexRune(s string) (rune, bool) {
	var r rune
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'f' {
			c -= 0x20
		}
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, s != "" && r >= ' ' && r != 0x7f && utf8.ValidRune(r)
}
