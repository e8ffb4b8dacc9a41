package parser

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
)

// localNames takes the local parts that open a line below the words of failure, where
// the returned message was sent to several addresses with these local parts: old
// servers call their own users by name, "karin: no such user".
func (a *assembly) localNames() {
	list := a.r.sentTo()
	if len(list) < 2 || len(list) > manyNamed {
		return
	}
	for n := a.firstWords() + 1; n < a.to; n++ {
		line := strings.TrimSpace(a.r.lines[n])
		if isReplyLine(line) && line[0] >= '4' && len(line) > 4 {
			a.summedUp(line, n, list)
			continue
		}
		if a.inDialogue(n) {
			continue
		}
		name, end := openingName(a.r.lines[n])
		if name == "" {
			continue
		}
		if full := fullAddress(name, list); full != "" && !a.r.isOwn(full) {
			a.add(addressee{address: full, line: n, offset: end})
		}
	}
}

// summedUp takes the local part that the reporting server refused itself: "550 karin...
// User unknown".
func (a *assembly) summedUp(line string, n int, list []string) {
	name, end := openingName(line[4:])
	if name == "" || !strings.HasPrefix(line[4+end:], "...") {
		return
	}
	if full := fullAddress(name, list); full != "" && !a.r.isOwn(full) {
		a.dialogue.put(full, said{words: a.r.oneLine(maxDiagnostic, line), line: n})
		a.add(addressee{address: full, line: -1})
	}
}

// sentTo returns the addresses that the header of the returned message names.
func (r *proseReader) sentTo() []string {
	if len(r.returned) > 0 {
		return returnedRecipients(r.returned)
	}
	for _, inner := range r.doc.attached {
		if looksLikeMail(inner.header) {
			return returnedRecipients(inner.header)
		}
	}
	return nil
}

// openingName returns the word that opens a line, and where it ends, if it stands alone
// or is set off from the words behind it: "karin", "karin: no such user", "karin (full)".
func openingName(line string) (name string, end int) {
	start := 0
	for start < len(line) && strings.IndexByte(" \t*-<\"'", line[start]) >= 0 {
		start++
	}
	end = start
	for end < len(line) && isAtext(line[end]) {
		end++
	}
	name = strings.TrimRight(line[start:end], ".")
	end = start + len(name)
	rest := line[end:]
	after := strings.TrimLeft(rest, ">\"' \t")
	switch {
	case name == "", len(name) > 64:
		return "", 0
	case after == "", after[0] == ':', after[0] == '(', strings.HasPrefix(after, "..."), strings.HasPrefix(after, "- "), dsn.HasReply(after):
		return name, end
	}
	return "", 0
}

// namedInReason completes a recipient that has a name only with the address in angle
// brackets that the reason of it quotes: "550 <anna@example.com>... User unknown".
func (r *proseReader) namedInReason(rec *dsn.Recipient) {
	if rec.Final == "" || rec.Original != "" || strings.IndexByte(rec.Final, '@') >= 0 || isProgram(rec.Final) {
		return
	}
	open := strings.IndexByte(rec.Diagnostic, '<')
	if open < 0 {
		return
	}
	address, _, ok := strings.Cut(rec.Diagnostic[open+1:], ">")
	if ok && dsn.IsMailAddress(address) && !r.isOwn(address) {
		rec.Final, rec.Original = address, rec.Final
	}
}
