package dsn

import "strings"

// A Field is one field of a report: its name as written and its unfolded value.
type Field struct {
	Name, Value string
}

// Bounds of what is taken from one report.
const (
	maxFields = 100_000
	maxValue  = 8 << 10
)

// usualFields is room for the fields of most blocks.
const usualFields = 8

// line kinds of a report.
const (
	lineBlank = iota
	lineField
	lineContinued
)

// lineEnds makes the line ends of a report LF.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// A fieldLine is a field of a report as its text gives it.
type fieldLine struct {
	Field
	id    fieldID
	first bool // of a block: a blank line stands before it
}

// parseLines reads the fields of a report; blank lines cut it into blocks.
// A line that is neither blank, nor a field, nor indented continues the field
// before it.
//
// QUIRK: RFC 3464 section 2.1 wants continuation lines indented; Exchange and
// several appliances print long replies without indentation.
func parseLines(text string) []fieldLine {
	if strings.IndexByte(text, '\r') >= 0 {
		text = lineEnds.Replace(text)
	}
	fields := make([]fieldLine, 0, min(strings.Count(text, "\n")+1, maxFields))
	blank, full := true, false
	for text != "" {
		line := text
		if end := strings.IndexByte(text, '\n'); end >= 0 {
			line, text = text[:end], text[end+1:]
		} else {
			text = ""
		}
		line = trimRight(line)
		kind, name, value := classifyLine(line)
		switch {
		case kind == lineBlank:
			blank = true
		case kind == lineField:
			if full = len(fields) >= maxFields; full {
				continue
			}
			fields = append(fields, fieldLine{Field{name, value}, fieldNamed(name), blank})
			blank = false
		case len(fields) > 0 && !blank && !full:
			last := &fields[len(fields)-1]
			last.Value = joinFolded(last.Value, line)
		}
	}
	return fields
}

// trimRight cuts white space off the end of a line.
func trimRight(s string) string {
	for len(s) > 0 && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// joinFolded appends a continuation line to a value.
func joinFolded(value, line string) string {
	line = strings.TrimLeft(line, " \t")
	switch {
	case line == "":
		return value
	case value == "":
		return line
	case len(value) > maxValue:
		return value
	}
	return value + " " + line
}

// classifyLine tells a blank line, a field and a continuation apart.
func classifyLine(line string) (kind int, name, value string) {
	if line == "" {
		return lineBlank, "", ""
	}
	if line[0] == ' ' || line[0] == '\t' {
		return lineContinued, "", ""
	}
	colon := strings.IndexByte(line, ':')
	if colon < 0 {
		return lineContinued, "", ""
	}
	name, value = trimRight(line[:colon]), line[colon+1:]
	if !isFieldName(name) {
		return lineContinued, "", ""
	}
	return lineField, name, strings.TrimSpace(value)
}

// isFieldName reports whether s looks like the name of a field rather than the
// start of a sentence: letters, digits and hyphens, with at least one hyphen
// unless it is one of the few report fields without.
func isFieldName(s string) bool {
	hyphen := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '-':
			hyphen = hyphen || i > 0
		case 'a' <= c|0x20 && c|0x20 <= 'z', i > 0 && '0' <= c && c <= '9', c == '_':
		default:
			return false
		}
	}
	return hyphen || bareName(s)
}

// bareName reports whether s is a field name of reports without a hyphen.
func bareName(s string) bool {
	for _, known := range [...]string{"Action", "Status", "Version", "Incidents", "Source", "Date", "Subject", "From", "To"} {
		if strings.EqualFold(s, known) {
			return true
		}
	}
	return false
}

// Fields reads a report of one block of fields, such as a feedback report
// (RFC 5965) or a disposition notification (RFC 8098).
func Fields(text string) []Field {
	lines := parseLines(text)
	if len(lines) == 0 {
		return nil
	}
	all := make([]Field, len(lines))
	for i := range lines {
		all[i] = lines[i].Field
	}
	return all
}

// Get returns the value of the first field of that name with a value.
func Get(fields []Field, name string) string {
	for _, f := range fields {
		if f.Value != "" && len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// typed cuts a value such as "rfc822; user@example.com" into its type, in lower
// case, and the rest. A value without a type has type "".
func typed(value string) (kind, rest string) {
	before, after, ok := strings.Cut(value, ";")
	if !ok {
		return "", strings.TrimSpace(value)
	}
	before = strings.TrimSpace(StripComments(before))
	if before == "" || len(before) > 40 || strings.ContainsFunc(before, notTypeRune) {
		return "", strings.TrimSpace(value)
	}
	return strings.ToLower(before), strings.TrimSpace(after)
}

// notTypeRune reports whether r cannot stand in an address, MTA or diagnostic type.
func notTypeRune(r rune) bool {
	return r >= 0x80 || !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z')
}

// StripComments removes RFC 5322 comments "(…)" outside quoted strings and
// trims white space. An unclosed comment is left as it stands.
func StripComments(s string) string {
	if !strings.Contains(s, "(") {
		return strings.TrimSpace(s)
	}
	var b strings.Builder
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			if depth == 0 {
				b.WriteByte(c)
				b.WriteByte(s[i+1])
			}
			i++
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			if depth == 0 {
				start = i
			}
			depth++
			continue
		case c == ')' && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteByte(s[i])
		}
	}
	if depth > 0 {
		b.WriteString(s[start:])
	}
	return strings.TrimSpace(b.String())
}

// HostOf returns the host of an MTA field such as "dns; mx.example.com (192.0.2.1)",
// in lower case, or "".
func HostOf(value string) string {
	_, rest := typed(value)
	if i := strings.IndexByte(rest, '('); i > 0 {
		rest = rest[:i]
	}
	host, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	host = strings.Trim(host, "<>[]\"';,")
	host = strings.TrimSuffix(host, ".")
	if host == "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return ""
	}
	return strings.ToLower(host)
}
