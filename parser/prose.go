package parser

import (
	"strings"
	"sync"

	"github.com/whybounce/whybounce/parser/layouts"
)

// The bounds of what is read as prose: a bounce speaks at the top of its text.
const (
	maxProseLines = 1200
	maxProseBytes = 64 << 10
	maxRecipients = 1000
)

// A proseReader reads the prose of one message. It is reused.
type proseReader struct {
	set  *layouts.Set
	scan layouts.Scan

	doc   *document
	lines []string // the prose up to the returned message
	own   []string // addresses this message was sent to: its sender's own
	addrs []found  // the addresses in lines, in order

	returned header // of the returned message, where it is pasted into the text

	skips []int8 // for each line whether it says nothing of a reason; 0: not asked yet

	assembly  assembly
	gathering gathering
	room      []byte // for what is joined
}

var proseReaders = sync.Pool{New: func() any { return new(proseReader) }}

// readProse reads the human-readable text of a message. Where the text gives a
// reason but no address, the one recipient has an empty Final, to be completed
// from the returned message.
func readProse(doc *document) proseReport {
	set, err := layouts.Builtin()
	if err != nil { // the tests hold that the built-in layouts load
		return proseReport{returnedAt: len(doc.prose)}
	}
	return readProseBy(set, doc)
}

// readProseBy reads prose with a set of layouts.
func readProseBy(set *layouts.Set, doc *document) proseReport {
	report := proseReport{returnedAt: len(doc.prose)}
	if len(doc.prose) == 0 && (len(doc.attached) == 0 || len(doc.statuses) > 0) && !doc.header.has("X-Failed-Recipients") {
		return report
	}
	r := proseReaders.Get().(*proseReader)
	defer r.release()
	r.set, r.doc = set, doc
	r.set.Reset(&r.scan)
	sign := r.readHead()
	if sign == personSign || sign == noSign && !set.Wanted(&r.scan) {
		return report
	}
	r.readBody(&report)
	layout := set.Choose(&r.scan)
	if layout != nil {
		report.layout, sign = layout.ID, strongSign
		set.Select(&r.scan, layout)
	} else if sign == noSign {
		return proseReport{returnedAt: len(doc.prose)} // nothing is returned but by a report
	}
	report.autoReply, report.challenge = r.isVacation(sign), r.isChallenge(sign)
	if report.autoReply || report.challenge {
		return report
	}
	r.readReport(&report, layout, sign)
	return report
}

func (r *proseReader) release() {
	r.doc, r.lines, r.own, r.returned = nil, nil, nil, nil
	clear(r.addrs)
	r.addrs = r.addrs[:0]
	r.assembly.reset()
	clear(r.gathering.lines)
	proseReaders.Put(r)
}

// readReport reads what the text says, now that it is known to be a report.
func (r *proseReader) readReport(report *proseReport, layout *layouts.Layout, sign proseSign) {
	r.own = r.doc.addressees()
	r.findAddresses()
	report.reportingServer = r.scan.Reporter(r.lines, 0, len(r.lines))
	a := &r.assembly
	a.r, a.layout, a.sign, a.to = r, layout, sign, len(r.lines)
	a.read()
	if len(a.people) == 0 {
		return
	}
	report.action = a.action()
	report.bounce = true
	report.recipients = a.recipients(report)
}

// A proseSign is how strongly a header says that its message reports on mail.
type proseSign int

const (
	personSign proseSign = iota - 1 // a person or a list wrote it
	noSign
	weakSign
	strongSign
)

// unspoken are fields that say nothing about who wrote a message.
var unspoken = newNameTable("received", "dkim-signature", "domainkey-signature", "to", "cc", "date", "from", "subject",
	"message-id", "references", "in-reply-to", "authentication-results", "delivered-to", "x-original-to",
	"arc-seal", "arc-message-signature", "arc-authentication-results", "received-spf", "mime-version")

// readHead looks through the header and tells how strong a sign it gives.
func (r *proseReader) readHead() proseSign {
	h := r.doc.header
	subject := h.get("Subject")
	r.scan.Head.AddField("From", h.get("From"))
	r.scan.Head.AddField("Subject", subject)
	for i := range h {
		if unspoken.place(h[i].name) < 0 {
			r.scan.Head.AddField(h[i].name, h[i].value)
		}
	}
	r.set.ScanHead(&r.scan)
	switch {
	case r.scan.From != 0, r.doc.reportType == "delivery-status", h.has("X-Failed-Recipients"):
		return strongSign
	case isNullPath(h):
		return weakSign
	case isAnswer(subject), h.has("List-Id"), h.has("In-Reply-To"):
		return personSign
	case r.scan.Subject.Has(layouts.RoleSubject), isAuto(h):
		return weakSign
	case !h.has("From"):
		return weakSign // the header is lost, or was torn
	}
	return noSign
}

