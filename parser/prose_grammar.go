package parser

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// How surely an address in prose is that of a recipient.
const (
	notRecipient = iota
	mentioned    // it stands in the text of a report
	spokenOf     // with words of failure or of delivery
	alone        // on a line of its own, after such words
	labelledRcpt // on a line of its own, with the reason or a colon behind it
)

// fromGrammar takes the addresses that most surely are recipients.
func (a *assembly) fromGrammar() {
	r := a.r
	all := r.scan.Subject | r.anyRole(a.from, a.to)
	speaks := all.Has(layouts.RoleFailed) || all.Has(layouts.RoleDelayed) || all.Has(layouts.RoleDelivered) || all.Has(layouts.RoleFinal) ||
		a.sign == strongSign && r.scan.Subject.Has(layouts.RoleSubject) && all.Has(layouts.RoleReason)
	if !speaks && a.layout == nil && !a.quotesRefusal() {
		return
	}
	first, signed := a.firstWords(), a.signature()
	best := mentioned
	grades := make([]int, len(r.addrs))
	for i, f := range r.addrs {
		if f.line < a.from || f.line >= a.to || a.inDialogue(f.line) {
			continue
		}
		if signed >= 0 && f.line > signed && best >= alone {
			continue // the signature of who wrote this
		}
		grades[i] = a.grade(f, first)
		best = max(best, grades[i])
	}
	if signed >= 0 && best >= alone {
		a.to = signed
	}
	a.takeGraded(grades, best, false)
	if len(a.people) == 0 {
		a.takeGraded(grades, best, true)
	}
	if a.sign == weakSign && !a.outspoken(best) {
		a.forget()
	}
	if best == mentioned && (len(a.people) > 1 || a.sign != strongSign) {
		a.forget() // any of them may be meant
	}
	if len(a.people) == 0 && a.sign == strongSign {
		a.fromSubject()
	}
}

// quotesRefusal reports that a mail system writes, and quotes a refusal, in a language
// that nobody taught.
func (a *assembly) quotesRefusal() bool {
	if a.sign != strongSign || !isNullPath(a.r.doc.header) {
		return false
	}
	for n := a.from; n < a.to; n++ {
		for _, reply := range dsn.FindReplies(a.r.lines[n]) {
			if reply.Negative() && reply.Status != "" {
				return true
			}
		}
	}
	return false
}

// outspoken reports that the text of a message that only its subject makes a report
// is laid out as one: it lists recipients, and says that a server refused them.
func (a *assembly) outspoken(best int) bool {
	r := a.r
	if isNullPath(r.doc.header) || isAuto(r.doc.header) {
		return true
	}
	const said = 1<<layouts.RoleHeading | 1<<layouts.RoleFinal | 1<<layouts.RoleDelayed
	if r.anyRole(a.from, a.to)&said != 0 && best >= alone {
		return true
	}
	return best >= labelledRcpt
}

// takeGraded adds the addresses of a grade; own says whether the reader's too.
func (a *assembly) takeGraded(grades []int, grade int, own bool) {
	for i, f := range a.r.addrs {
		if grades[i] != grade && !a.deliveredBeside(f, grades[i], grade) || a.r.isOwn(f.address) != own && !own {
			continue
		}
		if own && grade < alone {
			continue
		}
		offset := f.end
		if rest := a.r.lines[f.line][f.end:]; rest != "" && strings.IndexByte(`>"')]`, rest[0]) >= 0 {
			offset++
		}
		if before, after := around(a.r.lines[f.line], f); before != "" && !isRefusal(after) {
			const told = 1<<layouts.RoleFailed | 1<<layouts.RoleReason
			if a.r.scan.Lines[f.line]&told != 0 {
				offset = 0 // the sentence that names the address gives the reason
			}
		}
		if a.r.isAddressList(f.line) {
			offset = len(a.r.lines[f.line])
		}
		p := addressee{address: f.address, line: f.line, offset: offset}
		if before, after := around(a.r.lines[f.line], f); before == "" && a.sign == strongSign {
			p.find.Action = fateBehind(after)
		} else if a.sign == strongSign && grade == labelledRcpt {
			p.find.Action = fateBefore(a.r.lines[f.line][:f.start])
		}
		a.add(p)
	}
}

// isRefusal reports that words start with a reply that refuses something.
func isRefusal(words string) bool {
	return isReplyLine(words) && words[0] >= '4' && len(words) > 4
}

// deliveredBeside reports that an address stands in a list of those that got the mail,
// beside one of those that did not, which gives reasons.
func (a *assembly) deliveredBeside(f found, grade, best int) bool {
	const told = 1<<layouts.RoleDelivered | 1<<layouts.RoleFailed | 1<<layouts.RoleDelayed | 1<<layouts.RoleFinal
	if grade != alone || best != labelledRcpt {
		return false
	}
	for n := f.line - 1; n >= a.from; n-- {
		if roles := a.r.scan.Lines[n] & told; roles != 0 {
			return roles == 1<<layouts.RoleDelivered
		}
	}
	return false
}

