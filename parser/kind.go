package parser

import (
	"strconv"
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// marks are what the header of a message tells of its kind.
type marks struct {
	daemon      bool // a mail system wrote it, by its From
	nullSender  bool // the return path is empty, as that of every notice is
	autoReply   bool // an autoresponder wrote it
	challenge   bool // a challenge-response system wrote it
	bounce      bool // its subject is that of a bounce
	complaint   bool // its subject or sender is that of a feedback loop
	person      bool // its subject is that of an answer or a forwarded mail
	unsubscribe bool // it asks to be taken off a list
	log         bool // a machine's account of many mails
	machine     bool // by its From, a machine wrote it that is no mail system
	robot       bool // by its From, a program wrote it
	own         bool // its return path is its author's, as that of a person's mail is
	replied     bool // Auto-Submitted: auto-replied (RFC 3834)
}

// headerMarks reads the marks of a header.
func headerMarks(h header) marks {
	var m marks
	kinds, err := layouts.BuiltinKinds()
	if err != nil {
		return m
	}
	for i := range h {
		f := &h[i]
		switch kind := kinds.OfField(f.name, f.value); kind {
		case "auto-reply":
			m.autoReply = true
		case "challenge":
			m.challenge = true
		case "bounce":
			m.bounce = true
		case "complaint":
			m.complaint = true
		case "person":
			m.person = true
		case "unsubscribe":
			m.unsubscribe = true
		case "log":
			m.log = true
		case "robot":
			m.robot = true
		}
	}
	m.senderMarks(h, kinds)
	m.replied = hasFoldPrefix(h.get("Auto-Submitted"), "auto-replied")
	return m
}

// senderMarks reads what the sender fields tell. A display name alone makes a mail
// system only of a sender with an empty return path or without an address.
func (m *marks) senderMarks(h header, kinds *layouts.Kinds) {
	path := strings.TrimSpace(h.get("Return-Path"))
	m.nullSender = path == "<>" || hasFoldPrefix(strings.TrimLeft(path, "<"), "mailer-daemon")
	from := ""
	for _, name := range [...]string{"From", "Sender", "Return-Path"} {
		value := h.get(name)
		if value == "" {
			continue
		}
		address := dsn.CleanAddress(value)
		switch name {
		case "From":
			from = address
		case "Return-Path":
			m.own = strings.Contains(from, "@") && dsn.SameAddress(from, address)
		}
		display, _, _ := strings.Cut(value, "<")
		if !m.nullSender && strings.Contains(address, "@") {
			display = ""
		}
		switch kinds.OfSender(address, display) {
		case "daemon":
			m.daemon = true
		case "complaint":
			m.complaint = true
		case "machine":
			m.machine = m.machine || name == "From"
		}
	}
}

// hasFoldPrefix is strings.HasPrefix without regard to case.
func hasFoldPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// kind says what the message of a level is. Structure goes before words: a delivery
// status makes a bounce whatever the text says, and a robot's answer stays one
// although it speaks of a full mailbox.
func (l *level) kind() Kind {
	if len(l.listed) > 0 && (len(l.doc.statuses) > 0 || !l.retold()) {
		return Bounce
	}
	if len(l.doc.dispositions) > 0 && (l.prose.layout == "" || !l.prose.bounce) {
		return Other // a layout knows the servers that refuse mail with a disposition (RFC 5429)
	}
	if strings.HasPrefix(l.doc.reportType, "delivery-status") {
		return Bounce
	}
	m := l.header()
	switch {
	case m.unsubscribe, m.log, m.machine && l.prose.layout == "":
		return Other
	case l.doc.header.has("X-Failed-Recipients") && (m.daemon || m.nullSender || l.prose.bounce):
		return Bounce
	case l.prose.bounce && l.prose.layout != "" && !l.prose.challenge && !l.prose.autoReply && !l.retold():
		return Bounce
	case (m.challenge || l.prose.challenge) && !m.daemon:
		return Challenge
	case (m.autoReply || l.prose.autoReply) && !m.daemon:
		return AutoReply
	case l.prose.bounce && !l.retold() && l.credible():
		return Bounce
	}
	return l.kindOfSilence(m)
}

// credible reports whether more than the words of the text speak for a bounce, where
// no layout vouches for them: anybody can write them, and spam does.
func (l *level) credible() bool {
	m := l.header()
	if l.prose.layout != "" || m.daemon || m.nullSender || l.prose.returned != nil || len(l.doc.attached) > 0 {
		return true
	}
	for _, r := range l.prose.recipients {
		if r.Reply != "" || r.Status != "" {
			return true
		}
	}
	return false
}

// kindOfSilence says what a message is whose text does not tell: a bounce in words
// that nobody taught us yet, a robot's answer, or ordinary mail.
func (l *level) kindOfSilence(m *marks) Kind {
	carries := len(l.doc.attached) > 0 || l.prose.returned != nil
	switch {
	case m.bounce && (carries && !l.isAnswer() && !l.isPersonal() || m.daemon && (m.nullSender || len(l.prose.recipients) > 0)):
		return Bounce
	case m.autoReply || l.prose.autoReply:
		return AutoReply
	case m.replied && !m.bounce && !l.prose.bounce:
		return AutoReply
	}
	return Other
}

// header returns the marks of the level's header, read once.
func (l *level) header() *marks {
	if !l.marked {
		l.marks, l.marked = headerMarks(l.doc.header), true
	}
	return &l.marks
}

// maxForwardWords is how many words of its own a mail may hold and still be a bounce
// that somebody passed on as it was, to have it processed.
const maxForwardWords = 6

// retold reports whether a person tells of a bounce: in an answer or a forwarded mail,
// by quoting it with words of their own or in nothing but their own words. A bounce
// passed on as it was, by a person or a list, is none. A postmaster may be a person.
func (l *level) retold() bool {
	m := l.header()
	switch {
	case m.nullSender:
		return false
	case m.daemon:
		return m.person && l.doc.header.has("In-Reply-To") && l.prose.layout == "" && len(l.listed) == 0 && len(l.doc.attached) == 0 && l.prose.returned == nil
	}
	words, quote := ownWords(l.doc.prose)
	quoted := l.evidenceLine() >= quote
	if l.isPersonal() && len(l.doc.statuses) == 0 && len(l.doc.attached) == 0 && (!quoted || words > maxForwardWords) {
		return true
	}
	if !l.isAnswer() {
		return l.isQuoted(l.evidenceLine()) && l.unquotedWords() > maxForwardWords
	}
	if quoted {
		return l.doc.header.has("In-Reply-To") || words > maxForwardWords
	}
	return l.prose.layout == "" && !hasFoldPrefix(l.doc.header.get("Auto-Submitted"), "auto-")
}

// isQuoted reports whether a line of prose is marked as a quotation; ">>>" starts a
// line of an SMTP session.
func (l *level) isQuoted(n int) bool {
	if n >= len(l.doc.prose) {
		return false
	}
	line := strings.TrimSpace(l.doc.prose[n])
	return strings.HasPrefix(line, ">") && !strings.HasPrefix(line, ">>>")
}

// unquotedWords counts the words outside of quotations, up to some more than matter.
func (l *level) unquotedWords() (words int) {
	for n := range l.doc.prose {
		if !l.isQuoted(n) {
			words += len(strings.Fields(l.doc.prose[n]))
		}
		if words > 2*maxForwardWords {
			break
		}
	}
	return words
}

// isPersonal reports whether the header is that of a person's own mail: the return path
// is the author's, which is no program and no mail system. A bounce has an empty one.
func (l *level) isPersonal() bool {
	m := l.header()
	return m.own && !m.robot && !m.daemon && !m.nullSender && !l.doc.header.has("X-Failed-Recipients") && !l.doc.header.has("Auto-Submitted")
}

// isAnswer reports whether the header is that of an answer or of a forwarded mail.
func (l *level) isAnswer() bool {
	return l.header().person || l.doc.header.has("In-Reply-To")
}

// evidenceLine returns the line of prose, from 0, at which the words about the first
// recipient stand; the last line where that is not known.
func (l *level) evidenceLine() int {
	origin := ""
	if len(l.listed) > 0 {
		origin = l.listed[0].Origin
	} else if len(l.prose.recipients) > 0 {
		origin = l.prose.recipients[0].Origin
	}
	if number, ok := strings.CutPrefix(origin, "body line "); ok {
		if n, err := strconv.Atoi(number); err == nil {
			return n - 1
		}
	}
	return len(l.doc.prose)
}

// ownWords counts the words before the first quoted line or forwarding mark, and
// returns the line of that, len(prose) without one.
func ownWords(prose []string) (words, quote int) {
	for i, line := range prose {
		s := strings.TrimSpace(line)
		if strings.HasPrefix(s, ">") {
			return words, i
		}
		if forwardMark(s, prose[i+1:]) {
			return words, i
		}
		words += len(strings.Fields(s))
		if words > 1000 {
			break
		}
	}
	return words, len(prose)
}

// forwardMark reports whether a line opens a forwarded mail: a rule of hyphens with
// words between, or a line that ends in a colon with quoted lines or header fields
// behind it.
func forwardMark(s string, after []string) bool {
	if strings.HasPrefix(s, "-----") && strings.HasSuffix(s, "---") && strings.Trim(s, "- ") != "" {
		return true
	}
	if !strings.HasSuffix(s, ":") {
		return false
	}
	for _, line := range after {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		return strings.HasPrefix(line, ">") || hasFoldPrefix(line, "From:")
	}
	return false
}
