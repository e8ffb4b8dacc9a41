package parser

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
)

// returnedHeader returns the header of the returned message: that of an attached
// message, or of one pasted into the text.
func (l *level) returnedHeader() header {
	for _, inner := range l.doc.attached {
		if looksLikeMail(inner.header) {
			return inner.header
		}
	}
	if l.prose.returned != nil {
		return l.prose.returned
	}
	for _, inner := range l.doc.attached {
		if len(inner.header) > 0 {
			return inner.header
		}
	}
	return nil
}

// looksLikeMail reports whether a header has the fields that a mail has.
func looksLikeMail(h header) bool {
	return h.has("From") || h.has("To") || h.has("Message-ID") || h.has("Received")
}

// originalOf describes the mail that came back.
func originalOf(h header) Original {
	if len(h) == 0 {
		return Original{}
	}
	return Original{
		MessageID: bareID(h.get("Message-ID")),
		From:      oneAddress(h.get("From")),
		To:        sentTo(h),

		ReturnPath: dsn.CleanAddress(h.get("Return-Path")),
		Subject:    onOneLine(h.get("Subject")),
		Date:       messageDate(h),
		ListID:     bareID(h.get("List-ID")),
	}
}

// bareID takes an identifier out of its angle brackets: "List <id>" is "id".
func bareID(s string) string {
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		if inner, _, ok := strings.Cut(s[open+1:], ">"); ok {
			s = inner
		}
	}
	return onOneLine(strings.Trim(s, " \t<>"))
}

// oneAddress returns the bare address of a From field, or its words without one.
func oneAddress(s string) string {
	var room [4]string
	if list := appendAddresses(room[:0], s); len(list) > 0 {
		return list[len(list)-1]
	}
	return onOneLine(s)
}

// recipientFields name whom a mail was sent to: what a feedback loop notes, the
// author's To, then the fields that delivery agents write.
var recipientFields = [...]string{hotmailRecipient, "X-Failed-Recipients", "To", "X-RCPT-TO", "X-Envelope-To", "Envelope-To",
	"X-Original-To", "Delivered-To", "X-Apparently-To", "Apparently-To", "Resent-To", "Cc"}

// returnedRecipients returns the addresses that a returned message was sent to.
func returnedRecipients(h header) []string {
	var list []string
	for _, name := range recipientFields {
		list = append(list, fieldAddresses(h, name)...)
	}
	return list
}

// returnedRecipient returns the one recipient of a returned message: the first field
// that holds one address alone tells it. A list of several does not say who failed,
// and the author's own address stands in the To of mail sent to hidden recipients.
func returnedRecipient(h header) string {
	from := oneAddress(h.get("From"))
	for _, name := range recipientFields {
		if list := fieldAddresses(h, name); len(list) == 1 && !sameRecipient(list[0], from) {
			return list[0]
		}
	}
	return receivedFor(h)
}

// isListMail reports whether a mail went through a list, whose address stands in its
// To in place of the recipient's.
func isListMail(h header) bool {
	return h.has("List-Id") || h.has("List-Post") || strings.EqualFold(strings.TrimSpace(h.get("Precedence")), "list")
}

// fieldAddresses returns the mail addresses in all fields of a name.
func fieldAddresses(h header, name string) []string {
	var list []string
	for i := range h {
		if h[i].is(name) {
			list = appendAddresses(list, h[i].value)
		}
	}
	kept := list[:0]
	for _, a := range list {
		if a = dsn.CleanAddress(a); dsn.IsMailAddress(a) {
			kept = append(kept, a)
		}
	}
	return kept
}

// receivedFor returns the address in the "for" clause of the first Received field
// that has one.
func receivedFor(h header) string {
	for _, value := range h.all("Received") {
		i := strings.LastIndex(value, " for ")
		if i < 0 {
			continue
		}
		word, _, _ := strings.Cut(strings.TrimSpace(value[i+len(" for "):]), " ")
		if a := dsn.CleanAddress(strings.TrimRight(word, ";")); dsn.IsMailAddress(a) {
			return a
		}
	}
	return ""
}

// supply fills in the addresses that a bounce leaves out: from its own header, then
// from the returned message, then from a variable envelope return path.
func (l *level) supply(recipients []dsn.Recipient, returned header) []dsn.Recipient {
	failed := fieldAddresses(l.doc.header, "X-Failed-Recipients")
	if len(recipients) == 0 {
		return l.supplyAll(failed, returned)
	}
	for i := range recipients {
		if !isRoutable(recipients[i].Final) {
			recipients = l.supplyMissing(recipients, failed, returned)
			break
		}
	}
	return addFailed(recipients, failed)
}

