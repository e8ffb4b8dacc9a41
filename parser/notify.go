package parser

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/whybounce/whybounce/dsn"
)

// A notification is what Amazon SES says of a mail: its own notification, an event of
// event publishing, or an SNS, SQS, Lambda or EventBridge envelope around one.
type notification struct {
	// envelopes
	Message json.RawMessage `json:"Message"`
	Detail  json.RawMessage `json:"detail"`
	Body    json.RawMessage `json:"body"`
	SNS     json.RawMessage `json:"Sns"`
	Records []notification  `json:"Records"`
	// content
	NotificationType string         `json:"notificationType"`
	EventType        string         `json:"eventType"`
	Bounce           notifiedBounce `json:"bounce"`
	Complaint        struct {
		Recipients   []notifiedRecipient `json:"complainedRecipients"`
		FeedbackType string              `json:"complaintFeedbackType"`
		SubType      string              `json:"complaintSubType"`
		Timestamp    string              `json:"timestamp"`
	} `json:"complaint"`
	Delivery struct {
		Recipients   []string `json:"recipients"`
		Response     string   `json:"smtpResponse"`
		ReportingMTA string   `json:"reportingMTA"`
		Timestamp    string   `json:"timestamp"`
	} `json:"delivery"`
	Delay struct {
		Type         string              `json:"delayType"`
		Recipients   []notifiedRecipient `json:"delayedRecipients"`
		ReportingMTA string              `json:"reportingMTA"`
		Timestamp    string              `json:"timestamp"`
	} `json:"deliveryDelay"`
	Reject struct {
		Reason string `json:"reason"`
	} `json:"reject"`
	Mail notifiedMail `json:"mail"`
}

type notifiedBounce struct {
	Type         string              `json:"bounceType"`
	SubType      string              `json:"bounceSubType"`
	Recipients   []notifiedRecipient `json:"bouncedRecipients"`
	ReportingMTA string              `json:"reportingMTA"`
	Timestamp    string              `json:"timestamp"`
}

type notifiedRecipient struct {
	Address    string `json:"emailAddress"`
	Action     string `json:"action"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnosticCode"`
}

type notifiedMail struct {
	Timestamp   string   `json:"timestamp"`
	Source      string   `json:"source"`
	MessageID   string   `json:"messageId"`
	Destination []string `json:"destination"`
	Headers     []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"headers"`
	Common struct {
		From      []string `json:"from"`
		To        []string `json:"to"`
		MessageID string   `json:"messageId"`
		Subject   string   `json:"subject"`
		Date      string   `json:"date"`
	} `json:"commonHeaders"`
}

// Bounds of what is read from JSON.
const (
	maxJSON       = bodiesCap
	maxUnwrapping = 4
	maxNotified   = 1000
)

// readNotifications reads the SES notifications of a document, nil where it has none.
func readNotifications(doc *document) *Message {
	payloads := doc.json
	if len(payloads) == 0 {
		payloads = jsonInText(doc.prose)
	}
	var m *Message
	for _, p := range payloads {
		if len(p) > maxJSON || !strings.Contains(p, "mail") {
			continue
		}
		for _, n := range parseNotifications(p) {
			m = n.addTo(m)
		}
	}
	switch {
	case m == nil && doc.isJSON():
		doc.problems, doc.harmed = append(doc.problems, "JSON that is no notification of a bounce, complaint or delivery"), true
	case m != nil && len(m.Recipients) == maxNotified:
		doc.problems = append(doc.problems, fmt.Sprintf("the first %d recipients were read, and no more", maxNotified))
	}
	return m
}

// isJSON tells whether the message is JSON and no mail.
func (d *document) isJSON() bool { return len(d.header) == 0 && len(d.json) > 0 }

// jsonInText finds a JSON payload in the text of a mail, as SNS sends it by e-mail.
// Long lines come cut, with or without "!" at the cut.
func jsonInText(prose []string) []string {
	for i, line := range prose {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if line[0] != '{' && line[0] != '[' {
			return nil
		}
		text := strings.Join(prose[i:], "\n")
		if !strings.Contains(text, `otificationType"`) && !strings.Contains(text, `"eventType"`) && !strings.Contains(text, `"Notification"`) {
			return nil
		}
		text = strings.ReplaceAll(text, "!\n ", "")
		if len(parseNotifications(text)) == 0 {
			text = strings.ReplaceAll(text, "\n", "")
		}
		return []string{text}
	}
	return nil
}

// parseNotifications reads one value or a series of values. What follows a value
// and is no JSON, such as a footer, is left.
func parseNotifications(text string) []notification {
	var all []notification
	d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	for len(all) < maxNotified {
		var raw json.RawMessage
		if d.Decode(&raw) != nil {
			break
		}
		all = unwrapNotification(all, raw, 0)
	}
	return all
}

// unwrapNotification takes the notifications out of a value and its envelopes.
func unwrapNotification(all []notification, raw json.RawMessage, depth int) []notification {
	if depth > maxUnwrapping || len(all) >= maxNotified || len(raw) == 0 {
		return all
	}
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return all
		}
		if s = strings.TrimSpace(s); !strings.HasPrefix(s, "{") || !json.Valid([]byte(s)) {
			return all
		}
		return unwrapNotification(all, json.RawMessage(s), depth+1)
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return all
		}
		for _, item := range list {
			all = unwrapNotification(all, item, depth+1)
		}
		return all
	case '{':
		var n notification
		// A member of another type than it should be spoils that member alone.
		var mistyped *json.UnmarshalTypeError
		if err := json.Unmarshal(raw, &n); err != nil && !errors.As(err, &mistyped) {
			return all
		}
		return n.flatten(all, depth)
	}
	return all
}

