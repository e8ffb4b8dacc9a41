package parser

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// maxProseAddresses bounds the addresses found in one text.
const maxProseAddresses = 4000

// A found is an address in the prose.
type found struct {
	address    string
	line       int
	start, end int // in the line, brackets and quotes not included
}

// findAddresses finds the addresses in the lines.
func (r *proseReader) findAddresses() {
	r.addrs = r.addrs[:0]
	for n, line := range r.lines {
		switch {
		case r.scan.Body.Has(n, layouts.At):
			r.findInLine(line, n)
		case r.scan.Body.Has(n, layouts.Dot) && len(r.addrs) < maxProseAddresses:
			if f, ok := obfuscated(line, n); ok {
				r.addrs = append(r.addrs, f)
			}
		}
	}
}

// findInLine finds the addresses in line n.
func (r *proseReader) findInLine(line string, n int) {
	for from := 0; len(r.addrs) < maxProseAddresses; {
		i := strings.IndexByte(line[from:], '@')
		if i < 0 {
			return
		}
		i += from
		from = i + 1
		start, end := localStart(line, i), domainEnd(line, i)
		if start == i || end == i+1 || inURL(line, start) {
			continue
		}
		from = end
		if isTorn(line, start, end) || isNotesName(line[start:i], line[i:end]) || !r.set.IsHost(line[i+1:end]) {
			continue
		}
		for last := len(r.addrs) - 1; last >= 0 && r.addrs[last].line == n && r.addrs[last].end > start; last-- {
			r.addrs = r.addrs[:last] // within a quoted local part
		}
		r.addrs = append(r.addrs, found{line[start:end], n, start, end})
	}
}

// isNotesName reports that a name with an "@" is one of a Notes directory, in a Notes
// domain: "Anna Test/HQ/Example@EXAMPLE".
func isNotesName(local, domain string) bool {
	return strings.IndexByte(local, '/') > 0 && strings.IndexByte(domain, '.') < 0
}

// obfuscated finds an address whose "@" a forwarder or an archive has replaced:
// "anna(at)example.com", "<anna at example.com>". It is no sentence with "at" in it:
// it stands in brackets or on a line of its own.
func obfuscated(line string, n int) (found, bool) {
	if !hasInnerDot(line) || strings.IndexByte(line, '@') >= 0 {
		return found{}, false
	}
	for _, at := range [...]string{"(at)", "[at]", " at ", " AT "} {
		i := strings.Index(line, at)
		if i < 1 || i+len(at) >= len(line) {
			continue
		}
		start, end := localStart(line, i), domainEnd(line, i+len(at)-1)
		domain := line[i+len(at) : max(end, i+len(at))]
		if start == i || strings.IndexByte(domain, '.') < 1 {
			continue
		}
		before, after := strings.TrimSpace(line[:start]), strings.TrimSpace(line[end:])
		if at[0] == ' ' && !strings.HasSuffix(before, "<") && (before != "" || after != "" && after != ":") {
			continue
		}
		return found{line[start:i] + "@" + domain, n, start, end}, true
	}
	return found{}, false
}

// hasInnerDot reports that a dot stands in a line that ends no sentence.
func hasInnerDot(line string) bool {
	for i := 0; ; i++ {
		dot := strings.IndexByte(line[i:], '.')
		if i += dot; dot < 0 || i+1 == len(line) {
			return false
		}
		if line[i+1] != ' ' {
			return true
		}
	}
}

// isTorn reports that a character that could not be read, or a second "@", stands
// next to what looks like an address: it may be half of another one.
func isTorn(line string, start, end int) bool {
	const torn = "\uFFFD"
	if start > 0 && line[start-1] == '@' || end < len(line) && line[end] == '@' {
		return true
	}
	return strings.HasSuffix(line[:start], torn) || strings.HasPrefix(line[end:], torn)
}

// localStart returns where the local part that ends at i starts, i without one.
func localStart(line string, i int) int {
	if i > 1 && line[i-1] == '"' {
		if q := strings.LastIndexByte(line[:i-1], '"'); q >= 0 && q+1 < i-1 {
			return q
		}
	}
	start := i
	for start > 0 {
		c, n := utf8.DecodeLastRuneInString(line[:start])
		if c < utf8.RuneSelf && !isAtext(byte(c)) || c >= utf8.RuneSelf && !isLocalRune(c) {
			break
		}
		if c >= firstUnspaced && line[start] < utf8.RuneSelf && line[start] != '@' {
			break // a sentence in a script without spaces runs into an address
		}
		start -= n
	}
	for start < i && strings.IndexByte(`.'*=-~#|{}/`+"`", line[start]) >= 0 && !strings.HasPrefix(line[start:i], "=?") {
		start++
	}
	return start
}

// firstUnspaced is where the scripts start that are written without spaces.
const firstUnspaced = 0x2E80

// isLocalRune reports that a rune beyond ASCII may stand in an address.
func isLocalRune(c rune) bool {
	return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsMark(c) || unicode.IsDigit(c))
}

func isAtext(c byte) bool {
	return isASCIIAlnum(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", c) >= 0
}

func isASCIIAlnum(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' }

// domainEnd returns where the domain that starts after i ends, i+1 without one.
func domainEnd(line string, i int) int {
	end := i + 1
	if end < len(line) && line[end] == '[' {
		if n := strings.IndexByte(line[end:], ']'); n > 1 && n < 60 {
			return end + n + 1
		}
	}
	for end < len(line) {
		c, n := utf8.DecodeRuneInString(line[end:])
		if c < utf8.RuneSelf && !isASCIIAlnum(byte(c)) && strings.IndexByte(".-_", byte(c)) < 0 || c >= utf8.RuneSelf && !isLocalRune(c) {
			break
		}
		if c >= firstUnspaced && line[end-1] < utf8.RuneSelf && strings.IndexByte(line[i:end], '.') > 0 && line[end-1] != '.' {
			break
		}
		end += n
	}
	for end > i+1 && strings.IndexByte(".-_", line[end-1]) >= 0 {
		end--
	}
	return end
}

// inURL reports that what starts at start is part of a URL, or follows mailto:.
func inURL(line string, start int) bool {
	before := line[:start]
	if i := strings.LastIndexAny(before, " \t<>\"'("); i >= 0 {
		before = before[i+1:]
	}
	return strings.Contains(before, "://") || strings.HasSuffix(before, ":") && strings.EqualFold(before, "mailto:") || strings.HasSuffix(before, "?")
}

// near returns the role of the phrase that stands nearest before an address, in
// the same sentence, of those that say what the address is.
func (r *proseReader) near(f found) layouts.Roles {
	folded := r.scan.Body.Line(f.line)
	at := bytes.Index(folded, []byte(strings.ToLower(f.address)))
	if at < 0 {
		return r.scan.Lines[f.line]
	}
	roles := r.scan.Before(f.line, at, 160)
	labelled := isField(r.lines[f.line]) || strings.HasSuffix(strings.TrimRight(r.lines[f.line][:f.start], " \t<\"'"), ":")
	if labelled && (roles.Has(layouts.RoleSender) || roles.Has(layouts.RoleMail)) {
		return r.scan.Before(f.line, at, at) // a "To:" below a "From:" is no sender's
	}
	return roles
}

// isOwn reports that an address is that of the message's reader: the sender of
// the mail that failed.
func (r *proseReader) isOwn(address string) bool {
	for _, own := range r.own {
		if dsn.SameAddress(own, address) {
			return true
		}
	}
	return false
}
