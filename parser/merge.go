package parser

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"golang.org/x/net/idna"
)

// recipients returns the recipients of a bounce, each one once: those of the
// delivery status with what the text says of them, and those that only the text
// names.
func (l *level) recipients() []dsn.Recipient {
	if len(l.listed) == 0 {
		return unique(l.prose.recipients)
	}
	merged := make([]dsn.Recipient, len(l.listed))
	for i := range l.listed {
		merged[i] = l.listed[i].Recipient
	}
	rest := l.pair(merged)
	for _, p := range rest {
		if l.prose.layout != "" && isInternet(p.Final) {
			merged = append(merged, p)
		}
	}
	for i := range l.listed {
		if r := &merged[i]; r.Final == "" && r.Original == "" {
			r.Final = l.listed[i].displayName
		}
	}
	if len(merged) == 1 && merged[0].Diagnostic == "" && merged[0].Context == "" {
		merged[0].Context, merged[0].ContextOrigin = headOfText(l.doc), "body line 1"
	}
	return unique(merged)
}

// pair merges what the text says into the recipients of the delivery status and
// returns those that the delivery status does not name. Two names of one person
// (an alias and where it leads) are paired where both sides have as many left.
func (l *level) pair(merged []dsn.Recipient) []dsn.Recipient {
	taken := make([]bool, len(merged))
	var rest []dsn.Recipient
	for _, p := range l.prose.recipients {
		if i := l.listedAs(p); i >= 0 {
			if sameRecipient(l.listed[i].actual, p.Final) {
				p.Final = merged[i].Final // where the alias leads is no other recipient
			}
			merge(&merged[i], p)
			taken[i] = isInternet(merged[i].Final)
			continue
		}
		rest = append(rest, p)
	}
	var free []int
	for i := range taken {
		if !taken[i] {
			free = append(free, i)
		}
	}
	if len(free) != len(rest) {
		return l.pairNameless(merged, free, rest)
	}
	for n, i := range free {
		merge(&merged[i], rest[n])
	}
	return nil
}

// pairNameless gives the recipients of the delivery status that have no address the
// words of the text in their order.
func (l *level) pairNameless(merged []dsn.Recipient, free []int, rest []dsn.Recipient) []dsn.Recipient {
	for _, i := range free {
		if len(rest) > 0 && !isInternet(merged[i].Final) && !isInternet(merged[i].Original) {
			merge(&merged[i], rest[0])
			rest = rest[1:]
		}
	}
	return rest
}

// listedAs returns which listed recipient the text speaks of, by any of its names.
func (l *level) listedAs(p dsn.Recipient) int {
	for _, name := range [...]string{p.Final, p.Original} {
		if name == "" {
			continue
		}
		for i := range l.listed {
			r := &l.listed[i]
			if sameRecipient(r.Final, name) || sameRecipient(r.Original, name) || sameRecipient(r.actual, name) {
				return i
			}
		}
	}
	return -1
}

// merge adds what the text says of a recipient to what the delivery status says.
// The words that tell more become the diagnostic, the others the context.
func merge(r *dsn.Recipient, p dsn.Recipient) {
	mergeNames(r, p)
	if richness(p.Diagnostic) > richness(r.Diagnostic) || covers(p.Diagnostic, r.Diagnostic) {
		p.Context = joinContext(p.Context, r.Diagnostic)
		r.Diagnostic, r.Origin = p.Diagnostic, p.Origin
	} else {
		p.Context = joinContext(p.Diagnostic, p.Context)
	}
	r.Context = joinContext(r.Context, p.Context)
	if r.ContextOrigin == "" {
		if r.ContextOrigin = p.ContextOrigin; r.ContextOrigin == "" {
			r.ContextOrigin = p.Origin
		}
	}
	r.Status = dsn.BetterStatus(r.Status, p.Status)
	fill := func(to *string, from string) {
		if *to == "" {
			*to = from
		}
	}
	fill(&r.Reply, p.Reply)
	fill((*string)(&r.Stage), string(p.Stage))
	fill(&r.RemoteServer, p.RemoteServer)
	fill(&r.ReportingServer, p.ReportingServer)
	fill(&r.Software, p.Software)
	fill((*string)(&r.Action), string(p.Action))
}

// isInternet reports whether s is a mail address, and none that stands for a name of
// another kind.
func isInternet(s string) bool {
	if !dsn.IsMailAddress(s) {
		return false
	}
	_, wrapped := dsn.Encapsulated(s)
	return !wrapped
}

