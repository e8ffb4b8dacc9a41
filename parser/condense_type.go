package parser

import (
	"bytes"
	"strings"
)

// A contentType is what a Content-Type field says, as far as reading needs it.
type contentType struct {
	media    string // lower case; "" where the part does not say
	boundary string
	charset  string
	report   string // report-type, lower case
}

// parseContentType reads a Content-Type value, forgiving what mailers get wrong:
// missing semicolons and quotes, comments, RFC 2231 continuations.
func parseContentType(value []byte) contentType {
	var t contentType
	value = bytes.TrimLeft(value, " \t\n;")
	end := bytes.IndexAny(value, "; \t\n(,")
	if end < 0 {
		end = len(value)
	}
	t.media = mediaType(value[:end])
	rest := value[end:]
	for len(rest) > 0 {
		var name, v []byte
		name, v, rest = nextParam(rest)
		t.set(name, v)
	}
	return t
}

// mediaType returns the type in lower case. The old "text" of RFC 1049 is
// text/plain.
func mediaType(b []byte) string {
	b = bytes.Trim(b, "\"' \t")
	b = b[:min(len(b), 100)]
	switch string(b) {
	case "text/plain":
		return "text/plain"
	case "text/html":
		return "text/html"
	case "message/rfc822":
		return "message/rfc822"
	case "message/delivery-status":
		return "message/delivery-status"
	case "multipart/report":
		return "multipart/report"
	}
	s := strings.Trim(token(strings.ToLower(string(b))), "'")
	switch {
	case s == "text":
		return "text/plain"
	case s == "multipart":
		return "multipart/mixed"
	case strings.IndexByte(s, '/') <= 0 || strings.HasSuffix(s, "/"):
		return ""
	}
	return s
}

// token drops what may not stand in a media type or parameter.
func token(s string) string {
	for i := range len(s) {
		if !tokenByte(s[i]) {
			return strings.Map(func(r rune) rune {
				if r < 0x80 && tokenByte(byte(r)) {
					return r
				}
				return -1
			}, s)
		}
	}
	return s
}

func tokenByte(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune(`()<>@,;:\"[]?=`, rune(c))
}

// nextParam cuts the first parameter off b. A bare word has no value.
func nextParam(b []byte) (name, value, rest []byte) {
	b = bytes.TrimLeft(b, "; \t\n,")
	i := bytes.IndexAny(b, "=; \t\n(")
	if i < 0 {
		return b, nil, nil
	}
	name = b[:i]
	rest = bytes.TrimLeft(b[i:], " \t\n")
	if len(rest) > 0 && rest[0] == '(' {
		_, rest, _ = bytes.Cut(rest, []byte{')'})
		return nil, nil, rest
	}
	if len(rest) == 0 || rest[0] != '=' {
		return name, nil, rest
	}
	value, rest = paramValue(bytes.TrimLeft(rest[1:], " \t\n"))
	return name, value, rest
}

// paramValue cuts a quoted or bare value off b.
func paramValue(b []byte) (value, rest []byte) {
	if len(b) == 0 || b[0] != '"' {
		end := bytes.IndexAny(b, "; \t\n")
		if end < 0 {
			end = len(b)
		}
		return b[:end], b[end:]
	}
	b = b[1:]
	end := bytes.IndexByte(b, '"')
	if end < 0 {
		return bytes.TrimRight(b, "; \t\n"), nil
	}
	if bytes.IndexByte(b[:end], '\\') < 0 {
		return b[:end], b[end+1:]
	}
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return value, b[i+1:]
		case '\\':
			i++
		}
		if i < len(b) {
			value = append(value, b[i])
		}
	}
	return value, nil
}

// set notes a parameter. The pieces of RFC 2231 ("boundary*0") are joined in the
// order in which they stand.
func (t *contentType) set(name, value []byte) {
	section := bytes.IndexByte(name, '*')
	var suffix []byte
	if section >= 0 {
		name, suffix = name[:section], name[section:]
	}
	var to *string
	switch {
	case bytes.EqualFold(name, []byte("boundary")):
		to = &t.boundary
	case bytes.EqualFold(name, []byte("charset")):
		to = &t.charset
	case bytes.EqualFold(name, []byte("report-type")):
		to = &t.report
	default:
		return
	}
	if len(suffix) == 0 {
		if *to == "" {
			*to = string(value)
		}
	} else {
		*to += extendedValue(string(value), string(suffix))
	}
	if to == &t.report {
		t.report = strings.ReplaceAll(token(strings.ToLower(t.report)), "/", "")
	}
}

// extendedValue decodes a value of RFC 2231: charset'language'percent-encoded.
func extendedValue(value, suffix string) string {
	if !strings.HasSuffix(suffix, "*") {
		return value
	}
	if suffix == "*" || suffix == "*0*" {
		if parts := strings.SplitN(value, "'", 3); len(parts) == 3 {
			value = parts[2]
		}
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '%' && i+2 < len(value) {
			if hi, lo := unhex(value[i+1]), unhex(value[i+2]); hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// unhex is the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
