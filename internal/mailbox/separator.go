package mailbox

import (
	"bytes"
	"strings"
)

const (
	// separatorMax is the longest separator line believed, its line end included.
	separatorMax = 2 << 10
	// lookahead is what is looked at to judge a separator: its line and the
	// header lines after it.
	lookahead = separatorMax + 4<<10
)

var fromSpace = []byte("From ")

// A look says how much a line that begins with "From " resembles a separator.
type look int

const (
	prose   look = iota // no sender, or no date after it
	undated             // a sender and nothing else
	dated               // a sender (or none) and a date
)

// lookOf judges a line, without its line end, that begins with "From ".
func lookOf(ln []byte) look {
	if len(ln) > separatorMax {
		return prose
	}
	if isAsctime(ln[len(fromSpace):]) {
		return dated
	}
	var room [16]string
	words := split(string(ln[len(fromSpace):]), room[:0])
	if n := len(words); n > 3 && words[n-3] == "remote" && words[n-2] == "from" {
		words = words[:n-3]
	}
	if words == nil {
		return prose
	}
	sender := words[:len(words)-dateLen(words)]
	switch {
	case len(sender) == len(words):
		if len(words) == 1 && (strings.Contains(words[0], "@") || words[0] == "MAILER-DAEMON" || words[0] == "-") {
			return undated
		}
		return prose
	case len(sender) <= 1, sender[0][0] == '"' || sender[0][0] == '<':
		return dated
	}
	return prose
}

// isAsctime recognises what nearly all separators hold: a sender in one word, or none,
// and a date as asctime writes it, "Sat Nov 21 21:40:33 2026".
func isAsctime(s []byte) bool {
	const shape = "Www Mmm _9 99:99:99 9999"
	at := len(s) - len(shape)
	if at < 0 || at > 0 && (s[at-1] != ' ' || bytes.IndexByte(s[:at-1], ' ') >= 0 || bytes.IndexByte(s[:at-1], '\t') >= 0) {
		return false
	}
	for i, c := range s[at:] {
		isDigit := '0' <= c && c <= '9'
		switch shape[i] {
		case '9':
			if !isDigit {
				return false
			}
		case '_':
			if !isDigit && c != ' ' {
				return false
			}
		case ' ', ':':
			if c != shape[i] {
				return false
			}
		}
	}
	return isName(s[at:at+3], weekdays) && isName(s[at+4:at+7], months)
}

const (
	weekdays = "MonTueWedThuFriSatSun"
	months   = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// isName tells whether w is one of the three-letter names, written as they are.
func isName(w []byte, names string) bool {
	for ; len(names) > 0; names = names[3:] {
		if w[0] == names[0] && w[1] == names[1] && w[2] == names[2] {
			return true
		}
	}
	return false
}

// split gives the words of a line; none where there are too many for a separator.
func split(s string, words []string) []string {
	for start, i := 0, 0; i <= len(s); i++ {
		if i < len(s) && s[i] != ' ' && s[i] != '\t' {
			continue
		}
		if i > start {
			if len(words) == cap(words) {
				return nil
			}
			words = append(words, s[start:i])
		}
		start = i + 1
	}
	return words
}

// dateLen is how many words at the end of the line make up a date: one with a
// day, a year and a time of day, as asctime writes it, RFC 5322, or ISO 8601.
func dateLen(words []string) int {
	var seen datePart
	n := 0
	for n < len(words) {
		p := datePartOf(words[len(words)-1-n])
		if p == 0 || seen&p != 0 && p != zone {
			break
		}
		seen |= p
		n++
	}
	if whole := month | year | clock; seen&whole == whole || seen&(isoDate|clock) == isoDate|clock {
		return n
	}
	return 0
}

type datePart int

const (
	weekday datePart = 1 << iota
	month
	day
	year
	clock
	zone
	isoDate
)

// datePartOf tells which part of a date a word can be; 0 for none.
func datePartOf(w string) datePart {
	w = strings.TrimSuffix(w, ",")
	switch {
	case len(w) == 0:
		return 0
	case w[0] >= '0' && w[0] <= '9':
		return numericPart(w)
	case len(w) == 5 && (w[0] == '+' || w[0] == '-') && allDigits(w[1:]):
		return zone
	case w[0] == '(' && w[len(w)-1] == ')':
		return zone
	case len(w) >= 3 && nameIn(w, weekdays):
		return weekday
	case len(w) >= 3 && nameIn(w, months):
		return month
	case len(w) <= 5 && only(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
		return zone
	}
	return 0
}

// nameIn tells whether w begins with one of the three-letter names.
func nameIn(w, names string) bool {
	for ; len(names) > 0; names = names[3:] {
		if strings.EqualFold(w[:3], names[:3]) {
			return len(w) <= 9
		}
	}
	return false
}

func numericPart(w string) datePart {
	switch {
	case allDigits(w) && len(w) <= 2:
		return day
	case allDigits(w) && len(w) == 4:
		return year
	case isClock(w):
		return clock
	case isDashed(w, '-') || isDashed(w, '/'):
		return isoDate
	case len(w) > 11 && isDashed(w[:10], '-') && w[10] == 'T' && isClock(w[11:]):
		return isoDate | clock
	}
	return 0
}

// isClock recognises 9:05, 09:05:59 and what may follow (a fraction, a zone).
func isClock(w string) bool {
	h, rest, ok := strings.Cut(w, ":")
	return ok && len(h) <= 2 && allDigits(h) && len(rest) >= 2 && allDigits(rest[:2]) &&
		only(rest, "0123456789:.,+-ZAMPamp")
}

// isDashed recognises 2024-01-31, 31-01-2024 and the like.
func isDashed(w string, dash byte) bool {
	f := strings.Split(w, string(dash))
	return len(f) == 3 && len(w) <= 10 && allDigits(f[0]) && allDigits(f[1]) && allDigits(f[2])
}

func allDigits(s string) bool { return s != "" && only(s, "0123456789") }

// only tells whether s holds nothing but the given characters.
func only(s, chars string) bool {
	for i := range len(s) {
		if strings.IndexByte(chars, s[i]) < 0 {
			return false
		}
	}
	return true
}

// fieldName gives the name of the header field that a line is, empty if it is none.
func fieldName(ln []byte) []byte {
	i := bytes.IndexByte(ln, ':')
	if i <= 0 || i > 78 {
		return nil
	}
	name := bytes.TrimRight(ln[:i], " \t")
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return nil
		}
	}
	return name
}

