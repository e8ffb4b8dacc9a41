package pipeline

import (
	"strings"
	"time"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// The causes that follow from the kind of a message.
const (
	causeComplaint       = "complaint"
	causeAutoReply       = "auto-reply"
	causeUnauthenticated = "sender-unauthenticated"
)

// authFailure starts the words of a feedback report of that type.
const authFailure = "Feedback-Type: auth-failure"

// appendRows appends the rows of a message and says how it ended.
func (a *Analyser) appendRows(rows []output.Row, source string, m *parser.Message) ([]output.Row, output.Class) {
	start := len(rows)
	base := output.Row{
		Source: source, Kind: string(m.Kind), ReportingServer: m.ReportingServer,
		Date: date(m.Date), MessageID: m.MessageID, Problems: m.Problems,
		Original: output.Original{
			MessageID: m.Original.MessageID, From: m.Original.From, Subject: m.Original.Subject,
			Date: date(m.Original.Date), ListID: m.Original.ListID,
		},
	}
	switch m.Kind {
	case parser.Bounce:
		for i := range m.Recipients {
			rows = append(rows, base)
			a.fill(&rows[len(rows)-1], &m.Recipients[i])
		}
		if len(m.Recipients) == 0 {
			rows = append(rows, base)
			a.fill(&rows[start], &dsn.Recipient{Context: m.Text, ContextOrigin: "body", Software: m.Software, ReportingServer: m.ReportingServer})
		}
		return rows, bounceClass(rows[start:])
	case parser.Complaint:
		for i := range m.Recipients {
			rows = append(rows, base)
			a.complain(&rows[len(rows)-1], &m.Recipients[i])
		}
		if len(m.Recipients) == 0 {
			rows = append(rows, base)
			a.complain(&rows[start], &dsn.Recipient{})
		}
		return rows, output.Complaints
	}
	rows = append(rows, base)
	return rows, a.other(&rows[start], m)
}

// fill explains a recipient of a bounce.
func (a *Analyser) fill(row *output.Row, r *dsn.Recipient) {
	describe(row, r)
	judge(row, a.Rules.Explain(r))
}

// judge copies a verdict.
func judge(row *output.Row, v rules.Verdict) {
	row.Outcome, row.Cause, row.ListAction, row.Permanent = v.Outcome, v.Cause, v.ListAction, v.Permanent
	row.Status, row.Reply, row.Title, row.Fix, row.Evidence = v.Status, v.Reply, v.Title, v.Fix, v.Evidence
	if row.ListAction == rules.Remove {
		// A guard under the rules: nobody leaves a list for a delay or a
		// success, and only an address can.
		if row.Outcome != rules.OutcomeFailed && row.Outcome != rules.OutcomeComplaint {
			row.ListAction = rules.Keep
		} else if row.Recipient == "" {
			row.ListAction = rules.Review
		}
	}
}

// complain makes a recipient somebody who reported the mail as spam. A report of
// failed authentication (RFC 6591) is no reader's complaint: it costs nobody the list.
func (a *Analyser) complain(row *output.Row, r *dsn.Recipient) {
	describe(row, r)
	cause := causeComplaint
	if strings.HasPrefix(r.Diagnostic, authFailure) {
		cause = causeUnauthenticated
	}
	judge(row, a.Rules.Of(cause, rules.OutcomeComplaint, rules.Evidence{Text: r.Diagnostic, Origin: r.Origin, Rule: "kind:complaint"}))
}

// other fills the row of a message that speaks of no recipient.
func (a *Analyser) other(row *output.Row, m *parser.Message) output.Class {
	if m.Kind == parser.Other {
		return output.Others
	}
	judge(row, a.Rules.Of(causeAutoReply, "", rules.Evidence{Text: m.Sign, Origin: m.SignOrigin, Rule: "kind:" + string(m.Kind)}))
	if m.Kind == parser.Challenge {
		return output.Challenges
	}
	return output.AutoReplies
}

// describe copies what the message itself says of a recipient.
func describe(row *output.Row, r *dsn.Recipient) {
	row.Recipient, row.OriginalRecipient = r.Final, r.Original
	if row.Recipient == "" {
		row.Recipient = r.Original
	}
	row.Stage, row.Diagnostic, row.RemoteServer = string(r.Stage), r.Diagnostic, r.RemoteServer
	if r.ReportingServer != "" {
		row.ReportingServer = r.ReportingServer
	}
}

// bounceClass says how a bounce ended: a failure outweighs a delay, a delay a success.
func bounceClass(rows []output.Row) output.Class {
	class := output.Deliveries
	for i := range rows {
		switch rows[i].Outcome {
		case rules.OutcomeDelivered:
		case rules.OutcomeDelayed:
			class = output.Delays
		default:
			return output.Failures
		}
	}
	return class
}

// date writes a time as RFC 3339; "" where there is none that it can hold.
func date(t time.Time) string {
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return ""
	}
	return t.Format(time.RFC3339)
}
