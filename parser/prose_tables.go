package parser

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// fateBehind returns the word that a table of recipients has behind an address: "Failed",
// "- DELIVERED", "" for the words of a sentence.
func fateBehind(after string) string {
	words := strings.TrimLeft(after, " \t-|:;([*")
	end := 0
	for end < len(words) && (words[end]|0x20 >= 'a' && words[end]|0x20 <= 'z') {
		end++
	}
	rest := strings.TrimLeft(words[end:], ")]*")
	if end < 4 || rest != "" && strings.IndexByte(" \t,;:|-(", rest[0]) < 0 || dsn.ParseAction(words[:end]) == "" {
		return ""
	}
	next := strings.TrimLeft(rest, " \t")
	if next == "" || len(rest)-len(next) > 1 || next[0]|0x20 < 'a' || next[0]|0x20 > 'z' {
		return words[:end]
	}
	return ""
}

// fateBefore returns the word that labels the address behind it, "FAILED: ", "" for any
// other words.
func fateBefore(before string) string {
	label, rest, ok := strings.Cut(strings.TrimSpace(before), ":")
	if !ok || len(label) > 16 || strings.Trim(rest, " \t<\"'") != "" || dsn.ParseAction(label) == "" || strings.IndexByte(label, ' ') >= 0 {
		return ""
	}
	return label
}

// inNamedList reports that an address in angle brackets stands in a list, one a line and
// each behind a name: "Anna Test <anna@example.com>,". A comma joins the lines.
func (r *proseReader) inNamedList(f found) bool {
	line := strings.TrimRight(r.lines[f.line], " \t")
	if f.start == 0 || line[f.start-1] != '<' || f.end >= len(line) || line[f.end] != '>' || r.scan.Lines[f.line] != 0 {
		return false
	}
	rest := line[f.end+1:]
	if joins(rest) {
		return true
	}
	return rest == "" && f.line > 0 && r.scan.Body.Has(f.line-1, layouts.At) && joins(strings.TrimRight(r.lines[f.line-1], " \t"))
}

// joins reports that a line ends with what joins it to the next name of a list.
func joins(line string) bool { return strings.HasSuffix(line, ",") || strings.HasSuffix(line, ";") }

// isQuoted reports that a line is marked as quoted from another mail.
func isQuoted(line string) bool { return strings.HasPrefix(line, "> ") }

// maxSignature is up to how many lines a signature has.
const maxSignature = 8

// signature returns the line that parts a signature from the text (RFC 3676 section
// 4.3), -1 without one. No server is quoted in a signature.
func (a *assembly) signature() int {
	for n := a.to - 1; n >= a.from && n >= a.to-1-maxSignature; n-- {
		line := a.r.lines[n]
		if line == "-- " || line == "--" {
			return n
		}
		if dsn.HasReply(line) {
			break
		}
	}
	return -1
}
