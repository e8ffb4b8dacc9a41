package parser

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/whybounce/whybounce/dsn"
)

// ErrCrash is returned for a message that Read, or a library it uses, fails on.
var ErrCrash = errors.New("the analysis crashed; this is a bug, please report it with the message")

// Read reads one message and says what it means. A damaged message gives a
// Message with Problems; the error is for input that cannot be read at all. Read
// never panics: a fault of its own is ErrCrash.
func Read(r io.Reader, limits Limits) (m *Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("%w: %v", ErrCrash, p)
		}
	}()
	doc, err := readDocument(r, limits)
	if err != nil {
		return nil, err
	}
	return understand(doc), nil
}

// nameLimits names the limits reached in understanding.
func (m *Message) nameLimits(doc *document) {
	switch {
	case len(m.Recipients) >= maxRecipients && len(doc.statuses) == 0:
		m.Problems = append(m.Problems, fmt.Sprintf("the first %d recipients were read, and no more", maxRecipients))
	case m.Kind == Bounce && !namesAny(m.Recipients) && isLongProse(doc.prose):
		m.Problems = append(m.Problems, fmt.Sprintf("text of more than %d lines or %d bytes: only its head was searched", maxProseLines, maxProseBytes))
	}
}

// isLongProse reports that prose is longer than what is read of it.
func isLongProse(prose []string) bool { return proseEnd(prose) < len(prose) }

// namesAny reports whether a recipient has an address.
func namesAny(recipients []dsn.Recipient) bool {
	return slices.ContainsFunc(recipients, func(r dsn.Recipient) bool { return r.Final != "" || r.Original != "" })
}

// maxNesting bounds how far understanding follows messages inside messages.
const maxNesting = 6

// understand says what a document means.
func understand(doc *document) *Message {
	m := newLevel(doc).understand(0)
	m.Date = messageDate(doc.header)
	m.MessageID = bareID(doc.header.get("Message-ID"))
	m.To = doc.addressees()
	m.Problems, m.Damaged = doc.problems, doc.harmed
	if m.Kind == AutoReply || m.Kind == Challenge {
		m.Sign, m.SignOrigin = signOf(doc, m.Kind)
	}
	if len(m.Recipients) == 0 {
		m.Text = headOfText(doc)
	}
	m.nameLimits(doc)
	return m
}

// A level is one message, on its own or inside another, while it is understood.
type level struct {
	doc    *document
	prose  proseReport
	marks  marks // of the header, once marked
	marked bool
	// listed are the recipients of delivery-status groups.
	listed []listed
	// reportingServer is the host that the delivery status says wrote it.
	reportingServer string
}

// newLevel reads what every judgement about a message needs.
func newLevel(doc *document) *level {
	return &level{doc: doc}
}

// understand says what a level means: a machine's notification, a complaint, a
// bounce, an answer by a robot, or ordinary mail.
func (l *level) understand(depth int) *Message {
	if m := readNotifications(l.doc); m != nil {
		return m
	}
	if m := l.readComplaint(); m != nil {
		return m
	}
	l.prose = readProse(l.doc)
	l.readStatuses()
	m := &Message{Kind: l.kind(), Software: l.prose.layout}
	if m.Kind != Bounce {
		if m.Kind == Other && len(l.doc.attached) > 0 && l.passesOn() {
			if inner := l.nested(depth); inner != nil {
				return inner
			}
		}
		return m
	}
	m.Recipients = l.recipients()
	if len(m.Recipients) == 0 || l.saysNothing(m.Recipients) || l.givesNoReason(m.Recipients) {
		if inner := l.nested(depth); inner != nil && (l.saysNothing(m.Recipients) || tellsOfAll(inner, m.Recipients)) {
			return inner
		}
	}
	returned := l.returnedHeader()
	m.Recipients = l.supply(m.Recipients, returned)
	m.Original = originalOf(returned)
	m.ReportingServer = l.server()
	for i := range m.Recipients {
		l.finish(&m.Recipients[i], m)
	}
	return m
}