// mergeNames keeps the final recipient of the delivery status and takes the name in
// the text for the original one, where it is another.
func mergeNames(r *dsn.Recipient, p dsn.Recipient) {
	switch {
	case isInternet(p.Final) && !isInternet(r.Final):
		r.Final = p.Final
	case r.Final == "":
		r.Final = p.Final
	}
	if r.Original == "" {
		if p.Original != "" && !sameRecipient(p.Original, r.Final) {
			r.Original = p.Original
		} else if isInternet(p.Final) && !sameRecipient(p.Final, r.Final) {
			r.Original = p.Final
		}
	}
}

// richness says how much the words of a server tell: nothing, a code, words, or a
// reply with words.
func richness(words string) int {
	if words == "" {
		return 0
	}
	letters := 0
	for i := 0; i < len(words); i++ {
		if c := words[i]; c >= 0x80 || 'a' <= c|0x20 && c|0x20 <= 'z' {
			letters++
		}
	}
	if letters < 4 {
		return 1
	}
	if reply, _ := dsn.Codes(words); reply != "" {
		return 3
	}
	return 2
}

// covers reports whether long says all that short says, and more.
func covers(long, short string) bool {
	return len(long) > len(short) && short != "" && strings.Contains(onOneLine(long), onOneLine(short))
}

// maxJoined bounds the context of a recipient.
const maxJoined = 4000

// joinContext joins two pieces of context, leaving out what the first one holds.
func joinContext(a, b string) string {
	switch {
	case b == "" || a == b || len(a) >= maxJoined || strings.Contains(a, b):
		return a
	case a == "":
		return b
	}
	return a + "\n" + b
}

// unique leaves each recipient once. A second mention adds to the first; a failure
// outweighs a delay, and the fate of an expanded name outweighs its expansion.
func unique(list []dsn.Recipient) []dsn.Recipient {
	if len(list) < 2 {
		return list
	}
	kept := make([]dsn.Recipient, 0, len(list))
	seen := make(map[string]int, len(list))
	for _, r := range list {
		key := recipientKey(r.Final)
		i, known := seen[key]
		if key == "" || !known {
			if key != "" {
				seen[key] = len(kept)
			}
			kept = append(kept, r)
			continue
		}
		if weight(r.Action) > weight(kept[i].Action) {
			kept[i], r = r, kept[i]
		}
		if weight(r.Action) != weight(kept[i].Action) {
			r.Status, r.Reply = "", "" // those of another fate
		}
		merge(&kept[i], r)
	}
	return dropExpanded(kept, seen)
}

// weight orders the fates of one recipient told twice in one message.
func weight(a dsn.Action) int {
	switch a {
	case dsn.Failed:
		return 3
	case dsn.Delayed:
		return 2
	case dsn.Delivered:
		return 1
	}
	return 0
}

// dropExpanded leaves out an alias that was expanded or relayed where the message
// tells the fate of the recipient behind it.
func dropExpanded(list []dsn.Recipient, seen map[string]int) []dsn.Recipient {
	drop := make(map[int]bool)
	for i := range list {
		j, ok := seen[recipientKey(list[i].Original)]
		if ok && j != i && weight(list[j].Action) == 0 && list[j].Action != "" {
			drop[j] = true
		}
	}
	if len(drop) == 0 {
		return list
	}
	kept := list[:0]
	for i := range list {
		if !drop[i] {
			kept = append(kept, list[i])
		}
	}
	return kept
}

// indexOf returns where list holds the recipient, or -1.
func indexOf(list []dsn.Recipient, address string) int {
	for i := range list {
		if sameRecipient(list[i].Final, address) {
			return i
		}
	}
	return -1
}

// sameRecipient reports whether two addresses are one, an internationalised domain
// and its ASCII form included.
func sameRecipient(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	return a == b || recipientKey(a) == recipientKey(b)
}

// recipientKey is what all spellings of an address have in common.
func recipientKey(a string) string {
	key := dsn.AddressKey(a)
	at := strings.LastIndexByte(key, '@')
	if at < 0 || isASCII(key[at:]) {
		return key
	}
	if domain, err := idna.Lookup.ToASCII(key[at+1:]); err == nil {
		return key[:at+1] + domain
	}
	return key
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
