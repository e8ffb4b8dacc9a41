package rules

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
)

// namesAnother reports whether the recipient's diagnostic names addresses and none of
// them can be the recipient's: none has its local part or its domain. What the words
// say may then be said of the sender.
func namesAnother(r *dsn.Recipient) bool {
	if strings.IndexByte(r.Diagnostic, '@') < 0 || !strings.Contains(r.Final, "@") {
		return false
	}
	text, own := strings.ToLower(r.Diagnostic), strings.ToLower(r.Final+" "+r.Original)
	domain, original := dsn.DomainOf(r.Final), dsn.DomainOf(r.Original)
	another := false
	for i := 0; i < len(text); i++ {
		if text[i] != '@' {
			continue
		}
		from, to := i, i+1
		for from > 0 && addressByte(text[from-1]) {
			from--
		}
		for to < len(text) && addressByte(text[to]) {
			to++
		}
		local, host := text[from:i], strings.Trim(text[i+1:to], ".-")
		if local == "" || strings.IndexByte(host, '.') < 1 {
			continue
		}
		if holdsName(own, local) || holdsName(own, host) || isWithin(host, domain) || isWithin(host, original) {
			return false
		}
		another = true
	}
	return another
}

// holdsName reports whether a name stands in a text, no letter or digit beside it.
func holdsName(text, name string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		start := from + at
		end := start + len(name)
		if (start == 0 || !wordByte(text[start-1])) && (end == len(text) || !wordByte(text[end])) {
			return true
		}
		from = start + 1
	}
}

// isWithin reports whether a host is a domain, or one in it.
func isWithin(host, domain string) bool {
	rest, ok := strings.CutSuffix(host, domain)
	return ok && domain != "" && (rest == "" || strings.HasSuffix(rest, "."))
}

func addressByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c >= 0x80 || strings.IndexByte(".-_+=?~%!&*'", c) >= 0
}