// nested understands the first message inside this one that is itself a report.
func (l *level) nested(depth int) *Message {
	if depth >= maxNesting {
		return nil
	}
	for _, inner := range l.doc.attached {
		m := newLevel(inner).understand(depth + 1)
		if (m.Kind == Bounce || m.Kind == Complaint) && len(m.Recipients) > 0 {
			return m
		}
	}
	return nil
}

// passesOn reports whether a message that says nothing of its own only carries
// another: written by a machine, or without any words. A person who forwards a
// bounce with a word about it writes an ordinary mail.
func (l *level) passesOn() bool {
	return l.header().daemon || l.header().nullSender || len(l.doc.header) == 0 || !hasWords(l.doc.prose)
}

// saysNothing reports whether no recipient has an address of its own.
func (l *level) saysNothing(recipients []dsn.Recipient) bool {
	for _, r := range recipients {
		if r.Final != "" {
			return false
		}
	}
	return true
}

// givesNoReason reports whether a server only passes on another's report: its own
// text names recipients, and no reason but that of the subject.
func (l *level) givesNoReason(recipients []dsn.Recipient) bool {
	if len(l.listed) > 0 || len(l.doc.attached) == 0 {
		return false
	}
	for i := range recipients {
		r := &recipients[i]
		if r.Status != "" || r.Reply != "" || r.Diagnostic != "" && r.Origin != "subject" {
			return false
		}
	}
	return true
}

// tellsOfAll reports whether a report inside a message is about the same recipients.
func tellsOfAll(inner *Message, recipients []dsn.Recipient) bool {
	return !slices.ContainsFunc(recipients, func(r dsn.Recipient) bool {
		key := dsn.AddressKey(r.Final)
		return !slices.ContainsFunc(inner.Recipients, func(in dsn.Recipient) bool { return dsn.AddressKey(in.Final) == key })
	})
}

// server returns the host that wrote the report.
func (l *level) server() string {
	if l.reportingServer != "" {
		return l.reportingServer
	}
	return l.prose.reportingServer
}

// finish fills in what all recipients of a bounce share.
func (l *level) finish(r *dsn.Recipient, m *Message) {
	if r.ReportingServer == "" {
		r.ReportingServer = m.ReportingServer
	}
	if r.Software == "" {
		r.Software = m.Software
	}
	if r.Action == "" {
		r.Action = l.impliedAction(r)
	}
	if r.Sender = m.Original.From; r.Sender == "" {
		if to := sentTo(l.doc.header); len(to) > 0 {
			r.Sender = to[0]
		}
	}
	r.Diagnostic = onOneLine(r.Diagnostic)
	r.Context = onOneLine(r.Context)
}

// impliedAction says what became of a recipient where no field names it.
func (l *level) impliedAction(r *dsn.Recipient) dsn.Action {
	switch {
	case l.prose.action != "":
		return l.prose.action
	case strings.HasPrefix(r.Status, "2") && (r.Reply == "" || r.Reply[0] == '2'):
		return dsn.Delivered
	}
	return dsn.Failed
}

// hasWords reports whether prose holds any words.
func hasWords(prose []string) bool {
	for _, line := range prose {
		if strings.TrimSpace(line) != "" {
			return true
		}
	}
	return false
}

// maxTextHead bounds the head of the text that a Message keeps.
const maxTextHead = 2000

// headOfText joins the first lines of the prose.
func headOfText(doc *document) string {
	var b strings.Builder
	for _, line := range doc.prose {
		if b.Len()+len(line) > maxTextHead {
			break
		}
		if b.Len() > 0 || line != "" {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// onOneLine replaces line breaks and runs of white space with one space.
func onOneLine(s string) string {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c > ' ' {
			continue
		}
		if c == '\n' || c == '\r' || c == '\t' || c == ' ' && i > 0 && s[i-1] == ' ' {
			if isASCII(s) {
				return squeeze(s)
			}
			return strings.Join(strings.Fields(s), " ")
		}
	}
	return strings.TrimSpace(s)
}

// squeeze does for ASCII what joining its words does.
func squeeze(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == ' ' || '\t' <= c && c <= '\r' {
			if len(out) > 0 && out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
			continue
		}
		out = append(out, c)
	}
	return strings.TrimSuffix(string(out), " ")
}
