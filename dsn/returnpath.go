package dsn

import "strings"

// A ReturnPath is what an envelope sender address tells beyond its mailbox.
type ReturnPath struct {
	// Sender is the address without the wrapping of SRS and BATV.
	Sender string
	// Recipient is the recipient that a variable envelope return path names, or "".
	Recipient string
}

// ParseReturnPath unwraps an envelope sender: the Sender Rewriting Scheme (SRS0,
// SRS1), Bounce Address Tag Validation (prvs=) and variable envelope return paths
// (list-bounces+user=example.org@lists.example.net). Nothing is verified here.
func ParseReturnPath(address string) ReturnPath {
	sender := CleanAddress(address)
	for range 4 {
		inner := unwrapSRS(unwrapBATV(sender))
		if inner == sender {
			break
		}
		sender = inner
	}
	return ReturnPath{Sender: sender, Recipient: verp(sender)}
}

// unwrapBATV removes the tag of "prvs=0123abcdef=user@example.com". In the wild
// tag and user stand in either order.
func unwrapBATV(s string) string {
	if len(s) < 6 || !strings.EqualFold(s[:5], "prvs=") {
		return s
	}
	local, domain, ok := cutAt(s[5:])
	if !ok {
		return s
	}
	first, second, ok := strings.Cut(local, "=")
	switch {
	case !ok:
		return s
	case isTag(first):
		return second + "@" + domain
	case isTag(second):
		return first + "@" + domain
	}
	return s
}

// isTag reports whether s looks like the tag of BATV: ten digits and letters, the
// first four of them digits in the scheme's own form.
func isTag(s string) bool {
	if len(s) < 8 || len(s) > 16 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isWord(s[i]) || i < 3 && !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// unwrapSRS returns the address inside "SRS0=hash=tt=domain=local@forwarder" or
// "SRS1=hash=host==hash=tt=domain=local@forwarder".
func unwrapSRS(s string) string {
	if len(s) < 6 || !strings.EqualFold(s[:3], "srs") || s[3] != '0' && s[3] != '1' || strings.IndexByte("=+-", s[4]) < 0 {
		return s
	}
	local, _, ok := cutAt(s[5:])
	if !ok {
		return s
	}
	if s[3] == '1' {
		_, inner, ok := strings.Cut(local, "==")
		if !ok {
			if _, inner, ok = strings.Cut(local, "=+"); !ok {
				return s
			}
		}
		local = strings.TrimLeft(inner, "=+-")
	}
	parts := strings.SplitN(local, "=", 4)
	if len(parts) != 4 || parts[2] == "" || parts[3] == "" {
		return s
	}
	return parts[3] + "@" + parts[2]
}

// verp returns the recipient that a variable envelope return path encodes.
func verp(address string) string {
	local, _, ok := cutAt(address)
	if !ok {
		return ""
	}
	eq := strings.LastIndexByte(local, '=')
	if eq <= 0 {
		return ""
	}
	domain := local[eq+1:]
	if !isHostName(domain) {
		return ""
	}
	user := verpUser(local[:eq])
	if user == "" || strings.Contains(user, "=") {
		return ""
	}
	return decodeXtext(user) + "@" + domain
}

// verpUser cuts the name of the list and its counters off what stands before "=":
// "list-bounces+user", "bounce-123-user", "list-return-12-user",
// "bounces+123-ab12-user".
func verpUser(s string) string {
	if _, after, ok := strings.Cut(s, "+"); ok {
		return cutCounters(after)
	}
	rest, cut := s, false
	for {
		word, after, ok := strings.Cut(rest, "-")
		if !ok || after == "" {
			break
		}
		if isReturnWord(word) {
			return cutCounters(after)
		}
		rest = after
		cut = cut || isCounter(word)
		if cut {
			return cutCounters(rest)
		}
	}
	return ""
}

// isReturnWord reports whether a part of a return path names its purpose, as the
// conventions of ezmlm, Mailman and qmail do.
func isReturnWord(s string) bool {
	for _, w := range [...]string{"bounce", "bounces", "return", "returns", "owner", "errors", "request", "verp"} {
		if strings.EqualFold(s, w) {
			return true
		}
	}
	return false
}

// cutCounters removes leading message numbers: "123-user", "123-ab12-user".
func cutCounters(s string) string {
	for range 3 {
		word, after, ok := strings.Cut(s, "-")
		if !ok || after == "" || !isCounter(word) {
			break
		}
		s = after
	}
	return s
}

// isCounter reports whether s is a number or a short hexadecimal key.
func isCounter(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	numbers := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			numbers++
		case c == '.' || c == '_' || 'a' <= c|0x20 && c|0x20 <= 'f':
		default:
			return false
		}
	}
	return numbers > 0
}

// isHostName reports whether s is a domain name of two labels or more.
func isHostName(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot <= 0 || len(s)-dot < 3 || strings.Contains(s, "..") || s[0] == '-' || s[0] == '.' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isWord(c) && c != '-' && c != '.' && c < 0x80 {
			return false
		}
	}
	return !isDigit(s[len(s)-1])
}

// cutAt cuts an address at its last "@".
func cutAt(s string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 {
		return "", "", false
	}
	return s[:at], s[at+1:], true
}