// flatten adds a notification, or those inside an envelope.
func (n *notification) flatten(all []notification, depth int) []notification {
	if n.kind() != "" {
		return append(all, *n)
	}
	for _, inner := range [...]json.RawMessage{n.Message, n.Detail, n.SNS, n.Body} {
		all = unwrapNotification(all, inner, depth+1)
	}
	for i := range n.Records {
		if depth < maxUnwrapping && len(all) < maxNotified {
			all = n.Records[i].flatten(all, depth+1)
		}
	}
	return all
}

// kind returns the type of a notification, lower case, "" for what is none.
func (n *notification) kind() string {
	t := n.NotificationType
	if t == "" {
		t = n.EventType
	}
	switch t = strings.ToLower(strings.ReplaceAll(t, " ", "")); t {
	case "bounce", "complaint", "delivery", "deliverydelay", "reject":
		return t
	}
	return ""
}

// addTo adds what a notification says to m, which it makes where it is nil.
func (n *notification) addTo(m *Message) *Message {
	if m == nil {
		m = &Message{Kind: Bounce, Original: n.original()}
	}
	var found []dsn.Recipient
	switch n.kind() {
	case "bounce":
		found = n.bounced()
	case "complaint":
		if len(m.Recipients) == 0 {
			m.Kind = Complaint
		}
		if n.Complaint.FeedbackType == notSpam {
			m.Kind = Other
			return m
		}
		found = complained(n.Complaint.Recipients, strings.TrimSpace(n.Complaint.FeedbackType+" "+n.Complaint.SubType))
	case "delivery":
		found = n.delivered()
	case "deliverydelay":
		found = notified(n.Delay.Recipients, dsn.Delayed, n.Delay.ReportingMTA, n.Delay.Type)
	case "reject":
		for _, a := range n.Mail.Destination {
			found = append(found, dsn.Recipient{Final: dsn.CleanAddress(a), Action: dsn.Failed, Diagnostic: onOneLine(n.Reject.Reason), Origin: notifiedOrigin})
		}
	}
	for _, r := range found {
		if r.Final != "" && len(m.Recipients) < maxNotified {
			m.Recipients = append(m.Recipients, r)
		}
	}
	if m.ReportingServer == "" && len(m.Recipients) > 0 {
		m.ReportingServer = m.Recipients[0].ReportingServer
	}
	return m
}

// notifiedOrigin names where the words of a notification stand.
const notifiedOrigin = "SES notification"

// bounced returns the recipients of a bounce notification. Its type and sub-type,
// such as "Permanent Suppressed", are their context.
func (n *notification) bounced() []dsn.Recipient {
	b := &n.Bounce
	return notified(b.Recipients, dsn.Failed, b.ReportingMTA, strings.TrimSpace(b.Type+" "+b.SubType))
}

// notified turns the recipients of a notification into recipients.
func notified(list []notifiedRecipient, action dsn.Action, server, context string) []dsn.Recipient {
	var found []dsn.Recipient
	for _, p := range list {
		g := dsn.Group{Final: dsn.CleanAddress(p.Address), Action: dsn.ParseAction(p.Action), Status: dsn.ParseStatus(p.Status)}
		_, g.Diagnostic = dsn.Diagnostic(onOneLine(p.Diagnostic))
		if g.Action == "" || action == dsn.Delayed {
			g.Action = action
		}
		r := g.Recipient()
		r.ReportingServer = dsn.HostOf(server)
		r.Origin, r.Context, r.ContextOrigin = notifiedOrigin, onOneLine(context), notifiedOrigin
		found = append(found, r)
	}
	return found
}

// delivered returns the recipients of a delivery notification.
func (n *notification) delivered() []dsn.Recipient {
	reply, status := dsn.Codes(n.Delivery.Response)
	var found []dsn.Recipient
	for _, a := range n.Delivery.Recipients {
		found = append(found, dsn.Recipient{Final: dsn.CleanAddress(a), Action: dsn.Delivered, Reply: reply, Status: status,
			Diagnostic: onOneLine(n.Delivery.Response), Origin: notifiedOrigin, ReportingServer: dsn.HostOf(n.Delivery.ReportingMTA)})
	}
	return found
}

// original describes the mail that a notification is about.
func (n *notification) original() Original {
	var h header
	for _, f := range n.Mail.Headers {
		h = append(h, field{name: f.Name, value: f.Value})
	}
	o := originalOf(h)
	c := &n.Mail.Common
	first := func(to *string, values ...string) {
		for _, v := range values {
			if *to == "" {
				*to = onOneLine(v)
			}
		}
	}
	if len(c.From) > 0 {
		first(&o.From, oneAddress(c.From[0]))
	}
	first(&o.From, oneAddress(n.Mail.Source))
	first(&o.Subject, c.Subject)
	first(&o.MessageID, bareID(c.MessageID), n.Mail.MessageID)
	if o.Date.IsZero() {
		if o.Date = parseDate(c.Date); o.Date.IsZero() {
			o.Date = parseDate(n.Mail.Timestamp)
		}
	}
	if len(o.To) == 0 {
		for _, a := range n.Mail.Destination {
			o.To = appendAddresses(o.To, a)
		}
	}
	return o
}