// isAuto reports that a robot wrote the message (RFC 3834 section 5).
func isAuto(h header) bool {
	const auto = "auto-"
	value := h.get("Auto-Submitted")
	return len(value) >= len(auto) && strings.EqualFold(value[:len(auto)], auto)
}

// isNullPath reports that the message was sent with the null return path that
// reports have (RFC 5321 section 4.5.5), or with the name of a mail daemon.
func isNullPath(h header) bool {
	for i := range h {
		if h[i].is("Return-Path") {
			path := strings.Trim(h[i].value, " \t<>")
			local, _, _ := strings.Cut(path, "@")
			if path == "" || strings.EqualFold(local, "MAILER-DAEMON") {
				return true
			}
		}
	}
	return false
}

// isAnswer reports that a subject is that of an answer or a forwarded message:
// two or three letters and a colon ("Re:", "Fwd:", "AW:", "TR:").
func isAnswer(subject string) bool {
	i := strings.IndexAny(subject, ":：")
	if i < 1 || i > 4 {
		return false
	}
	for _, c := range []byte(subject[:i]) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

// proseEnd returns how many lines are read. White space around words is not counted.
func proseEnd(prose []string) int {
	size, lines := 0, 0
	for n, line := range prose {
		if line = unindent(line); line == "" {
			continue
		}
		lines++
		if size += len(line) + 1; size > maxProseBytes || lines > maxProseLines {
			return n
		}
	}
	return len(prose)
}

// unindent removes the blanks before a line.
func unindent(line string) string {
	for line != "" && (line[0] == ' ' || line[0] == '\t') {
		line = line[1:]
	}
	return line
}

// readBody finds where the returned message starts and looks through what stands
// before it.
func (r *proseReader) readBody(report *proseReport) {
	prose := r.doc.prose[:proseEnd(r.doc.prose)]
	cut := headerBlock(prose)
	for _, line := range prose[:cut] {
		r.scan.Body.Add(line)
	}
	r.set.ScanBody(&r.scan)
	r.dropDenied()
	if cut < len(prose) {
		report.returnedAt = cut
		report.returned = pastedHeader(r.doc.prose[cut:])
	}
	if at := r.separator(prose, cut); at < cut {
		if cut == len(prose) {
			report.returnedAt = at
		}
		cut = at
	}
	r.lines, r.returned = prose[:cut], report.returned
}

// dropDenied takes back that a line tells of a delivery where it, or the line that it
// carries on, tells of a failure: "has not been delivered to".
func (r *proseReader) dropDenied() {
	failed := false
	for n, roles := range r.scan.Lines {
		if failed || roles.Has(layouts.RoleFailed) {
			r.scan.Lines[n] &^= 1 << layouts.RoleDelivered
		}
		failed = roles.Has(layouts.RoleFailed)
	}
}

// isBlank reports that nothing but white space stands in a line.
func (r *proseReader) isBlank(n int) bool { return !r.scan.Body.Has(n, layouts.Ink) }

// isVacation reports that the text is a person's automatic answer and no server's.
func (r *proseReader) isVacation(sign proseSign) bool {
	if sign == strongSign {
		return false
	}
	all := r.scan.Subject
	for _, roles := range r.scan.Lines[:len(r.lines)] {
		all |= roles
	}
	return all.Has(layouts.RoleVacation) && !r.refusesSomebody()
}

// refusesSomebody reports that a mail with a null return path has a line that opens with
// an address and quotes the refusal of it.
func (r *proseReader) refusesSomebody() bool {
	if !isNullPath(r.doc.header) {
		return false
	}
	for n, line := range r.lines {
		if !r.scan.Body.Has(n, layouts.At) {
			continue
		}
		name, words, _ := strings.Cut(strings.TrimSpace(line), ":")
		if addressIn(name) != "" && strings.IndexByte(name, ' ') < 0 && isRefusal(strings.TrimSpace(words)) {
			return true
		}
	}
	return false
}

// isChallenge reports that the text asks its reader to prove that a person wrote to
// its own, and that nothing says that a server speaks.
func (r *proseReader) isChallenge(sign proseSign) bool {
	return sign == weakSign && r.anyRole(0, len(r.lines)).Has(layouts.RoleChallenge)
}

// anyRole returns the roles of the lines from to to, not included.
func (r *proseReader) anyRole(from, to int) layouts.Roles {
	var all layouts.Roles
	for _, roles := range r.scan.Lines[max(from, 0):min(to, len(r.lines))] {
		all |= roles
	}
	return all
}
