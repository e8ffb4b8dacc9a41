package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/sift"
)

// maxEvidence is how much of a reply is quoted.
const maxEvidence = 200

// A decision is a reason before it is weighed against the codes.
type decision struct {
	cause  int
	action ListAction // overrides the cause's, or ""
	fix    string     // overrides the cause's, or ""
	final  bool       // holds even with a 4xx code
}

// verdict weighs a decision against the codes and the outcome.
func (s *Set) verdict(d decision, f *facts, ev Evidence) Verdict {
	c := &s.causes[d.cause]
	v := Verdict{
		Cause: c.ID, Outcome: outcome(f.action), ListAction: c.Action, Permanent: c.Permanent,
		Status: f.status, Reply: f.reply, Title: c.Title, Fix: c.Fix, Evidence: ev,
	}
	if d.action != "" {
		v.ListAction = d.action
	}
	if d.fix != "" {
		v.Fix = d.fix
	}
	if temporary(d, f) {
		v.Permanent = false
		if v.ListAction == Remove || f.action == dsn.Delayed && v.Cause == causeUnknown {
			v.ListAction = Keep
		}
	}
	if d.fix == "" {
		v.Fix = c.fixFor(v.ListAction)
	}
	return v
}

// fixFor gives the cause's fix for an action that may be milder than its own.
func (c *Cause) fixFor(a ListAction) string {
	switch {
	case a == c.Action:
	case a == Review && c.fixReview != "":
		return c.fixReview
	case a == Keep && c.fixLater != "":
		return c.fixLater
	}
	return c.Fix
}

// temporary reports whether a failure may still pass: the server still tries, or a
// code of class 4 says so and the phrase is not final. Where the reply code and
// the enhanced code contradict each other, the milder one counts.
func temporary(d decision, f *facts) bool {
	if f.action == dsn.Delayed {
		return true
	}
	if !strings.HasPrefix(f.status, "4") && !strings.HasPrefix(f.reply, "4") {
		return false
	}
	return !d.final || f.action != dsn.Failed
}

// outcome gives the outcome for an action. A message that names none tells of a failure.
func outcome(a dsn.Action) Outcome {
	switch a {
	case dsn.Delayed:
		return OutcomeDelayed
	case dsn.Delivered, dsn.Relayed, dsn.Expanded:
		return OutcomeDelivered
	}
	return OutcomeFailed
}

// byRule gives the verdict of a rule that won.
func (s *Set) byRule(h hit, f *facts) Verdict {
	r := &s.rules[h.rule]
	return s.byHit(h, decision{cause: r.cause, action: r.Action, final: r.Final, fix: r.Fix}, f)
}

// byAgreement gives the verdict of a generic rule whose cause the enhanced code names
// too. Code and phrase together are a statement: of them the code's action counts.
func (s *Set) byAgreement(h hit, e *codeEntry, f *facts) Verdict {
	r := &s.rules[h.rule]
	d := decision{cause: r.cause, action: r.Action, final: r.Final, fix: r.Fix}
	if d.action == Review && !strings.HasPrefix(f.reply, "4") {
		d.action, d.fix = e.Action, e.Fix
	}
	return s.byHit(h, d, f)
}

// byHit gives the verdict of a decision that rests on a rule's match.
func (s *Set) byHit(h hit, d decision, f *facts) Verdict {
	r := &s.rules[h.rule]
	if with := s.causes[r.cause].fixWith; d.fix == "" && r.groups {
		d.fix = with
	}
	if strings.Contains(d.fix, "{") {
		d.fix = r.fill(d.fix, h)
	}
	words := quote(h)
	if (h.rival != nil || f.doubt || f.blamesSender(words)) && (d.action == "" || d.action == Remove) {
		d.action, d.fix = Review, ""
	}
	return s.verdict(d, f, Evidence{Text: words, Origin: h.passage.origin, Rule: r.ID})
}

// blamesSender reports whether the words that a rule took name the sender's address.
func (f *facts) blamesSender(words string) bool {
	return f.sender != "" && strings.IndexByte(words, '@') >= 0 && strings.Contains(strings.ToLower(words), strings.ToLower(f.sender))
}

