package parser

import (
	"fmt"
	"strings"

	"github.com/whybounce/whybounce/dsn"
)

// A listed recipient is one of a delivery-status group, with the other names that
// the group gives.
type listed struct {
	dsn.Recipient
	actual      string
	displayName string
	smtp        bool // the diagnostic is a reply of an SMTP server
}

// readStatuses reads the delivery-status parts of the level or, without one, a
// delivery status pasted into its text.
func (l *level) readStatuses() {
	number := 0
	for _, text := range l.doc.statuses {
		number = l.readStatus(text, number, "delivery-status group %d")
	}
	if len(l.listed) > 0 {
		return
	}
	if text, line := pastedStatus(l.doc.prose, l.prose.returnedAt); text != "" {
		l.readStatus(text, 0, fmt.Sprintf("body line %d", line+1))
	}
}

// readStatus adds the groups of one delivery status. The origin may hold a verb for
// the number of the group.
func (l *level) readStatus(text string, number int, origin string) int {
	report := dsn.ParseReport(text)
	if l.reportingServer == "" {
		l.reportingServer = report.ReportingMTA
	}
	for _, g := range report.Groups {
		r := listed{Recipient: g.Recipient(), actual: g.Actual, displayName: g.DisplayName}
		r.smtp = g.DiagnosticType == "smtp" || r.Reply != ""
		if !dsn.IsMailAddress(r.Final) && (!mailAddressType(g.FinalType) || isProgram(r.Final)) {
			r.Final = ""
		}
		if r.Origin = origin; strings.Contains(origin, "%d") {
			r.Origin = fmt.Sprintf(origin, number+g.Number)
		}
		l.listed = append(l.listed, r)
	}
	return number + len(report.Groups)
}

// mailAddressType reports whether an address type holds what mail systems can be
// asked about: internet addresses, and the X.400 and X.500 names of gateways.
func mailAddressType(t string) bool {
	switch t {
	case "system", "unknown", "x-unix", "local":
		return false
	}
	return true
}

// isProgram reports whether a recipient is a program or a file that an alias leads to.
func isProgram(s string) bool {
	s = strings.TrimLeft(s, "\"' ")
	return strings.HasPrefix(s, "|") || strings.HasPrefix(s, "/") && !strings.Contains(s, "=")
}

// pastedStatus finds a delivery status in the text of a message, quoted or not,
// before line end, and returns it with its first line. It counts as one only with a
// recipient and an action or a status.
func pastedStatus(prose []string, end int) (text string, line int) {
	start, recipient, fate := -1, false, false
	if end > len(prose) {
		end = len(prose)
	}
	var b strings.Builder
	for i, s := range prose[:end] {
		s = unquote(s)
		name, _, _ := strings.Cut(s, ":")
		class := statusField(strings.TrimRight(name, " \t"))
		if start < 0 && class == "" {
			continue
		}
		if start < 0 {
			start = i
		}
		recipient = recipient || class == "recipient"
		fate = fate || class == "fate"
		if recipient && fate && class == "" && len(b.String()) > maxPasted {
			break
		}
		b.WriteString(s)
		b.WriteByte('\n')
	}
	if !recipient || !fate {
		return "", -1
	}
	return b.String(), start
}

// maxPasted bounds a pasted delivery status.
const maxPasted = 16 << 10

// statusField tells the fields apart that make a pasted delivery status.
func statusField(name string) string {
	switch strings.ToLower(name) {
	case "final-recipient", "original-recipient":
		return "recipient"
	case "action", "status":
		return "fate"
	case "reporting-mta", "diagnostic-code", "remote-mta":
		return "other"
	}
	return ""
}

// unquote removes the marks of a quoted or forwarded line.
func unquote(s string) string {
	for strings.HasPrefix(s, ">") {
		s = strings.TrimPrefix(s[1:], " ")
	}
	return s
}