// knownField tells whether a field is one that mail starts with.
func knownField(name []byte) bool {
	var room [78]byte
	switch string(appendLower(room[:0], name)) {
	case "return-path", "received", "delivered-to", "from", "to", "date", "subject", "message-id",
		"mime-version", "envelope-to", "delivery-date", "sender", "reply-to", "status", "authentication-results",
		"dkim-signature", "received-spf", "errors-to", "precedence", "content-type", "content-length":
		return true
	}
	return len(name) > 2 && (name[0] == 'X' || name[0] == 'x') && name[1] == '-'
}

// appendLower appends ASCII in lower case.
func appendLower(b, s []byte) []byte {
	for _, c := range s {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// A header after a separator: how sure we are that there is one.
type following int

const (
	noHeader    following = iota
	blankHeader           // an empty line, or the end: a message without header
	someHeader            // fields, the first line or two lines of the block
	knownHeader           // the first line is a field that mail starts with
)

// followingOf judges the lines after a separator.
func followingOf(b []byte) following {
	fields := 0
	for n := 0; n < 20; n++ {
		text, whole := line(b)
		ln := b[:text]
		b = b[whole:]
		if text == 0 {
			if n == 0 {
				return blankHeader
			}
			break
		}
		if bytes.HasPrefix(ln, fromSpace) {
			break // no line of a header
		}
		name := fieldName(ln)
		if n == 0 && (knownField(name) || bytes.HasPrefix(ln, []byte(">From "))) {
			return knownHeader
		}
		if len(name) > 0 {
			if fields++; n == 0 || fields == 2 {
				return someHeader
			}
		}
	}
	return noHeader
}

// startsMbox tells whether a file that begins with b is an mbox, and how its
// first separator looks.
func startsMbox(b []byte) (look, bool) {
	if !bytes.HasPrefix(b, fromSpace) {
		return prose, false
	}
	text, whole := line(b[:min(len(b), lookahead)])
	l := lookOf(b[:text])
	switch f := followingOf(b[whole:min(len(b), lookahead)]); {
	case l == dated:
		return l, true
	case l == undated:
		return l, f >= someHeader
	default:
		return l, f == knownHeader
	}
}

// separates tells whether b, which begins with "From " at the start of a line,
// begins with a separator. style is how the first separator of the file looked.
func separates(b []byte, afterBlank bool, style look) bool {
	text, whole := line(b[:min(len(b), separatorMax)])
	l := lookOf(b[:text])
	if l != dated && (style == dated || !afterBlank) {
		return false
	}
	f := followingOf(b[whole:min(len(b), lookahead)])
	if l == dated && afterBlank {
		return f != noHeader
	}
	return f == knownHeader
}