// addFailed adds the recipients that Exim names in X-Failed-Recipients and not in
// its text. The header holds addresses as they were given; the text may name where
// they lead, so a header that names no more than the text adds nobody.
func addFailed(recipients []dsn.Recipient, failed []string) []dsn.Recipient {
	if len(failed) == 1 && len(recipients) == 1 && recipients[0].Original == "" && !sameRecipient(failed[0], recipients[0].Final) {
		recipients[0].Original = failed[0]
	}
	more := len(failed) - len(recipients)
	for _, a := range failed {
		if more > 0 && indexOf(recipients, a) < 0 {
			recipients = append(recipients, dsn.Recipient{Final: a, Origin: failedOrigin})
			more--
		}
	}
	return recipients
}

// failedOrigin names where an address of X-Failed-Recipients stands.
const failedOrigin = "header field X-Failed-Recipients"

// supplyAll makes recipients for a bounce that names none.
func (l *level) supplyAll(failed []string, returned header) []dsn.Recipient {
	origin := failedOrigin
	if len(failed) == 0 {
		failed, origin = l.otherNames(returned)
	}
	var recipients []dsn.Recipient
	for _, a := range failed {
		recipients = append(recipients, dsn.Recipient{Final: a, Origin: origin, Context: headOfText(l.doc), ContextOrigin: "body line 1"})
	}
	return recipients
}

// otherNames finds the one recipient that a report without names is about: in the
// header of the returned message, or in a return path. Of list mail the return path
// knows more.
func (l *level) otherNames(returned header) (list []string, origin string) {
	named, path := returnedRecipient(returned), l.verpRecipient(returned)
	if path != "" && (named == "" || isListMail(returned)) {
		return []string{path}, "return path"
	}
	if named != "" {
		return []string{named}, "header of the returned message"
	}
	if a := l.listAddress(); a != "" {
		return []string{a}, "header field From"
	}
	return nil, ""
}

// listAddress returns the address of the mailing list that wrote a refusal, by the
// conventional names of its owner: news-owner@, news-bounces@, owner-news@.
func (l *level) listAddress() string {
	h := l.doc.header
	if !h.has("X-List-Administrivia") && !h.has("X-Mailman-Version") && !isListMail(h) {
		return ""
	}
	local, domain, ok := strings.Cut(oneAddress(h.get("From")), "@")
	if !ok {
		return ""
	}
	for _, suffix := range [...]string{"-owner", "-bounces", "-admin", "-request"} {
		if list, ok := strings.CutSuffix(local, suffix); ok && list != "" {
			return list + "@" + domain
		}
	}
	if list, ok := strings.CutPrefix(local, "owner-"); ok && list != "" {
		return list + "@" + domain
	}
	return ""
}

// supplyMissing gives an address to recipients without one. A local name takes the
// full address that ends in it.
func (l *level) supplyMissing(recipients []dsn.Recipient, failed []string, returned header) []dsn.Recipient {
	for i := range recipients {
		r := &recipients[i]
		if isRoutable(r.Final) {
			continue
		}
		if isRoutable(r.Original) {
			r.Final, r.Original = r.Original, r.Final
			continue
		}
		if dsn.IsMailAddress(r.Final) {
			continue
		}
		if a := fullAddress(r.Final, failed); a != "" {
			r.Final = a
			continue
		}
		if r.Final != "" {
			if a := fullAddress(r.Final, returnedRecipients(returned)); a != "" {
				r.Final = a
			} else if a := returnedRecipient(returned); len(recipients) == 1 && strings.Contains(r.Final, "/") && isRoutable(a) {
				r.Final, r.Original = a, r.Final // the name is that of a directory: X.500, Notes
			}
			continue
		}
		if a, _ := l.otherNames(returned); len(a) == 1 && len(recipients) == 1 {
			r.Final = a[0]
		}
	}
	return recipients
}

// isRoutable reports whether s is a mail address in a domain of the internet, and not
// that of a server's own queue, such as "user@ims-ms-daemon".
func isRoutable(s string) bool {
	return dsn.IsMailAddress(s) && strings.ContainsAny(s[strings.LastIndexByte(s, '@'):], ".:")
}

// fullAddress returns the address of the list that a local name stands for; without a
// name, the only address of the list.
func fullAddress(local string, list []string) string {
	if local == "" && len(list) == 1 {
		return list[0]
	}
	for _, a := range list {
		if at := strings.LastIndexByte(a, '@'); at > 0 && strings.EqualFold(a[:at], local) {
			return a
		}
	}
	return ""
}
