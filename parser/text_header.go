package parser

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// decodeHeader decodes the encoded words (RFC 2047) of an unfolded header value,
// and raw text in whatever charset.
func decodeHeader(s string) string {
	if plain(s) {
		return s
	}
	if !strings.Contains(s, "=?") {
		return rawHeaderText(s)
	}
	var b strings.Builder
	var run encodedRun
	for s != "" {
		i := strings.Index(s, "=?")
		if i < 0 {
			break
		}
		word, rest, ok := cutEncodedWord(s[i:])
		if !ok {
			run.flush(&b)
			b.WriteString(rawHeaderText(s[:i+2]))
			s = s[i+2:]
			continue
		}
		if gap := s[:i]; strings.Trim(gap, " \t") != "" || !run.open {
			run.flush(&b)
			b.WriteString(rawHeaderText(gap))
		}
		run.add(&b, word)
		s = rest
	}
	run.flush(&b)
	b.WriteString(rawHeaderText(s))
	return b.String()
}

// isASCIIString tells whether s is ASCII without NUL, escape and shift characters.
func isASCIIString(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == 0 || c == 0x1b {
			return false
		}
	}
	return true
}

// plain tells whether a header value needs no decoding.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == 0 || c == 0x1b || c == '=' && i+1 < len(s) && s[i+1] == '?' {
			return false
		}
	}
	return true
}

func rawHeaderText(s string) string {
	if plain(s) {
		return s
	}
	text, _ := decodeText([]byte(s), "", false)
	return text
}

// An encodedRun joins encoded words that stand side by side: a character may be
// cut between them, although it may not (RFC 2047 section 5).
type encodedRun struct {
	charset string
	bytes   []byte
	open    bool
}

func (r *encodedRun) add(b *strings.Builder, w encodedWord) {
	if r.open && !strings.EqualFold(r.charset, w.charset) {
		r.flush(b)
	}
	r.open, r.charset = true, w.charset
	r.bytes = append(r.bytes, w.bytes...)
}

func (r *encodedRun) flush(b *strings.Builder) {
	if !r.open {
		return
	}
	text, _ := decodeText(r.bytes, r.charset, false)
	b.WriteString(strings.Map(func(c rune) rune {
		if c == '\r' || c == '\n' {
			return ' '
		}
		return c
	}, text))
	r.bytes, r.open = r.bytes[:0], false
}

type encodedWord struct {
	charset string
	bytes   []byte
}

// cutEncodedWord cuts the encoded word that s starts with. It forgives spaces in
// the text of Q words and a missing end.
func cutEncodedWord(s string) (w encodedWord, rest string, ok bool) {
	charset, after, ok := strings.Cut(s[2:], "?")
	if !ok || charset == "" || len(charset) > 60 || len(after) < 2 || after[1] != '?' || strings.ContainsAny(charset, " \t") {
		return w, s, false
	}
	w.charset, _, _ = strings.Cut(charset, "*") // RFC 2231 section 5: a language
	text, rest, ended := strings.Cut(after[2:], "?=")
	if !ended {
		// QUIRK: RFC 2047 section 2 wants "?="; cut-off subjects lack it.
		text, rest = strings.TrimRight(after[2:], "?"), ""
	}
	switch after[0] {
	case 'Q', 'q':
		w.bytes, _ = appendQuoted(nil, []byte(strings.ReplaceAll(text, "_", " ")+"\x00"))
		w.bytes = bytes.TrimSuffix(w.bytes, []byte{0})
	case 'B', 'b':
		w.bytes = wordBase64(text)
	default:
		return w, s, false
	}
	return w, rest, true
}

func wordBase64(text string) []byte {
	if out, err := base64.StdEncoding.DecodeString(text); err == nil {
		return out
	}
	var d base64Decoder
	return d.flush(d.append(nil, []byte(text)))
}

// printable returns s without what a terminal could take for a command, short
// enough for a problem.
func printable(s string) string {
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r >= 0x80 && r < 0xa0 || r >= 0x200b && r <= 0x200f ||
			r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '?'
		}
		return r
	}, s)
}

// sanitized returns what may stand inside a quoted parameter.
func sanitized(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, s)
}
