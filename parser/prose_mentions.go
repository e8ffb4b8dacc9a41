package parser

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// A mention is another place that names a recipient.
type mention struct {
	key          string
	line, offset int
}

// nextMention returns the first line behind line that names somebody else than key
// once more, a.to where there is none.
func (a *assembly) nextMention(line int, key string) int {
	for _, m := range a.again {
		if m.line > line && m.key != key {
			return m.line
		}
	}
	return a.to
}

// mentioned returns the stretch that belongs to mention m of a person.
func (a *assembly) mentioned(m mention) stretch {
	return stretch{from: m.line, to: min(a.nextMention(m.line, m.key), a.to), offset: m.offset}
}

// ownMentions gives person i the lines behind its further mentions.
func (a *assembly) ownMentions(i int, owners []int32) {
	for _, m := range a.again {
		if m.key != a.people[i].key {
			continue
		}
		for b, n := a.mentioned(m), 0; b.from+n < b.to; n++ {
			owners[b.from+n] = int32(i)
		}
	}
}

// arrived reports that the line that names person i, or the one above all of its kind,
// says that the mail was delivered: why it was refused is about the others.
func (a *assembly) arrived(i int) bool {
	act := dsn.ParseAction(a.people[i].find.Action)
	if act == "" {
		act = a.headingAction(i)
	}
	switch act {
	case dsn.Delivered, dsn.Relayed, dsn.Expanded:
		return true
	}
	return false
}

// ofAnother reports that words name somebody else than person i.
func (a *assembly) ofAnother(words string, i int) bool {
	address := addressIn(words)
	return address != "" && dsn.AddressKey(address) != a.people[i].key
}

// manyNamed is up to how many recipients are looked for in each other's lines.
const manyNamed = 64

// naming returns the refusal in a line that names person i a second time: a server
// that lists its recipients first tells the reasons below, in any order.
func (a *assembly) naming(i int) reason {
	p := &a.people[i]
	if len(a.people) < 2 || len(a.people) > manyNamed || p.line < 0 {
		return reason{}
	}
	for n := a.from; n < a.to; n++ {
		if n == p.line || !a.r.scan.Body.Has(n, layouts.At) || dsn.AddressKey(addressIn(a.r.lines[n])) != p.key {
			continue
		}
		if found := a.r.readReason(stretch{from: n, to: n + 1}, a.skip); found.rank >= rankReply {
			return found
		}
	}
	return reason{}
}

// about returns the lines that are about person i: its block, or what stands above it
// where the layout puts the reason there.
func (a *assembly) about(i int) stretch {
	if a.layout == nil || a.layout.Report.ReasonFrom != "before" {
		return a.block(i)
	}
	s := stretch{from: a.from, to: min(a.people[i].line+1, a.to)}
	if i > 0 && a.people[i-1].line >= s.from {
		s.from = a.people[i-1].line + 1
	}
	return s
}

// disown looks for a better reason of person i than one that names somebody else.
func (a *assembly) disown(i int, why *reason) {
	own := reason{}
	a.elsewhere(i, &own)
	if own.rank != rankNone || a.arrived(i) {
		*why = own
	}
}

// elsewhere takes the reason of person i from another line that starts with its
// address, as Sendmail lists the recipients first and says later what befell each:
// "<anna@example.com>... Deferred".
func (a *assembly) elsewhere(i int, why *reason) {
	p := &a.people[i]
	if len(a.people) < 2 || why.rank >= rankStatus {
		return
	}
	for _, f := range a.r.addrs {
		if f.line < p.line || f.line >= a.to || a.inDialogue(f.line) || !dsn.SameAddress(f.address, p.address) {
			continue
		}
		offset := opensLine(a.r.lines[f.line], f)
		if offset < 0 {
			continue
		}
		found := a.r.readReason(stretch{from: f.line, to: f.line + 1, offset: offset}, a.skip)
		if found.rank > why.rank {
			*why = found
			return
		}
	}
}

// sessionOfAnother reports that the refusal of the whole session is quoted below the
// name of somebody else than address, as a server does that has a paragraph for each.
func (a *assembly) sessionOfAnother(address string) bool {
	owner := -1
	for i := range a.people {
		if line := a.people[i].line; line >= 0 && line < a.dialogue.session.line && (owner < 0 || line > a.people[owner].line) {
			owner = i
		}
	}
	return owner >= 0 && len(a.people) > 1 && !dsn.SameAddress(a.people[owner].address, address) && !a.listed(owner-min(owner, 1))
}

