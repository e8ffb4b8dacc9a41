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
		for i := range h {
			if h[i].is(name) {
				found = appendAddresses(found, h[i].value)
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
