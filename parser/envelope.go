package parser

import "strings"

// maxEnvelopeAddresses bounds how many addresses of a message's own envelope are kept.
const maxEnvelopeAddresses = 64

// envelopeFields name the recipient that a delivery agent writes down, the
// closest to the SMTP envelope first, then the fields an author wrote.
var envelopeFields = newNameTable(
	"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To",
	"Apparently-To", "To", "Cc",
)

// addressees returns the addresses that the document was sent to, found once.
func (d *document) addressees() []string {
	if !d.addressed {
		d.addressed, d.to = true, sentTo(d.header)
	}
	return d.to
}

// sentTo returns the addresses a message with this header was sent to, each one
// once, those of the envelope before those of To and Cc.
func sentTo(h header) []string {
	var first [8]int // one more than where the first field of each name stands
	for i := range h {
		if place := envelopeFields.place(h[i].name); place >= 0 && first[place] == 0 {
			first[place] = i + 1
		}
	}
	var found []string
	for _, i := range first {
		if i == 0 {
			continue
		}
		name := h[i-1].name
		for ; i <= len(h); i++ {
			if f := &h[i-1]; f.is(name) {
				found = appendAddresses(found, f.value)
			}
		}
	}
	return found
}

// appendAddresses adds the addresses of an address list (RFC 5322 section 3.4) to
// list, leaving out those it holds. It takes any bytes: display names, comments
// and what is no address are passed over.
func appendAddresses(list []string, value string) []string {
	for value != "" {
		end := 0
		for end < len(value) && !betweenAddresses[value[end]] {
			end++
		}
		word := value[:end]
		value = value[min(end+1, len(value)):]
		at := strings.LastIndexByte(word, '@')
		if at < 1 || at == len(word)-1 || len(word) > 320 {
			continue
		}
		if len(list) >= maxEnvelopeAddresses {
			return list
		}
		if !contains(list, word) {
			list = append(list, word)
		}
	}
	return list
}

// betweenAddresses tells which bytes stand between the addresses of a list.
var betweenAddresses = func() (in [256]bool) {
	for c := range byte(' ') {
		in[c] = true
	}
	for _, c := range []byte("\x7f <>,;:()[]\"") {
		in[c] = true
	}
	return in
}()

func contains(list []string, word string) bool {
	for _, known := range list {
		if known == word {
			return true
		}
	}
	return false
}