// opensLine returns where the words start behind an address, or a list of which it is
// one, that opens a line, -1 for any other place: "<anna@example.com>... Deferred",
// "anna@example.com,otto@example.com... Deferred".
func opensLine(line string, f found) int {
	before, after := around(line, f)
	if before == "" && (strings.HasPrefix(after, "...") || strings.HasPrefix(after, ":")) {
		return f.end
	}
	list := strings.Index(line, "...")
	if list < f.end || strings.IndexByte(line[:list], ',') < 0 {
		return -1
	}
	for name := range strings.SplitSeq(line[:list], ",") {
		if name = strings.TrimSpace(name); strings.IndexByte(name, '@') < 1 || strings.IndexByte(name, ' ') >= 0 {
			return -1
		}
	}
	return list
}

// lists returns for each person the line that heads the list it stands in, "The following
// addresses do not exist:", -1 for none; nil where there are not several such lists.
func (a *assembly) lists() []int {
	if len(a.people) < 2 || len(a.people) > manyNamed {
		return nil
	}
	heads, first, several := make([]int, len(a.people)), -1, false
	for i := range a.people {
		heads[i] = a.listHeading(i)
		if heads[i] >= 0 {
			several = several || first >= 0 && heads[i] != first
			first = heads[i]
		}
	}
	if !several {
		return nil
	}
	return heads
}

// headingReason takes the heading of a list for the reason.
func (a *assembly) headingReason(at int) reason {
	return a.r.patternReason(strings.TrimSuffix(strings.TrimSpace(a.r.lines[at]), ":"), at)
}

// listHeading returns the line that heads the list that person i stands in, -1 where
// none does.
func (a *assembly) listHeading(i int) int {
	for n := min(a.people[i].line, a.to) - 1; n >= a.from; n-- {
		switch line := strings.TrimSpace(a.r.lines[n]); {
		case line == "", a.r.scan.Body.Has(n, layouts.At):
		case a.headsList(n, line):
			return n
		default:
			return -1
		}
	}
	return -1
}

// headsList reports whether line n without an address is a sentence that a list follows,
// or no more than the reason of those in it: "No such user:".
func (a *assembly) headsList(n int, line string) bool {
	return strings.HasSuffix(line, ":") && (len(line) > 20 || len(line) > 8 && a.r.scan.Lines[n].Has(layouts.RoleFailed) && !a.r.scan.Lines[n].Has(layouts.RoleLabel))
}

// untilHeading returns where the block of person i ends that the next person, at line
// next, follows: above the heading of the next list, which is about that one.
func (a *assembly) untilHeading(i, next int) int {
	from := max(a.people[i].line+1, a.from)
	n := next - 1
	for n > from && a.r.isBlank(n) {
		n--
	}
	if n > from && a.r.isBlank(n-1) && !a.r.scan.Body.Has(n, layouts.At) && a.headsList(n, strings.TrimSpace(a.r.lines[n])) {
		return n
	}
	return next
}

// listed reports that only blank lines stand between person i and the next.
func (a *assembly) listed(i int) bool {
	b := a.block(i)
	if i+1 < len(a.people) && b.to < a.people[i+1].line {
		return false // the heading of another list stands between them
	}
	for n := b.from + 1; n < b.to; n++ {
		if !a.r.isBlank(n) {
			return false
		}
	}
	return true
}

// share gives persons without a reason that of the text they share: what follows
// the list that they stand in, else what stands before it, else the whole.
func (a *assembly) share(out []reason) {
	var common reason
	asked := false
	lists := a.lists()
	for i := len(out) - 1; i >= 0; i-- {
		if out[i].rank >= rankLabel || a.arrived(i) {
			continue
		}
		if out[i].rank == rankNone && lists != nil && lists[i] >= 0 {
			out[i] = a.headingReason(lists[i])
			continue
		}
		if i+1 < len(out) && out[i].rank == rankNone && out[i+1].rank > rankNone && a.listed(i) {
			out[i] = out[i+1]
			a.better(&out[i], a.people[i].address)
			continue
		}
		if !asked {
			common, asked = a.shared(), true
		}
		if common.rank > out[i].rank && (out[i].rank < rankWords || common.rank >= rankReply) {
			out[i] = common
		}
	}
}
