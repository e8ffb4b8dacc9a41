package parser

import (
	"slices"
	"strconv"
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// An addressee is a recipient in the prose before its reason is known.
type addressee struct {
	address  string
	key      string // what the spellings of the address have in common
	original string
	line     int // where it is named, -1 where only the header names it
	offset   int // in that line, behind the address
	find     layouts.Find
}

// An assembly puts together what the prose says of each recipient.
type assembly struct {
	r        *proseReader
	layout   *layouts.Layout // nil: the general grammar alone
	sign     proseSign
	from, to int // the lines of the report
	dialogue transcript
	people   []addressee
	known    map[string]bool // the keys of the addresses, once they are many
	again    []mention       // where the layout's lines name one of them once more
	told     dsn.Action      // what became of all, once it was asked for

	room  []reason
	owned []int32
}

// reset makes the assembly ready for another message.
func (a *assembly) reset() {
	clear(a.people)
	clear(a.room)
	*a = assembly{people: a.people[:0], room: a.room[:0], owned: a.owned[:0]}
}

// forget gives up the recipients found.
func (a *assembly) forget() { a.people, a.known = a.people[:0], nil }

// read finds the recipients.
func (a *assembly) read() {
	if a.layout != nil {
		a.bound()
	}
	a.to = a.status()
	a.r.skips = slices.Grow(a.r.skips[:0], len(a.r.lines))[:len(a.r.lines)]
	clear(a.r.skips)
	a.dialogue = a.r.readTranscript(a.from, a.to)
	if a.layout != nil {
		a.fromLayout()
	}
	if len(a.people) == 0 {
		a.fromGrammar()
	}
	a.complete()
	if len(a.people) == 0 {
		a.fromDialogue()
	}
	if len(a.people) == 0 {
		a.fromHeader()
	}
	if len(a.people) == 0 {
		a.nameless()
	}
	slices.SortStableFunc(a.people, func(x, y addressee) int { return x.line - y.line })
}

// bound narrows the report to the lines that the layout says it has.
func (a *assembly) bound() {
	if n := a.r.firstMatch(a.layout.Report.Start, a.from, a.to); n < a.to {
		a.from = n + 1
	}
	a.to = a.r.firstMatch(a.layout.Report.End, a.from, a.to)
}

// firstMatch returns the first line between from and to that one of the layout's
// patterns matches, to where there is none.
func (r *proseReader) firstMatch(patterns []*layouts.Pattern, from, to int) int {
	for n := from; n < to && len(patterns) > 0; n++ {
		if r.matchAny(patterns, n) {
			return n
		}
	}
	return to
}

// matchAny reports that one of the layout's patterns matches line n.
func (r *proseReader) matchAny(patterns []*layouts.Pattern, n int) bool {
	for _, p := range patterns {
		if r.scan.MatchLine(p, n, r.lines[n]) {
			return true
		}
	}
	return false
}

// add adds a recipient that is not known yet.
func (a *assembly) add(p addressee) {
	p.address = dsn.CleanAddress(p.address)
	if p.address == "" || len(a.people) >= maxRecipients {
		return
	}
	p.key = dsn.AddressKey(p.address)
	if a.knows(p.key) {
		if a.layout != nil && p.line >= 0 && len(a.again) < maxRecipients {
			a.again = append(a.again, mention{p.key, p.line, p.offset})
		}
		return
	}
	a.people = append(a.people, p)
}

// few is how many recipients are looked through one by one.
const few = 16

// knows reports that a recipient with that key was added; where not, it will be.
func (a *assembly) knows(key string) bool {
	if len(a.people) < few {
		for i := range a.people {
			if a.people[i].key == key {
				return true
			}
		}
		return false
	}
	if a.known == nil {
		a.known = map[string]bool{}
		for i := range a.people {
			a.known[a.people[i].key] = true
		}
	}
	if a.known[key] {
		return true
	}
	a.known[key] = true
	return false
}

// status returns the line at which a pasted delivery status (RFC 3464) starts, which
// is read elsewhere; a.to where there is none.
func (a *assembly) status() int {
	r := a.r
	for n := a.from; n < a.to; n++ {
		if !r.scan.Body.Has(n, layouts.Colon) || fieldOfStatus(r.lines[n]) != "recipient" {
			continue
		}
		first := n
		for i := n - 1; i >= a.from; i-- {
			if fieldOfStatus(r.lines[i]) != "" {
				first = i
			} else if !r.isBlank(i) && !isField(r.lines[i]) {
				break
			}
		}
		return first
	}
	return a.to
}

func fieldOfStatus(line string) string {
	name, _, ok := strings.Cut(line, ":")
	if !ok || len(name) > 24 {
		return ""
	}
	return statusField(strings.TrimSpace(name))
}

// fromLayout reads the lines that the layout says name a recipient.
func (a *assembly) fromLayout() {
	r := a.r
	for n := a.from; n < a.to; n++ {
		if a.inDialogue(n) && isSpoken(r.lines[n]) {
			continue
		}
		for _, p := range a.layout.Report.Recipient {
			f, ok := r.scan.FindLine(p, n, r.lines[n])
			if !ok || f.Address == "" {
				continue
			}
			offset := f.End
			if f.ReasonAt >= 0 {
				offset = f.ReasonAt
			}
			a.add(addressee{address: f.Address, original: f.Original, line: n, offset: offset, find: f})
			break
		}
	}
}

func (a *assembly) inDialogue(n int) bool { return n >= a.dialogue.from && n < a.dialogue.to }

// fromDialogue takes the recipients that were refused in the dialogue.
func (a *assembly) fromDialogue() {
	for _, address := range a.dialogue.order {
		a.add(addressee{address: address, line: -1})
	}
}

// fromHeader takes the recipients that Exim and Gmail name in the header.
func (a *assembly) fromHeader() {
	for _, value := range a.r.doc.header.all("X-Failed-Recipients") {
		for _, address := range appendAddresses(nil, value) {
			a.add(addressee{address: address, line: -1})
		}
	}
}

// complete gives local parts that stand alone the address that the header names.
func (a *assembly) complete() {
	var named []string
	for i := range a.people {
		if strings.Contains(a.people[i].address, "@") {
			continue
		}
		if named == nil {
			for _, value := range a.r.doc.header.all("X-Failed-Recipients") {
				named = appendAddresses(named, value)
			}
		}
		for _, full := range named {
			if at := strings.LastIndexByte(full, '@'); strings.EqualFold(full[:at], a.people[i].address) {
				a.people[i].address = full
			}
		}
		if a.layout != nil && a.layout.Report.Domain != "" && !strings.Contains(a.people[i].address, "@") {
			a.people[i].address += "@" + a.layout.Report.Domain
		}
	}
}

// nameless adds a recipient without a name where the text gives a reason: the
// returned message may name it.
func (a *assembly) nameless() {
	all := a.r.scan.Subject | a.r.anyRole(a.from, a.to)
	if !all.Has(layouts.RoleFailed) && !all.Has(layouts.RoleDelayed) && a.layout == nil {
		return
	}
	if a.sign != strongSign && !isNullPath(a.r.doc.header) {
		return
	}
	if a.localNames(); len(a.people) > 0 {
		return
	}
	doc := a.r.doc
	if len(doc.attached) == 0 && len(doc.statuses) == 0 && len(a.r.lines) == len(doc.prose) && a.layout == nil {
		why := a.r.bestReason(stretch{from: a.from, to: a.to}, false, a.skip)
		if why.rank < rankStatus {
			return // nothing was returned, and no server is quoted
		}
	}
	a.people = append(a.people, addressee{line: -1})
}

// skip reports that a line says nothing of a reason.
func (a *assembly) skip(n int) bool {
	r := a.r
	if r.skips[n] == 0 {
		r.skips[n] = 1
		if a.saysNothing(n) {
			r.skips[n] = 2
		}
	}
	return r.skips[n] == 2
}

func (a *assembly) saysNothing(n int) bool {
	r := a.r
	if a.inDialogue(n) {
		return true
	}
	if a.layout != nil && r.matchAny(a.layout.Report.Skip, n) {
		return true
	}
	return r.scan.Lines[n].Has(layouts.RoleNoise) || sumsUpHeader(r.lines[n])
}

// summaryFields are fields of the returned message that reports repeat in their prose.
// They say nothing of a reason.
var summaryFields = [...]string{"from", "sender", "subject", "date", "sent", "message-id"}

// sumsUpHeader reports that a line repeats a field of the returned message.
func sumsUpHeader(line string) bool {
	colon := strings.IndexByte(line, ':')
	if colon < 4 || colon > 20 {
		return false
	}
	name := strings.TrimSpace(line[:colon])
	for _, f := range summaryFields {
		if len(f) == len(name) && strings.EqualFold(f, name) {
			return !dsn.HasReply(line[colon:])
		}
	}
	return false
}

// recipients gives each person its reason.
func (a *assembly) recipients(report *proseReport) []dsn.Recipient {
	reasons, owners := a.reasons(), a.owners()
	out := make([]dsn.Recipient, len(a.people))
	for i := range a.people {
		a.fill(&out[i], i, &reasons[i], report)
		out[i].Context = a.context(i, owners, out[i].Diagnostic == "")
	}
	return out
}

// fill fills in what is known of person i: its reason and what the layout caught.
func (a *assembly) fill(rec *dsn.Recipient, i int, why *reason, report *proseReport) {
	p := &a.people[i]
	why.finish(a.r)
	rec.Final, rec.Original, rec.Action, rec.Software = p.address, p.original, a.actionOf(i), report.layout
	rec.Status, rec.Reply, rec.Stage, rec.RemoteServer = why.status, why.reply, why.stage, why.host
	rec.ReportingServer, rec.Diagnostic = report.reportingServer, why.words
	rec.Origin, rec.ContextOrigin = bodyLine(why.line), bodyLine(a.from)
	switch {
	case why.rank == rankNone:
		rec.Diagnostic, rec.Origin = "", bodyLine(max(p.line, 0))
	case why.line < 0:
		rec.Origin = "subject"
	}
	if rec.Reply != "" && rec.Reply[0] < '4' && (rec.Action == dsn.Failed || rec.Action == dsn.Delayed) {
		rec.Reply, rec.Status = "", "" // a success that is told of is no reason
	}
	take(rec, &p.find)
	a.r.namedInReason(rec)
	if rec.Action == dsn.Delivered && refuses(rec) {
		rec.Action = dsn.Failed // a reply that refuses mail outweighs the words around it
	}
	if rec.Original != "" && (isProgram(rec.Final) || !strings.Contains(rec.Final, "@")) {
		rec.Final = rec.Original // mail to whom it was handed to a program, or who has a name and an address
	}
}

// refuses reports that the codes of a recipient are those of a failure.
func refuses(rec *dsn.Recipient) bool { return rec.Reply >= "4" || rec.Status >= "4" }

// bodyLines are the origins in the first lines of a text.
var bodyLines = func() (list [100]string) {
	for n := range list {
		list[n] = "body line " + strconv.Itoa(n+1)
	}
	return list
}()

func bodyLine(n int) string {
	if uint(n) < uint(len(bodyLines)) {
		return bodyLines[n]
	}
	return "body line " + strconv.Itoa(n+1)
}

// take takes over what the patterns of the layout caught.
func take(rec *dsn.Recipient, f *layouts.Find) {
	for _, c := range [...]struct {
		to    *string
		value string
	}{{&rec.Reply, f.Reply}, {&rec.Status, f.Status}, {&rec.RemoteServer, f.Host}, {&rec.Original, f.Original}} {
		if c.value != "" {
			*c.to = c.value
		}
	}
	if stage := dsn.CommandStage(f.Stage); stage != "" {
		rec.Stage = stage
	}
}
