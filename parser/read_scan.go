package parser

import (
	"slices"
	"strings"
)

// firstField is the name of the field that s starts with, as written, or "".
func firstField(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t' || s[0] == '\n') {
		s = s[1:]
	}
	for i := 0; i < len(s) && i <= 40; i++ {
		switch s[i] {
		case ' ', '\t', '\n':
			return ""
		case ':':
			return s[:i]
		}
	}
	return ""
}

// startsReport tells whether s is a delivery status by its content.
func startsReport(s string) bool {
	name := firstField(s)
	if name == "" || !slices.ContainsFunc(reportFields[:], func(f string) bool { return len(f) == len(name) && strings.EqualFold(f, name) }) {
		return false
	}
	lower := strings.ToLower(s)
	return strings.Contains(lower, "final-recipient:") ||
		strings.Contains(lower, "original-recipient:") || strings.Contains(lower, "action:")
}

// startsMessage tells whether b starts with the header of a message.
func startsMessage(s string) bool {
	if firstField(s) == "" {
		return false
	}
	fields, known := 0, 0
	for line := range strings.Lines(strings.TrimLeft(s, " \t\n")) {
		line = strings.TrimRight(line, " \t\n")
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name := fieldName([]byte(line))
		if name == nil {
			return false
		}
		fields++
		if knownField(name) {
			known++
		}
		if fields > 20 {
			break
		}
	}
	return known >= 3 && known*2 >= fields
}

// scan looks in the prose for delivery-status groups where the message has none as
// a part: pasted ones, and those of a report whose structure is lost.
func (a *assembler) scan() {
	if a.doc.hasStatus() || !mentionsRecipient(a.doc.prose) {
		return
	}
	var groups, head []string
	for _, block := range blocks(a.doc.prose) {
		switch group := reportGroup(block); {
		case len(group) == 0:
		case hasField(group, "final-recipient"), hasField(group, "original-recipient") && hasField(group, "action"):
			groups = append(groups, strings.Join(group, "\n"))
		case len(groups) == 0 && hasField(group, "reporting-mta"):
			head = group
		}
	}
	if len(groups) == 0 {
		return
	}
	text := strings.Join(head, "\n") + "\n\n" + strings.Join(groups, "\n\n") + "\n"
	a.doc.statuses = []string{strings.TrimLeft(text, "\n")}
	a.doc.pasted = true
}

// hasStatus tells whether the document or one inside it has a delivery status.
func (d *document) hasStatus() bool {
	if len(d.statuses) > 0 {
		return true
	}
	for _, inner := range d.attached {
		if inner.hasStatus() {
			return true
		}
	}
	return false
}

// mentionsRecipient is the sieve before the scan.
func mentionsRecipient(lines []string) bool {
	for _, line := range lines {
		if len(line) < len("final-recipient:") {
			continue
		}
		switch line = strings.TrimLeft(line, " \t"); {
		case len(line) < len("final-recipient:"):
		case strings.EqualFold(line[:len("final-recipient")], "final-recipient"),
			strings.EqualFold(line[:len("original-recipient")-3], "original-recipi"):
			return true
		}
	}
	return false
}

// blocks cuts lines at blank ones.
func blocks(lines []string) [][]string {
	var all [][]string
	start := 0
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			if i > start {
				all = append(all, lines[start:i])
			}
			start = i + 1
		}
	}
	if start < len(lines) {
		all = append(all, lines[start:])
	}
	return all
}

// reportGroup returns the lines of a block that are delivery-status fields, from
// the first such field on, without the indent that they share.
func reportGroup(block []string) []string {
	for i, line := range block {
		text := strings.TrimLeft(line, " \t")
		if !containsFold(reportFields[:], fieldName([]byte(text))) {
			continue
		}
		indent := line[:len(line)-len(text)]
		var group []string
		for _, line := range block[i:] {
			line = strings.TrimPrefix(line, indent)
			if line == "" || line[0] != ' ' && line[0] != '\t' && fieldName([]byte(line)) == nil {
				break
			}
			group = append(group, line)
		}
		return group
	}
	return nil
}

func hasField(group []string, name string) bool {
	for _, line := range group {
		if n := fieldName([]byte(line)); len(n) == len(name) && hasPrefixFold(n, name) {
			return true
		}
	}
	return false
}