// firstWords returns the first line that speaks of failure or delivery.
func (a *assembly) firstWords() int {
	const told = 1<<layouts.RoleFailed | 1<<layouts.RoleDelayed | 1<<layouts.RoleDelivered | 1<<layouts.RoleHeading | 1<<layouts.RoleFinal
	for n := a.from; n < a.to; n++ {
		if a.r.scan.Lines[n]&told != 0 {
			return n
		}
	}
	return a.to
}

// grade says how surely an address is a recipient; first is the first line that
// speaks of failure.
func (a *assembly) grade(f found, first int) int {
	r := a.r
	line := r.lines[f.line]
	before, after := around(line, f)
	near := r.near(f)
	own := before == ""
	switch {
	case near.Has(layouts.RoleContact) && !(own && strings.HasPrefix(after, ":")):
		return notRecipient
	case near.Has(layouts.RoleSender), near.Has(layouts.RoleMail):
		return notRecipient
	case !own && r.asksAfter(f):
		return notRecipient
	case isQuoted(line) && first < f.line && !isQuoted(r.lines[first]):
		return mentioned // in what the sender wrote
	}
	roles := r.scan.Lines[f.line]
	if f.line >= first && (r.isAddressList(f.line) || !own && f.line > first && r.inNamedList(f)) {
		return alone
	}
	if !own && f.line >= first && fateBefore(line[:f.start]) != "" {
		return labelledRcpt
	}
	if own {
		switch {
		case f.line < first:
			return spokenOf
		case after == "", after == ",", after == ";":
			return alone
		case after[0] == ';' && dsn.HasReply(after):
			return labelledRcpt
		case strings.IndexByte(".,;?!", after[0]) >= 0 && !strings.HasPrefix(after, "..."):
			return mentioned // a sentence runs through the line's start
		case strings.IndexByte(":([#", after[0]) >= 0, strings.HasPrefix(after, "..."), dsn.HasReply(after), fateBehind(after) != "":
			return labelledRcpt
		}
		return alone
	}
	const words = 1<<layouts.RoleFailed | 1<<layouts.RoleReason | 1<<layouts.RoleHeading | 1<<layouts.RoleDelayed | 1<<layouts.RoleDelivered
	if roles&words != 0 || near != 0 || dsn.HasReply(line) {
		if f.line < first && !isRefusal(strings.TrimSpace(line)) {
			return mentioned
		}
		return spokenOf
	}
	return mentioned
}

// isAddressList reports that a line holds several addresses and nothing else.
func (r *proseReader) isAddressList(n int) bool {
	count, end := 0, 0
	for _, f := range r.addrs {
		if f.line == n {
			if strings.Trim(r.lines[n][end:f.start], " \t<>,;\"'") != "" {
				return false
			}
			count, end = count+1, f.end
		}
	}
	return count > 1 && strings.Trim(r.lines[n][end:], " \t<>,;.\"'") == ""
}

// asksAfter reports that an address is followed by words that make it a contact, as
// in languages whose verb comes last.
func (r *proseReader) asksAfter(f found) bool {
	line := r.lines[f.line]
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(line[:f.start], "<\"'( "))
	if last < firstUnspaced {
		return false
	}
	at := bytes.Index(r.scan.Body.Line(f.line), []byte(strings.ToLower(f.address)))
	return at >= 0 && r.scan.Follows(layouts.RoleContact, f.line, at+len(f.address), 24)
}

// around returns what stands before and after an address in its line, without
// bullets, brackets and quotes.
func around(line string, f found) (before, after string) {
	before = strings.Trim(line[:f.start], " \t<\"'([*-+>•·|:=#~–—・●■○◆")
	after = strings.TrimLeft(strings.TrimLeft(line[f.end:], ">\"')]"), " \t")
	return before, after
}

// fromSubject takes an address that the subject names with words of failure.
func (a *assembly) fromSubject() {
	if a.layout == nil && !a.r.scan.Subject.Has(layouts.RoleSubject) && !a.r.scan.Subject.Has(layouts.RoleFailed) {
		return
	}
	subject := a.r.doc.header.get("Subject")
	if address := addressIn(subject); address != "" && !a.r.isOwn(address) {
		a.add(addressee{address: address, line: -1})
	}
}

// subject takes the subject for the reason where a server puts it there.
func (a *assembly) subject() reason {
	roles := a.r.scan.Subject
	if !roles.Has(layouts.RoleTold) || !roles.Has(layouts.RoleReason) {
		return reason{}
	}
	subject := a.r.doc.header.get("Subject")
	out := reason{words: a.r.oneLine(maxDiagnostic, subject), rank: rankWords, line: -1}
	out.reply, out.status = dsn.Codes(subject)
	return out
}
