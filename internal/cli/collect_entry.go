package cli

import (
	"strings"
	"time"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/internal/pipeline"
	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// An eventMaker makes the events of a message for the ledger.
type eventMaker struct {
	verifier     *verifier
	rulesVersion string
	now          time.Time
}

// events are what a message says of each address that it names. Rows without an
// address are counted.
func (m *eventMaker) events(res *pipeline.Result, content ledger.Key) (events []ledger.Event, nameless int) {
	msg := res.Message
	if msg.Kind != parser.Bounce && msg.Kind != parser.Complaint {
		return nil, 0
	}
	paths := m.verifier.paths(msg, m.at(msg))
	for i := range res.Rows {
		row := &res.Rows[i]
		r := &dsn.Recipient{}
		if i < len(msg.Recipients) {
			r = &msg.Recipients[i]
		}
		address, grade := m.verifier.grade(msg, r, paths, len(res.Rows) == 1)
		if address == "" {
			nameless++
			continue
		}
		events = append(events, m.event(msg, row, r, address, grade, content))
	}
	return events, nameless
}

// at is when a message was written, as far as that can be right.
func (m *eventMaker) at(msg *parser.Message) time.Time {
	if msg.Date.IsZero() || msg.Date.After(m.now) {
		return m.now
	}
	return msg.Date
}

func (m *eventMaker) event(msg *parser.Message, row *output.Row, r *dsn.Recipient, address string, grade ledger.Grade, content ledger.Key) ledger.Event {
	row.ListAction = ofForwarded(row.ListAction, row.Outcome, address, r)
	return ledger.Event{
		Key: eventKey(msg, row, address, content), Address: address, At: msg.Date, Grade: grade,
		Kind: ledger.KindOf(row.Outcome, r.Action), Cause: row.Cause, Action: row.ListAction, Permanent: row.Permanent,
		Status: row.Status, Reply: row.Reply, Evidence: row.Evidence, RulesVersion: m.rulesVersion, Source: row.Source,
		Outcome: row.Outcome, MessageID: row.MessageID, Recipient: *r,
		Original: ledger.Original{MessageID: row.Original.MessageID, From: row.Original.From, Subject: row.Original.Subject, ListID: row.Original.ListID},
	}
}

// eventKey is what makes an event the same event: the returned message, the
// recipient and the status; or else the message that tells of it.
func eventKey(msg *parser.Message, row *output.Row, address string, content ledger.Key) ledger.Key {
	if id := msg.Original.MessageID; id != "" {
		status := row.Status
		if status == "" {
			status = row.Reply
		}
		return ledger.HashKey("returned", string(msg.Kind), id, address, string(row.Outcome), status)
	}
	return ledger.HashKey("content", string(content[:]), address, string(row.Outcome))
}

// listAddress is the address as it stands on the list: the original recipient
// where the message names one, else the final one.
func listAddress(r *dsn.Recipient) string {
	for _, address := range []string{r.Original, r.Final} {
		if normal, ok := ledger.Normalize(address); ok {
			return normal
		}
	}
	return ""
}

// ours tells whether a message is one that bounce handling may move or delete.
func ours(res *pipeline.Result) bool { return res.Message != nil && res.Message.Kind != parser.Other }

// explainAgain judges a stored recipient under the present rules, with the same
// guard that a report has: nobody leaves for a delay or a success.
func explainAgain(set *rules.Set) func(string, *dsn.Recipient) rules.Verdict {
	return func(address string, r *dsn.Recipient) rules.Verdict {
		v := set.Explain(r)
		if v.ListAction == rules.Remove && v.Outcome != rules.OutcomeFailed && v.Outcome != rules.OutcomeComplaint {
			v.ListAction = rules.Keep
		}
		v.ListAction = ofForwarded(v.ListAction, v.Outcome, address, r)
		return v
	}
}

// ofForwarded makes a failure behind an address on the list one that may pass: an
// alias or a forward leads to somebody of another name, who is gone. The address
// itself exists, and may have other people behind it.
func ofForwarded(action rules.ListAction, outcome rules.Outcome, address string, r *dsn.Recipient) rules.ListAction {
	final, ok := ledger.Normalize(r.Final)
	if action != rules.Remove || outcome != rules.OutcomeFailed || !ok || strings.EqualFold(mailName(final), mailName(address)) {
		return action
	}
	return rules.Keep
}

// mailName is the local part of an address, without a tag after "+".
func mailName(address string) string {
	name := address[:strings.LastIndexByte(address, '@')]
	if plus := strings.IndexByte(name, '+'); plus > 0 {
		name = name[:plus]
	}
	return name
}

// A tally counts what a collecting run met.
type tally struct {
	messages, failures, complaints, deliveries, delays, others, autoReplies, nameless, unreadable int
	result                                                                                        ledger.Result
}

func (t *tally) count(res *pipeline.Result, events []ledger.Event, nameless int) {
	t.messages++
	t.nameless += nameless
	switch res.Message.Kind {
	case parser.Other:
		t.others++
	case parser.AutoReply, parser.Challenge:
		t.autoReplies++
	}
	for i := range events {
		switch {
		case events[i].Kind == policy.Failure:
			t.failures++
		case events[i].Kind == policy.Complaint:
			t.complaints++
		case events[i].Outcome == rules.OutcomeDelivered:
			t.deliveries++
		default:
			t.delays++
		}
	}
}

// bareID takes an identifier out of its angle brackets.
func bareID(s string) string { return strings.Trim(strings.TrimSpace(s), "<>") }
