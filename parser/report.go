package parser

import (
	"fmt"
	"slices"
	"strconv"
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
// delivery status pasted into its text. What is pasted is no prose.
func (l *level) readStatuses() {
	number := 0
	for _, text := range l.doc.statuses {
		number = l.readStatus(text, number, "")
	}
	p := findPasted(l.doc.prose, l.pastedLimit())
	if p.text == "" {
		return
	}
	if len(l.listed) == 0 {
		l.readStatus(p.text, 0, fmt.Sprintf("body line %d", p.start+1))
	}
	rest := *l.doc
	rest.prose = slices.Clone(l.doc.prose)
	for i := p.start; i < p.end; i++ {
		rest.prose[i] = ""
	}
	l.prose = readProse(&rest)
}

// pastedLimit returns the line before which a pasted delivery status counts: the
// start of the returned message, where that is no delivery status itself.
func (l *level) pastedLimit() int {
	at, prose := l.prose.returnedAt, l.doc.prose
	if at < len(prose) && statusLine(prose[at]) != "" {
		return len(prose)
	}
	return at
}

// nameOnLine returns what stands before the first colon of a line, quoted or not.
func nameOnLine(line string) string {
	name, _, ok := strings.Cut(unquote(line), ":")
	if !ok {
		return ""
	}
	return strings.TrimRight(name, " \t")
}

// readStatus adds the groups of one delivery status, which stands at an origin, or is
// a part of the message.
func (l *level) readStatus(text string, number int, origin string) int {
	report := dsn.ParseReport(text)
	if l.reportingServer == "" {
		l.reportingServer = report.ReportingMTA
	}
	for i := range report.Groups {
		g := &report.Groups[i]
		r := listed{Recipient: g.Recipient(), actual: g.Actual, displayName: g.DisplayName}
		r.smtp = g.DiagnosticType == "smtp" || r.Reply != ""
		if inner, ok := dsn.Encapsulated(r.Final); ok && inner != "" {
			r.Final = inner
		}
		if !dsn.IsMailAddress(r.Final) && (!mailAddressType(g.FinalType) || isProgram(r.Final)) {
			r.Final = ""
		}
		if r.Origin = origin; origin == "" {
			r.Origin = "delivery-status group " + strconv.Itoa(number+g.Number)
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

// A pasted delivery status stands in lines start to end of a text.
type pasted struct {
	text       string
	start, end int
}

// findPasted finds a delivery status in the text of a message, quoted or not, before
// line limit. It counts as one only with a recipient and an action or a status.
func findPasted(prose []string, limit int) pasted {
	p, recipient, fate := pasted{start: -1}, false, false
	var b strings.Builder
	for i, s := range prose[:min(limit, len(prose))] {
		s = unquote(s)
		class := statusLine(s)
		if recipient && fate && isMailField(nameOnLine(s)) || b.Len() > maxPasted {
			break
		}
		switch {
		case class != "":
			if p.start < 0 {
				p.start = i
			}
			p.end = i + 1
		case p.start < 0:
			continue
		case p.end == i && strings.HasPrefix(s, " "), p.end == i && strings.HasPrefix(s, "\t"):
			p.end = i + 1
		}
		recipient = recipient || class == "recipient"
		fate = fate || class == "fate"
		b.WriteString(s)
		b.WriteByte('\n')
	}
	if !recipient || !fate {
		return pasted{}
	}
	p.text = b.String()
	return p
}

// maxPasted bounds a pasted delivery status.
const maxPasted = 16 << 10

// statusFields are the fields that make a pasted delivery status: of a recipient, of
// its fate, others.
var statusFields = newNameTable(
	"Final-Recipient", "Original-Recipient",
	"Action", "Status",
	"Reporting-MTA", "Diagnostic-Code", "Remote-MTA", "Received-From-MTA", "Arrival-Date", "Last-Attempt-Date", "Will-Retry-Until",
)

// statusField tells the fields apart that make a pasted delivery status.
func statusField(name string) string {
	switch place := statusFields.place(name); {
	case place < 0:
		return ""
	case place < 2:
		return "recipient"
	case place < 4:
		return "fate"
	}
	return "other"
}

// statusLine tells which field of a delivery status a line starts, quoted or not.
func statusLine(line string) string {
	line = unquote(line)
	if line == "" || strings.IndexByte("adflorsw", line[0]|0x20) < 0 {
		return ""
	}
	return statusField(nameOnLine(line))
}

// isMailField reports whether a field opens the header of a mail.
func isMailField(name string) bool {
	for _, f := range [...]string{"Return-Path", "Received", "From", "Message-ID", "Subject", "DKIM-Signature", "MIME-Version"} {
		if strings.EqualFold(name, f) {
			return true
		}
	}
	return false
}

// unquote removes the marks of a quoted or forwarded line.
func unquote(s string) string {
	for strings.HasPrefix(s, ">") {
		s = strings.TrimPrefix(s[1:], " ")
	}
	return s
}
