package output

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes words from outside fit to be shown: control characters, terminal
// escapes, bidirectional overrides, zero-width and other invisible characters
// are spelled out (\u001b), white space of any kind becomes one blank, and
// invalid UTF-8 becomes U+FFFD. What is shown is then what is there.
// Errors go through it too, since libraries quote mail in theirs.
func Clean(s string) string {
	if isPlain(s) {
		return s
	}
	return string(AppendClean(make([]byte, 0, len(s)+16), s))
}

// AppendClean appends Clean(s) to b.
func AppendClean(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c >= ' ' && c < 0x7f:
				b = append(b, c)
			case c == '\r' && i < len(s) && s[i] == '\n':
			case c == '\t' || c == '\n' || c == '\r':
				b = append(b, ' ')
			default:
				b = appendEscaped(b, rune(c))
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case !hidden(r):
			b = utf8.AppendRune(b, r)
		default:
			b = appendEscaped(b, r)
		}
		i += size
	}
	return b
}

// hidden reports whether r must not be shown as such: it controls the terminal,
// reorders the text around it, or cannot be seen at all.
func hidden(r rune) bool {
	switch {
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return true
	case r < 0x300:
		return r == 0xad // soft hyphen
	case r == 0x034f || r == 0x115f || r == 0x1160 || r == 0x17b4 || r == 0x17b5:
		return true // combining grapheme joiner, blank Hangul and Khmer letters
	case r == 0x3164 || r == 0xffa0:
		return true // Hangul fillers
	}
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs)
}

// isPlain reports whether s is printable ASCII throughout.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

const hexDigits = "0123456789abcdef"

// appendEscaped appends r as JSON spells it: \u001b, and two of them above U+FFFF.
func appendEscaped(b []byte, r rune) []byte {
	if r > 0xffff {
		r -= 0x10000
		return appendEscaped(appendEscaped(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// Cell makes s fit for a cell of a spreadsheet: cleaned, and with an apostrophe
// where a program could take it for a formula, even after blanks. So too behind a
// semicolon: where a comma is the decimal sign, that is what parts cells.
func Cell(s string) string {
	s = Clean(s)
	if startsFormula(s) || strings.HasPrefix(s, `\u00`) {
		s = "'" + s
	}
	for at := 0; ; {
		i := strings.IndexByte(s[at:], ';')
		if i < 0 {
			return s
		}
		if at += i + 1; startsFormula(s[at:]) {
			s = s[:at] + "'" + s[at:]
		}
	}
}

// startsFormula tells whether s begins as a formula does.
func startsFormula(s string) bool {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r == '"' || unicode.IsSpace(r) })
	first, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("=+-@\uff1d\uff0b\uff0d\uff20", first)
}
