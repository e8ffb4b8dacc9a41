package rules

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
)

// Explain gives the reason for a recipient's fate. The words decide before the
// codes, and the recipient's own words before what stands around them.
func (s *Set) Explain(r *dsn.Recipient) Verdict {
	f := facts{
		action: r.Action, status: r.Status, reply: r.Reply,
		stage: string(r.Stage), server: r.Software, providers: s.providersOf(r),
	}
	if !dsn.SameAddress(r.Sender, r.Final) {
		f.sender = r.Sender
	}
	switch r.Action {
	case dsn.Delivered, dsn.Relayed, dsn.Expanded:
		return s.delivered(&f, evidenceOfDelivery(r))
	}
	sc := s.borrow()
	defer s.release(sc)
	sc.add(r.Diagnostic, r.Origin, false)
	sc.add(r.Context, r.ContextOrigin, true)
	v := s.explain(sc, &f, r)
	if v.ListAction == Remove && v.Cause != causeMoved && namesAnother(r) {
		v.ListAction, v.Fix = Review, s.causes[causeIndex(v.Cause)].fixFor(Review)
	}
	return v
}

// evidenceOfDelivery quotes what tells of a delivery: the server's words, else the
// status code, else what stands around.
func evidenceOfDelivery(r *dsn.Recipient) Evidence {
	ev := Evidence{Text: r.Diagnostic, Origin: r.Origin, Rule: "action:" + string(r.Action)}
	switch {
	case ev.Text != "":
	case r.Status != "":
		ev.Text = r.Status
	case r.Context != "":
		ev.Text, ev.Origin = r.Context, r.ContextOrigin
	}
	ev.Text = clip(ev.Text, maxEvidence)
	return ev
}

// ExplainReply explains the words of a server, or a bare code, of which nothing
// else is known.
func (s *Set) ExplainReply(text string) Verdict {
	r := replyRecipient(text)
	f := facts{status: r.Status, reply: r.Reply}
	if strings.HasPrefix(r.Reply, "2") || r.Reply == "" && strings.HasPrefix(r.Status, "2") {
		e, rule := s.codes.decide(r.Status, r.Reply, true)
		if e != nil && causeIDs[e.cause] == causeDelivered {
			return s.delivered(&f, Evidence{Text: clip(r.Diagnostic, maxEvidence), Origin: r.Origin, Rule: rule})
		}
	}
	if strings.HasPrefix(r.Reply, "4") || strings.HasPrefix(r.Status, "4") {
		f.action = dsn.Delayed
	}
	sc := s.borrow()
	defer s.release(sc)
	sc.add(r.Diagnostic, r.Origin, false)
	return s.explain(sc, &f, &r)
}

// replyRecipient reads the codes of a reply that stands alone.
func replyRecipient(text string) dsn.Recipient {
	text = strings.TrimSpace(text)
	r := dsn.Recipient{Diagnostic: text, Origin: "reply"}
	r.Reply, r.Status = dsn.Codes(text)
	if code := leadingCode(text); code != "" {
		r.Reply = code
	}
	return r
}

// leadingCode gives the three digits that a text starts with, as a reply does.
func leadingCode(text string) string {
	if len(text) < 3 || text[0] < '1' || text[0] > '5' || strings.Trim(text[:3], "0123456789") != "" {
		return ""
	}
	if len(text) > 3 && text[3] != ' ' && text[3] != '-' {
		return ""
	}
	return text[:3]
}

// explain decides on the passages and facts of a recipient.
func (s *Set) explain(sc *scratch, f *facts, r *dsn.Recipient) Verdict {
	h, found := s.search(sc, f)
	if found && !s.rules[h.rule].Generic {
		return s.byRule(h, f)
	}
	e, rule := s.codes.decide(r.Status, r.Reply, false)
	agree := found && e != nil && s.rules[h.rule].cause == e.cause
	if agree && strings.HasPrefix(rule, "status:5") && !e.Generic {
		return s.byAgreement(h, e, f)
	}
	if e != nil && !agree && (!found || strings.HasPrefix(rule, "status:") && !e.Generic) {
		return s.byCode(e, rule, found || f.doubt, f, r)
	}
	if found {
		return s.byRule(h, f)
	}
	return s.unknown(f, r)
}

// decide gives the entry for a recipient's codes and the id of what decided. The
// enhanced code goes before the reply code, unless it says little.
func (t *codeTable) decide(status, reply string, positive bool) (*codeEntry, string) {
	if !positive && !negative(status) {
		status = ""
	}
	if !positive && strings.HasPrefix(reply, "2") {
		reply = ""
	}
	byStatus, byReply := t.byStatus(status), t.byReply(reply)
	switch {
	case byStatus == nil && byReply == nil:
		return nil, ""
	case byStatus == nil, byReply != nil && byStatus.Generic && !byReply.Generic:
		return byReply, "reply:" + reply
	}
	return byStatus, "status:" + status
}

func negative(status string) bool { return status != "" && status[0] != '2' }
