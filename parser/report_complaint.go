package parser

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
)

// notSpam is the feedback type (RFC 5965) of a reader who says that a mail was
// wrongly taken for spam: the opposite of a complaint.
const notSpam = "not-spam"

// readComplaint reads a feedback report (RFC 5965), or a complaint of a feedback
// loop that sends none; nil where the level is no complaint.
func (l *level) readComplaint() *Message {
	doc := l.doc
	switch {
	case len(doc.feedback) > 0:
		return feedbackReport(doc, dsn.Fields(doc.feedback[0]))
	case len(doc.statuses) > 0:
		return nil
	case doc.reportType == "feedback-report":
		return feedbackReport(doc, dsn.Fields(pastedFeedback(doc.prose)))
	}
	if text := pastedFeedback(doc.prose); text != "" {
		return feedbackReport(doc, dsn.Fields(text))
	}
	if h := hotmailCopy(doc); h != nil && l.header().complaint {
		return complaintAbout(doc, h, dsn.Fields(""))
	}
	if len(doc.attached) == 0 || !l.header().complaint {
		return nil
	}
	return complaintAbout(doc, l.returnedHeader(), nil)
}

// pastedFeedback returns the feedback report in a text whose MIME was lost: from its
// Feedback-Type on, where User-Agent or Version, which are mandatory too, stand near.
func pastedFeedback(prose []string) string {
	for i, line := range prose {
		if !hasFoldPrefix(line, "Feedback-Type:") {
			continue
		}
		start, end := max(i-maxFeedbackLines, 0), min(i+maxFeedbackLines, len(prose))
		for start < i && !hasFoldPrefix(prose[start], "User-Agent:") && !hasFoldPrefix(prose[start], "Version:") {
			start++
		}
		for n, near := range prose[start:end] {
			if start+n > i && near == "" {
				end = start + n
				break
			}
		}
		text := strings.Join(prose[start:end], "\n")
		if fields := dsn.Fields(text); dsn.Get(fields, "User-Agent") != "" || dsn.Get(fields, "Version") != "" {
			return text
		}
	}
	return ""
}

// maxFeedbackLines bounds how far around its Feedback-Type a report is looked for.
const maxFeedbackLines = 40

// hotmailRecipient is the header field in which Hotmail's feedback loop names the
// reader who complained.
const hotmailRecipient = "X-HmXmrOriginalRecipient"

// hotmailCopy returns the header of the mail that a Hotmail reader complained about:
// attached, or, where the wrapper was lost, the message itself.
func hotmailCopy(doc *document) header {
	for _, inner := range doc.attached {
		if inner.header.has(hotmailRecipient) {
			return inner.header
		}
	}
	if doc.header.has(hotmailRecipient) {
		return doc.header
	}
	return nil
}

// feedbackReport reads the fields of a feedback report.
func feedbackReport(doc *document, fields []dsn.Field) *Message {
	l := level{doc: doc}
	returned := l.returnedHeader()
	if strings.EqualFold(dsn.Get(fields, "Feedback-Type"), notSpam) {
		return &Message{Kind: Other, Original: originalOf(returned)}
	}
	return complaintAbout(doc, returned, fields)
}

// complaintAbout makes a complaint about the mail with that header.
func complaintAbout(doc *document, returned header, fields []dsn.Field) *Message {
	m := &Message{Kind: Complaint, Original: originalOf(returned)}
	if path := dsn.CleanAddress(dsn.Get(fields, "Original-Mail-From")); path != "" {
		m.Original.ReturnPath = path
	}
	var list []notifiedRecipient
	for _, name := range [...]string{"Original-Rcpt-To", "Removal-Recipient"} {
		for _, f := range fields {
			if strings.EqualFold(f.Name, name) {
				for _, a := range appendAddresses(nil, f.Value) {
					list = append(list, notifiedRecipient{Address: a})
				}
			}
		}
	}
	if len(list) == 0 {
		list = append(list, notifiedRecipient{Address: complainant(doc, returned, fields)})
	}
	m.Recipients = complained(list, feedbackWords(fields))
	m.ReportingServer = dsn.HostOf(dsn.Get(fields, "Reporting-MTA"))
	for i := range m.Recipients {
		m.Recipients[i].Origin = "feedback report"
		if fields == nil {
			m.Recipients[i].Origin = "header of the returned message"
		}
		m.Recipients[i].ReportingServer = m.ReportingServer
	}
	return m
}

// complainant finds who complained where the report names nobody: in the header of
// the mail complained about, or in a return path, which knows more of list mail.
func complainant(doc *document, returned header, fields []dsn.Field) string {
	path := dsn.ParseReturnPath(dsn.Get(fields, "Original-Mail-From")).Recipient
	if path != "" && isListMail(returned) {
		return path
	}
	l := level{doc: doc}
	if names, _ := l.otherNames(returned); len(names) > 0 {
		return names[0]
	}
	return path
}

// feedbackWords returns what a report says of its own reason.
func feedbackWords(fields []dsn.Field) string {
	if v := dsn.Get(fields, "Feedback-Type"); v != "" {
		return "Feedback-Type: " + v
	}
	return ""
}

// complained makes recipients of readers who complained, each one once.
func complained(list []notifiedRecipient, words string) []dsn.Recipient {
	var found []dsn.Recipient
	for _, c := range list {
		a := dsn.CleanAddress(c.Address)
		if a == "" || indexOf(found, a) >= 0 || len(found) >= maxNotified {
			continue
		}
		found = append(found, dsn.Recipient{Final: a, Diagnostic: onOneLine(words), Origin: notifiedOrigin})
	}
	return found
}
