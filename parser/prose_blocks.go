package parser

import (
	"slices"
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// reasons finds the reason of each person: in the dialogue, in the lines after it
// (up to the next person), before it, or shared by all.
func (a *assembly) reasons() []reason {
	out := slices.Grow(a.room, len(a.people))[:len(a.people)]
	a.room = out
	where := ""
	if a.layout != nil {
		where = a.layout.Report.ReasonFrom
	}
	for i := range a.people {
		switch where {
		case "before":
			out[i] = a.before(i)
		case "shared":
			out[i] = reason{}
		default:
			out[i] = a.after(i)
		}
		a.better(&out[i], a.people[i].address)
		a.elsewhere(i, &out[i])
		a.byPattern(i, &out[i])
		if len(a.people) > 1 && a.ofAnother(out[i].words, i) {
			a.disown(i, &out[i])
		}
		if out[i].rank == rankNone || a.ofAnother(out[i].words, i) {
			if found := a.naming(i); found.rank >= rankReply {
				out[i] = found
			}
		}
	}
	a.share(out)
	for i := range out {
		a.complement(i, &out[i])
	}
	return out
}

// byPattern asks the layout's own patterns for the lines of person i, or for all
// lines where the reason does not follow its recipient.
func (a *assembly) byPattern(i int, why *reason) {
	if a.layout == nil || len(a.layout.Report.Reason) == 0 {
		return
	}
	a.matchReason(i, why, a.block(i))
	if why.rank < rankPattern && (len(a.people) == 1 || a.layout.Report.ReasonFrom != "") {
		a.matchReason(i, why, stretch{from: a.from, to: a.to})
	}
}

func (a *assembly) matchReason(i int, why *reason, b stretch) {
	for n := b.from; n < b.to; n++ {
		for _, pattern := range a.layout.Report.Reason {
			f, ok := a.r.scan.FindLine(pattern, n, a.r.lines[n])
			if !ok {
				continue
			}
			if f.Reason != "" && why.rank < rankPattern {
				found := a.r.patternReason(a.r.wrapped(f.Reason, n, b.to), n)
				if why.rank < rankReply || found.reply != "" {
					*why = found
				}
			}
			a.people[i].find.Merge(f)
		}
	}
}

// wrapped adds to words at the end of line n the indented lines that carry them on.
func (r *proseReader) wrapped(words string, n, to int) string {
	if !strings.HasSuffix(r.lines[n], words) {
		return words
	}
	indent := len(r.lines[n]) - len(unindent(r.lines[n]))
	if isReplyLine(words) && len(words) > 3 && words[3] == '-' {
		for n+1 < to && len(words) < maxDiagnostic && strings.HasPrefix(strings.TrimLeft(r.lines[n+1], " \t"), words[:3]) {
			n++
			words += " " + unindent(r.lines[n]) // a reply of several lines
		}
	}
	for n++; n < to && len(words) < maxDiagnostic; n++ {
		line := unindent(r.lines[n])
		if line == "" || len(r.lines[n])-len(line) <= indent {
			break
		}
		words += " " + line
	}
	return words
}

// complement looks for the server and the stage: in the lines of the reason, then
// in the whole block of person i.
func (a *assembly) complement(i int, why *reason) {
	if why.rank == rankNone {
		return
	}
	r := a.r
	own := stretch{from: why.from, to: why.to}
	if why.stage == "" {
		why.stage = r.stageOf(why.text, own)
	}
	if why.host == "" {
		why.host = r.scan.Host(r.lines, own.from, own.to)
	}
	if a.people[i].line < 0 && len(a.people) > 1 {
		return
	}
	b := a.block(i)
	if why.status == "" && why.line > b.from && why.line < b.to {
		why.status = a.besideName(b, why.reply)
	}
	if why.host == "" {
		why.host = r.scan.Host(r.lines, b.from, b.to)
	}
	if why.stage == "" {
		why.stage = r.stageOf("", b)
	}
}

// besideName returns the status code that stands behind the name of a person, in its
// line, where it is of the class of the reply that was found elsewhere.
func (a *assembly) besideName(b stretch, reply string) string {
	_, status := dsn.Codes(a.r.lines[b.from])
	if status == "" || reply != "" && reply[0] != status[0] {
		return ""
	}
	return status
}

// better takes what the dialogue says of a person where that tells more.
func (a *assembly) better(why *reason, address string) {
	s, ok := a.dialogue.said[dsn.AddressKey(address)]
	if !ok && why.rank < rankReply && a.dialogue.session.words != "" && (why.rank < rankWords || !a.sessionOfAnother(address)) {
		s, ok = a.dialogue.session, true
	}
	if !ok {
		if !a.sessionOfAnother(address) {
			why.addStatus(a.dialogue.session)
		}
		return
	}
	if found := s.reason(); found.rank > why.rank {
		*why = found
	} else {
		if why.stage == "" {
			why.stage = s.stage
		}
		if why.host == "" {
			why.host = s.host
		}
		why.addStatus(s)
	}
}

// block returns the stretch that belongs to person i: from behind its address to
// the next person, or to the end of the report.
func (a *assembly) block(i int) stretch {
	p := &a.people[i]
	s := stretch{from: max(p.line, a.from), to: a.to, offset: p.offset}
	if p.line < 0 {
		s.offset = 0
	}
	for _, q := range a.people[i+1:] {
		if q.line > p.line {
			s.to = a.untilHeading(i, q.line)
			break
		}
		if q.line == p.line {
			s.to = p.line + 1
			break
		}
	}
	if len(a.people) > 1 && p.line >= 0 {
		s.to = min(s.to, a.nextMention(p.line, p.key))
	}
	return s
}

// after reads the reason that follows a person.
func (a *assembly) after(i int) reason {
	if a.people[i].line < 0 {
		return reason{}
	}
	best := a.r.bestReason(a.block(i), true, a.skip)
	if len(a.again) > 0 && len(a.people) > 1 {
		for _, m := range a.again {
			if m.key != a.people[i].key {
				continue
			}
			if found := a.r.bestReason(a.mentioned(m), true, a.skip); found.rank > best.rank {
				best = found
			}
		}
	}
	return best
}

// before reads the reason that precedes a person: the paragraph that ends on the
// line above it.
func (a *assembly) before(i int) reason {
	p := &a.people[i]
	if p.line <= a.from {
		return reason{}
	}
	from := a.from
	if i > 0 && a.people[i-1].line >= from {
		from = a.people[i-1].line + 1
	}
	var last reason
	a.r.paragraphs(stretch{from: from, to: p.line}, func(s stretch) bool {
		if found := a.r.readReason(s, a.skip); found.rank >= last.rank {
			last = found
		}
		return true
	})
	return last
}

// shared reads the reason in the lines before the first person; where no line
// names one, in all lines.
func (a *assembly) shared() reason {
	to := a.to
	if len(a.people) > 0 && a.people[0].line >= 0 {
		to = min(a.people[0].line, a.to)
		if len(a.people) == 1 {
			to = min(to+1, a.to)
		}
	}
	found := a.r.bestReason(stretch{from: a.from, to: to}, false, a.skip)
	if found.rank < rankReply {
		if why := a.heading(); why.rank != rankNone {
			found = why
		}
	}
	if found.rank == rankNone {
		found = a.subject()
	}
	if found.rank == rankNone && a.people[0].line < 0 {
		found = a.longest()
	}
	return found
}

// heading takes the line above the first person for the reason where it gives one.
func (a *assembly) heading() reason {
	for n := min(a.people[0].line, a.to) - 1; n >= a.from; n-- {
		line := strings.TrimSpace(a.r.lines[n])
		if line == "" {
			continue
		}
		const told = 1<<layouts.RoleLabel | 1<<layouts.RoleFailed | 1<<layouts.RoleReason
		if len(line) > 40 && a.r.scan.Lines[n]&told == told {
			if !strings.HasSuffix(line, ":") && n+1 == a.people[0].line {
				return a.sentence(n)
			}
			return a.r.patternReason(strings.TrimSuffix(line, ":"), n)
		}
		break
	}
	return reason{}
}

// sentence takes the words from line n to the end of their paragraph for the reason, as
// they run through the lines that name the recipients.
func (a *assembly) sentence(n int) reason {
	to := n + 1
	for to < a.to && !a.r.isBlank(to) {
		to++
	}
	out := a.r.patternReason(strings.TrimSpace(strings.Join(a.r.lines[n:min(to, n+8)], "\n")), n)
	out.to = to
	return out
}

// longest takes the longest paragraph for the reason, where nothing else is left.
func (a *assembly) longest() reason {
	var best reason
	a.r.paragraphs(stretch{from: a.from, to: a.to}, func(s stretch) bool {
		if found := a.r.readReason(s, a.skip); len(found.words) > len(best.words) && len(found.words) > 40 {
			best = found
		}
		return true
	})
	return best
}

// owners returns for each line whose block it belongs to, -1 for nobody's.
func (a *assembly) owners() []int32 {
	owners := slices.Grow(a.owned[:0], a.to)[:a.to]
	a.owned = owners
	for n := range owners {
		owners[n] = -1
	}
	for i := range a.people {
		if a.people[i].line < 0 {
			continue
		}
		for n, b := 0, a.about(i); b.from+n < b.to; n++ {
			owners[b.from+n] = int32(i)
		}
		if len(a.people) > 1 {
			a.ownMentions(i, owners)
		}
	}
	return owners
}

// context returns what else the message says about person i: the heading, its own
// block, what all share; not the blocks of the others.
func (a *assembly) context(i int, owners []int32, noise bool) string {
	var room [32]string
	lines, size := room[:0], 0
	for n := a.from; n < a.to && size < maxContext; n++ {
		if owners[n] >= 0 && owners[n] != int32(i) && n != a.people[i].line {
			continue
		}
		if a.inDialogue(n) {
			if len(a.people) > 1 || a.sumsUp(n) || a.r.scan.Lines[n].Has(layouts.RoleFollowOn) {
				continue
			}
		} else if !noise && a.skip(n) {
			continue
		}
		if a.r.scan.Lines[n].Has(layouts.RoleContact) || a.r.lines[n] == "" {
			continue
		}
		lines = append(lines, a.r.lines[n])
		size += len(a.r.lines[n])
	}
	return a.r.oneLine(maxContext, lines...)
}
