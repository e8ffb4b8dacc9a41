package dsn

import "strings"

// A Report is a delivery status notification: the fields of its message and one
// Group a recipient.
type Report struct {
	// ReportingMTA is the host of the Reporting-MTA field, lower case.
	ReportingMTA string
	// ReceivedFrom is the host of the Received-From-MTA field, lower case.
	ReceivedFrom string
	// EnvelopeID is the Original-Envelope-Id.
	EnvelopeID string
	// Arrival is the Arrival-Date as written.
	Arrival string
	// Fields are the per-message fields, those of extensions included.
	Fields []Field
	// Groups are the recipients, in order.
	Groups []Group
}

// A Group is what a report says of one recipient.
type Group struct {
	// Number counts the groups of the report from 1; the per-message group is one.
	Number int
	// Final, Original and Actual are the bare addresses of Final-Recipient,
	// Original-Recipient and X-Actual-Recipient, "" where missing. Final need
	// not be a mail address: see FinalType.
	Final, Original, Actual string
	// FinalType and ActualType are the types of those fields in lower case, "" where missing.
	FinalType, ActualType string
	// DisplayName is the X-Display-Name of Exchange.
	DisplayName string
	Action      Action
	// Status is the code of the Status field, "" where it holds none.
	Status string
	// StatusText holds the words behind the code.
	StatusText string
	// RemoteMTA and ReportingMTA are hosts, lower case.
	RemoteMTA, ReportingMTA string
	// DiagnosticType is the type of the Diagnostic-Code in lower case ("smtp").
	DiagnosticType string
	// Diagnostic holds the words of the Diagnostic-Code without its type.
	Diagnostic string
	// LastAttempt and WillRetryUntil are dates as written.
	LastAttempt, WillRetryUntil string
	// Fields are all fields of the group.
	Fields []Field
}

// ParseReport reads the text of a message/delivery-status part (RFC 3464) or
// message/global-delivery-status part (RFC 6533). It forgives what real reports
// do: blank lines too many or missing, fields in the wrong group, a message group
// repeated for every recipient. A text without any such field gives no groups.
func ParseReport(text string) Report {
	lines := parseLines(text)
	p := reportParser{group: lines[:0], room: make([]Field, 0, len(lines))}
	p.report.Fields = make([]Field, 0, usualFields)
	for len(lines) > 0 {
		end := 1
		for end < len(lines) && !lines[end].first {
			end++
		}
		p.block(lines[:end])
		lines = lines[end:]
	}
	p.flush()
	return p.report
}

// maxGroup bounds the fields of one recipient.
const maxGroup = 64

// A reportParser gathers groups from blocks of fields.
type reportParser struct {
	report    Report
	group     []fieldLine // the recipient group being gathered, where lines already read stood
	room      []Field     // for the fields of groups
	reporting string      // Reporting-MTA since the last recipient group
	number    int         // groups met so far
	inMessage bool        // the last field belonged to the message
}

// block adds the fields of one block.
func (p *reportParser) block(block []fieldLine) {
	if p.startsGroup(block) {
		p.flush()
	}
	p.inMessage = false
	for i, f := range block {
		switch class := f.id.class(); {
		case class == ofMessage:
			p.messageField(f)
		case class == ofNobody && (p.inMessage || len(p.group) == 0):
			p.report.Fields = append(p.report.Fields, f.Field)
		default:
			if p.repeats(f, block[i+1:]) {
				p.flush()
			}
			p.inMessage = false
			if len(p.group) < maxGroup {
				p.group = append(p.group, f)
			}
		}
	}
}

// startsGroup reports whether a block speaks of another recipient than the group
// being gathered, rather than going on with it after a stray blank line.
func (p *reportParser) startsGroup(block []fieldLine) bool {
	if len(p.group) == 0 {
		return false
	}
	for _, f := range block {
		switch f.id.class() {
		case ofIdentity:
			if has(p.group, f.id) {
				return true
			}
		case ofMessage:
			return true
		}
	}
	if !hasIdentity(p.group) {
		return false
	}
	return (hasIdentity(block) || has(block, idAction)) && has(p.group, idAction)
}

// repeats reports whether f belongs to the next recipient although no blank line
// stands before it.
func (p *reportParser) repeats(f fieldLine, rest []fieldLine) bool {
	if f.id.class() != ofIdentity || !hasIdentity(p.group) {
		return false
	}
	if has(p.group, f.id) {
		return true
	}
	return len(rest) > 0 && rest[0].id.class() == ofIdentity && has(p.group, rest[0].id)
}

// messageField takes a per-message field; its first value wins for the report.
func (p *reportParser) messageField(f fieldLine) {
	if !p.inMessage {
		p.inMessage = true
		if len(p.report.Groups) == 0 && p.number == 0 && len(p.group) == 0 {
			p.number = 1
		}
	}
	p.report.Fields = append(p.report.Fields, f.Field)
	first := func(to *string, value string) {
		if *to == "" {
			*to = value
		}
	}
	switch f.id {
	case idReporting:
		p.reporting = HostOf(f.Value)
		first(&p.report.ReportingMTA, p.reporting)
	case idReceivedFrom:
		first(&p.report.ReceivedFrom, HostOf(f.Value))
	case idEnvelope:
		first(&p.report.EnvelopeID, f.Value)
	case idArrival:
		first(&p.report.Arrival, f.Value)
	}
}

