package parser

import "strings"

// maxEnvelopeAddresses bounds how many addresses of a message's own envelope are kept.
const maxEnvelopeAddresses = 64

// envelopeFields name the recipient that a delivery agent writes down, the
// closest to the SMTP envelope first, then the fields an author wrote.
var envelopeFields = [...]string{
	"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To",
	"Apparently-To", "To", "Cc",
}

// sentTo returns the addresses a message with this header was sent to, each one
// once, those of the envelope before those of To and Cc.
func sentTo(h header) []string {
	var found []string
	for _, name := range envelopeFields {
		for _, value := range h.all(name) {
			found = appendAddresses(found, value)
		}
	}
	return found
}

// appendAddresses adds the addresses of an address list (RFC 5322 section 3.4) to
// list, leaving out those it holds. It takes any bytes: display names, comments
// and what is no address are passed over.
func appendAddresses(list []string, value string) []string {
	for _, word := range strings.FieldsFunc(value, betweenAddresses) {
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

func betweenAddresses(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>,;:()[]"`, r)
}

func contains(list []string, word string) bool {
	for _, known := range list {
		if known == word {
			return true
		}
	}
	return false
}