// byCode gives the verdict of a code. Where a generic phrase stands beside it, the
// code alone removes nobody.
func (s *Set) byCode(e *codeEntry, rule string, phrase bool, f *facts, r *dsn.Recipient) Verdict {
	d := decision{cause: e.cause, action: e.Action, fix: e.Fix}
	_, code, _ := strings.Cut(rule, ":")
	ev := Evidence{Text: code, Origin: r.Origin, Rule: rule}
	if strings.Contains(r.Diagnostic, code) {
		ev.Text = clip(r.Diagnostic, maxEvidence)
		if !strings.Contains(ev.Text, code) {
			ev.Text = code
		}
	}
	v := s.verdict(d, f, ev)
	if phrase && v.ListAction == Remove {
		v.ListAction = Review
		if d.fix == "" {
			v.Fix = s.causes[d.cause].fixFor(Review)
		}
	}
	return v
}

func (s *Set) unknown(f *facts, r *dsn.Recipient) Verdict {
	ev := Evidence{Text: clip(r.Diagnostic, maxEvidence), Origin: r.Origin}
	if ev.Text == "" {
		ev = Evidence{Text: clip(r.Context, maxEvidence), Origin: r.ContextOrigin}
	}
	return s.verdict(decision{cause: causeIndex(causeUnknown)}, f, ev)
}

func (s *Set) delivered(f *facts, ev Evidence) Verdict {
	if outcome(f.action) != OutcomeDelivered {
		f.action = dsn.Delivered
	}
	return s.verdict(decision{cause: causeIndex(causeDelivered)}, f, ev)
}

// Of gives the verdict for a cause that is known without a rule, as that of a
// complaint or an auto-reply is by the kind of the message.
func (s *Set) Of(cause string, o Outcome, ev Evidence) Verdict {
	i := causeIndex(cause)
	if i < 0 {
		i = causeIndex(causeUnknown)
	}
	v := s.verdict(decision{cause: i}, &facts{}, ev)
	v.Outcome = o
	if v.ListAction == Remove && o != OutcomeFailed && o != OutcomeComplaint {
		v.ListAction = Keep
	}
	return v
}

// fill puts the named groups of a match into the gaps of a fix. It gives "" where a
// group is empty: the cause's own fix then stands.
func (r *rule) fill(fix string, h hit) string {
	text, groups, names := h.passage.text, h.groups, r.matcher.Names()
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(fix, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, rest, ok := strings.Cut(rest, "}")
		if !ok {
			return ""
		}
		i := 2 * slices.Index(names, name)
		if i < 0 || i+1 >= len(groups) || groups[i] < 0 || groups[i] == groups[i+1] {
			return ""
		}
		from, to := sift.Span(text, groups[i], groups[i+1])
		b.WriteString(oneLine(clip(text[from:to], maxEvidence)))
		fix = rest
	}
}

// oneLine makes every run of white space and control characters a space.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || sift.FoldRune(r) == ' ' }), " ")
}

// maxWord is how far a quotation grows to reach the ends of its words.
const maxWord = 24

// quote gives the words of a match as they stand in the passage, in whole words.
func quote(h hit) string {
	text := h.passage.text
	from, to := sift.Span(text, h.from, h.to)
	for n := 0; n < maxWord && from > 0 && wordByte(text[from-1]) && from < to && wordByte(text[from]); n++ {
		from--
	}
	for n := 0; n < maxWord && to < len(text) && wordByte(text[to]) && to > from && wordByte(text[to-1]); n++ {
		to++
	}
	return clip(text[from:to], maxEvidence)
}

func wordByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf
}

// clip gives the start of s, at most n bytes and in whole characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return trimPartial(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return trimPartial(s[:n])
}

// clipHead gives the end of s, at most n bytes and in whole characters.
func clipHead(s string, n int) string {
	i := len(s) - n
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}

// trimPartial drops the bytes of a cut character at the ends of s, and all bytes that
// are no UTF-8.
func trimPartial(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "")
}