// flush ends the group being gathered.
func (p *reportParser) flush() {
	if len(p.group) == 0 {
		return
	}
	p.number++
	start := len(p.room)
	for i := range p.group {
		p.room = append(p.room, p.group[i].Field)
	}
	g := newGroup(p.group)
	g.Number, g.Fields = p.number, p.room[start:len(p.room):len(p.room)]
	if g.ReportingMTA = p.reporting; g.ReportingMTA == "" {
		g.ReportingMTA = p.report.ReportingMTA
	}
	p.report.Groups = append(p.report.Groups, g)
	p.group = p.group[:0]
}

// newGroup reads what the fields of one recipient say.
func newGroup(lines []fieldLine) Group {
	var g Group
	var values [idCount]string // the first of each that is not empty
	for i := range lines {
		if l := &lines[i]; values[l.id] == "" {
			values[l.id] = l.Value
		}
	}
	g.FinalType, g.Final = TypedAddress(values[idFinal])
	_, g.Original = TypedAddress(values[idOriginal])
	g.ActualType, g.Actual = TypedAddress(values[idActual])
	g.DisplayName = values[idDisplayName]
	g.Action = ParseAction(values[idAction])
	status := values[idStatus]
	if g.Status = ParseStatus(status); g.Status == "" {
		g.StatusText = status
	} else if i := strings.IndexAny(status, "( \t"); i >= 0 {
		g.StatusText = strings.Trim(status[i:], " \t()")
	}
	g.RemoteMTA = HostOf(values[idRemote])
	g.DiagnosticType, g.Diagnostic = Diagnostic(values[idDiagnostic])
	g.LastAttempt = values[idLastAttempt]
	g.WillRetryUntil = values[idRetryUntil]
	return g
}

// Diagnostic cuts a Diagnostic-Code into its type, "" where it is missing, and the
// words of the server.
func Diagnostic(value string) (kind, words string) {
	kind, words = typed(value)
	if kind != "" && isDigit(kind[0]) {
		return "", strings.TrimSpace(value)
	}
	return kind, words
}

// ParseAction reads an Action field and forgives what follows its word
// ("failed (bad destination)"). Words that RFC 3464 does not know are mapped where
// mail servers really send them; others give "".
func ParseAction(value string) Action {
	value = strings.TrimLeft(value, " \t\"'")
	n := 0
	for n < len(value) && (isLetter(value[n]) || value[n] == '-') {
		n++
	}
	switch strings.ToLower(value[:n]) {
	case "failed", "failure", "fail", "expired", "undeliverable", "bounced":
		// QUIRK: RFC 3464 section 2.3.3 knows "failed" only; SendGrid and Postfix's
		// address probe (sendmail -bv) use the others.
		return Failed
	case "delayed", "deferred", "delay", "transient-failure":
		return Delayed
	case "delivered", "deliverable", "success", "successful":
		return Delivered
	case "relayed":
		return Relayed
	case "expanded":
		return Expanded
	}
	return ""
}

// has reports whether lines hold a field.
func has(lines []fieldLine, id fieldID) bool {
	for i := range lines {
		if lines[i].id == id {
			return true
		}
	}
	return false
}

// hasIdentity reports whether lines name a recipient.
func hasIdentity(lines []fieldLine) bool {
	for i := range lines {
		if lines[i].id.class() == ofIdentity {
			return true
		}
	}
	return false
}

// Recipient turns a group into a recipient.
func (g Group) Recipient() Recipient {
	r := Recipient{
		Final:           g.Final,
		Original:        g.Original,
		Action:          g.Action,
		RemoteServer:    g.RemoteMTA,
		ReportingServer: g.ReportingMTA,
		Diagnostic:      g.Diagnostic,
		Stage:           FindStage(g.Diagnostic),
	}
	reply, status := g.codes()
	r.Reply, r.Status = reply, BetterStatus(g.Status, status)
	if r.Diagnostic == "" {
		r.Diagnostic = g.StatusText
	}
	return r
}

// codes takes the codes out of the diagnostic: not the exit code of a program, and
// not the successes that a failure speaks of in passing.
func (g *Group) codes() (reply, status string) {
	if g.DiagnosticType == "x-unix" && digits(g.Diagnostic) == len(g.Diagnostic) {
		return "", ""
	}
	reply, status = Codes(g.Diagnostic)
	if g.Action == Failed || g.Action == Delayed {
		if reply != "" && reply[0] < '4' {
			reply = ""
		}
		if status != "" && status[0] < '4' {
			status = ""
		}
	}
	return reply, status
}
