package dsn

import "strings"

// ParseStatus reads an enhanced status code (RFC 3463) at the start of s, as a
// Status field holds it: blanks inside ("5. 0. 0") and words after it ("5.1.1
// (bad address)") are forgiven. It returns "" where s starts with none.
func ParseStatus(s string) string {
	s = strings.TrimLeft(s, " \t#(<")
	if n := statusLen(s); n > 0 {
		return s[:n]
	}
	var out [3]string
	for part := range out {
		if part > 0 {
			s = strings.TrimLeft(s, " ")
			if !strings.HasPrefix(s, ".") {
				return ""
			}
			s = strings.TrimLeft(s[1:], " ")
		}
		n := digits(s)
		if n == 0 || n > 3 {
			return ""
		}
		out[part], s = s[:n], s[n:]
	}
	if len(s) > 1 && s[0] == '.' && isDigit(s[1]) {
		return ""
	}
	code := strings.Join(out[:], ".")
	if !ValidStatus(code) {
		return ""
	}
	return code
}

// ValidStatus reports whether s is an enhanced status code of the classes 2, 4
// and 5, such as "5.1.1".
func ValidStatus(s string) bool {
	if len(s) < 5 || s[0] != '2' && s[0] != '4' && s[0] != '5' || s[1] != '.' {
		return false
	}
	n := digits(s[2:])
	if n == 0 || n > 3 || len(s) < 4+n || s[2+n] != '.' {
		return false
	}
	m := digits(s[3+n:])
	return m > 0 && m <= 3 && len(s) == 3+n+m
}

// StatusRank says how much a status code tells: 0 nothing (""), 1 only its class
// (5.0.0), 2 only that time ran out (4.4.7), 3 its subject (5.1.0), 4 a reason.
func StatusRank(s string) int {
	if !ValidStatus(s) {
		return 0
	}
	switch rest := s[2:]; {
	case rest == "0.0":
		return 1
	case rest == "4.7":
		return 2
	case strings.HasSuffix(rest, ".0"), strings.HasPrefix(rest, "0."):
		return 3
	}
	return 4
}

// BetterStatus returns the code that tells more. The first one is kept where both
// tell as much, and where the classes differ and it tells more than its class.
func BetterStatus(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "" || StatusRank(b) <= StatusRank(a):
		return a
	case a[0] != b[0] && StatusRank(a) == 4:
		return a
	}
	return b
}

// findStatus finds an enhanced status code that stands alone in the words of a
// server, at or after offset from. It does not take version numbers and addresses
// for codes.
func findStatus(s string, from int) (code string, at int) {
	for i := from; i+4 < len(s); i++ {
		if s[i+1] != '.' || !isStatusClass(s[i]) {
			continue
		}
		n := statusLen(s[i:])
		if n > 0 && standsAlone(s, i, i+n) && !afterName(s, i) {
			return s[i : i+n], i
		}
	}
	return "", -1
}

// statusLen returns the length of the code that s starts with, 0 without one.
func statusLen(s string) int {
	if len(s) < 5 || !isStatusClass(s[0]) || s[1] != '.' {
		return 0
	}
	n := digits(s[2:])
	if n == 0 || n > 3 || len(s) < 4+n || s[2+n] != '.' {
		return 0
	}
	m := digits(s[3+n:])
	if m == 0 || m > 3 {
		return 0
	}
	end := 3 + n + m
	if end < len(s) && s[end] == '.' && end+1 < len(s) && isDigit(s[end+1]) {
		return 0
	}
	return end
}

func isStatusClass(c byte) bool { return c == '2' || c == '4' || c == '5' }

// standsAlone reports whether s[i:j] is no part of a longer word or number.
func standsAlone(s string, i, j int) bool {
	if i > 0 && (isWord(s[i-1]) || strings.IndexByte("./@_", s[i-1]) >= 0) {
		return false
	}
	return j == len(s) || !isWord(s[j]) && strings.IndexByte("/@%", s[j]) < 0
}

// afterName reports whether a word that introduces no code stands before i, such
// as the name of a program: "Example 5.1.1".
func afterName(s string, i int) bool {
	before := strings.TrimRight(s[:i], " \t")
	if before == "" || !isLetter(before[len(before)-1]) {
		return false
	}
	return !introducesCode(lastWord(before))
}

// introducesCode reports whether a code may follow the word, which is one of the
// terms of RFC 5321 and RFC 3463.
func introducesCode(word string) bool {
	for _, w := range [...]string{"code", "status", "error", "smtp", "esmtp", "lmtp", "dsn", "reply", "response", "said", "codes", "replied", "returned", "responded", "answered", "failed"} {
		if strings.EqualFold(word, w) {
			return true
		}
	}
	return false
}

// lastWord returns the letters at the end of s.
func lastWord(s string) string {
	i := len(s)
	for i > 0 && isLetter(s[i-1]) {
		i--
	}
	return s[i:]
}

// digits counts the digits at the start of s.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isWord(c byte) bool   { return isDigit(c) || isLetter(c) }
