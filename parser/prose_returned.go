package parser

import (
	"strings"

	"github.com/whybounce/whybounce/parser/layouts"
)

// traceFields are fields that a mail in transit has and a summary of one in prose
// ("To:", "Subject:", "Sent:") has not.
var traceFields = [...]string{"received", "return-path", "message-id", "dkim-signature", "mime-version",
	"delivered-to", "x-received", "domainkey-signature", "arc-seal", "content-type", "x-mailer", "user-agent"}

// headerBlock returns the line at which the header of a message pasted as text
// starts, len(lines) where there is none.
func headerBlock(lines []string) int {
	for n := 0; n < len(lines); n++ {
		if !isField(lines[n]) && !isMboxFrom(lines[n]) {
			continue
		}
		if end, ok := isHeader(lines[n:]); ok {
			return n
		} else if end > 0 {
			n += end - 1
		}
	}
	return len(lines)
}

// isHeader reports that lines start with the header of a message, and how many
// of them look like it.
func isHeader(lines []string) (n int, ok bool) {
	fields, trace := 0, 0
	if isMboxFrom(lines[0]) {
		n = 1
	}
	for ; n < len(lines) && n < 40; n++ {
		line := unquoted(lines[n])
		if line == "" || strings.TrimSpace(line) == "" {
			break
		}
		if isField(line) {
			fields++
			if isTrace(line) {
				trace++
			}
			continue
		}
		if fields == 0 || line[0] != ' ' && line[0] != '\t' && lines[n][0] != ' ' && lines[n][0] != '\t' {
			break
		}
	}
	if strings.HasPrefix(lines[0], "   ") && trace < 2 {
		return n, false // a report sums the message up
	}
	return n, trace > 0 && fields > 2 || trace > 1
}

// unquoted removes what quotes or indents a pasted line.
func unquoted(line string) string {
	for strings.HasPrefix(line, ">") {
		line = strings.TrimPrefix(line[1:], " ")
	}
	if strings.HasPrefix(line, "   ") {
		return strings.TrimLeft(line, " ")
	}
	return line
}

// isField reports that a line looks like a header field.
func isField(line string) bool {
	line = unquoted(line)
	for i := 0; i < len(line) && i < 50; i++ {
		switch c := line[i]; {
		case c == ':':
			return i > 1
		case c == '-' || c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9':
		default:
			return false
		}
	}
	return false
}

func isTrace(line string) bool {
	name, _, _ := strings.Cut(line, ":")
	for _, t := range traceFields {
		if len(t) == len(name) && strings.EqualFold(t, name) {
			return true
		}
	}
	return false
}

// isMboxFrom reports that a line is the "From " line that mboxes have.
func isMboxFrom(line string) bool {
	line = strings.TrimLeft(line, " >")
	return strings.HasPrefix(line, "From ") && strings.Contains(line, ":") && strings.Contains(line, "@")
}

// pastedHeader reads the header that starts the lines.
func pastedHeader(lines []string) header {
	var h header
	for n, line := range lines {
		indented := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		line = unquoted(line)
		switch {
		case n == 0 && isMboxFrom(line):
			continue
		case strings.TrimSpace(line) == "" || len(h) >= 200:
			return h
		case isField(line):
			name, value, _ := strings.Cut(line, ":")
			if h == nil {
				h = make(header, 0, 8)
			}
			h = append(h, field{name, strings.TrimSpace(value)})
		case len(h) > 0 && (indented || line[0] == ' ' || line[0] == '\t'):
			h[len(h)-1].value += " " + strings.TrimSpace(line)
		default:
			return h
		}
	}
	return h
}

// separator returns the first line before cut that says that the returned message
// comes next, cut where there is none.
func (r *proseReader) separator(prose []string, cut int) int {
	for n := 0; n < cut; n++ {
		if r.scan.Lines[n].Has(layouts.RoleReturned) && r.separates(prose, n, cut) {
			return n
		}
	}
	return cut
}

// separates reports that line n, which has the words, is drawn as a separator, or
// ends the text before a header.
func (r *proseReader) separates(prose []string, n, cut int) bool {
	line := strings.TrimSpace(prose[n])
	next := n + 1
	for next < len(prose) && strings.TrimSpace(prose[next]) == "" {
		next++
	}
	if next == cut && cut < len(prose) {
		return true // nothing but this line stands before the pasted header
	}
	if strings.HasPrefix(line, "--") || strings.HasPrefix(line, "==") || strings.HasPrefix(line, "__") || strings.HasPrefix(line, "**") {
		return true
	}
	short := len(line) < 90 && strings.HasSuffix(line, ":") && (n == 0 || strings.TrimSpace(prose[n-1]) == "")
	return short && next < len(prose) && isField(prose[next]) && next > n+1
}
