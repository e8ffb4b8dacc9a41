package rules

import "bytes"

// hide gives the folded passage without the words that say nothing of a reason, for the
// doubts: addresses, host names, URLs, and what the harmless rules match. Its letters
// are replaced one by one, so that places stay what they are.
func (s *Set) hide(sc *scratch) []byte {
	if sc.hid {
		return sc.hidden
	}
	sc.hid = true
	sc.hidden = append(sc.hidden[:0], sc.folded...)
	for _, i := range s.harmless {
		if sc.hits.Has(i) {
			s.hideMatches(i, sc)
		}
	}
	for from := 0; from < len(sc.hidden); {
		n := bytes.IndexByte(sc.hidden[from:], ' ')
		if n < 0 {
			n = len(sc.hidden) - from
		}
		hideNames(sc.hidden[from : from+n])
		from += n + 1
	}
	return sc.hidden
}

// hideMatches hides all that a harmless rule matches.
func (s *Set) hideMatches(i int, sc *scratch) {
	for at := 0; at < len(sc.folded); {
		from, to, ok := s.rules[i].matcher.Find(sc.folded[at:])
		if !ok || to == from {
			return
		}
		blot(sc.hidden[at+from : at+to])
		at += to
	}
}

// hideNames hides the names in a word: a URL up to its end, addresses and host names of
// three labels or more. A name of two labels may be two sentences without a space.
func hideNames(word []byte) {
	if at := bytes.Index(word, []byte("://")); at >= 0 {
		blot(word[at+3:])
		word = word[:at]
	}
	for from := 0; from < len(word); {
		to, dots, sign := from, 0, false
		for to < len(word) && addressSign(word[to]) {
			dots += isDot(word, to)
			sign = sign || word[to] == '@' && to > from
			to++
		}
		if sign || dots >= 2 {
			blot(word[from:to])
		}
		from = to + 1
	}
}

// inAddress reports whether a place in a text lies within one address.
func inAddress(text []byte, from, to int) bool {
	for _, c := range text[from:to] {
		if !addressSign(c) {
			return false
		}
	}
	start, end := from, to
	for start > 0 && addressSign(text[start-1]) {
		start--
	}
	for end < len(text) && addressSign(text[end]) {
		end++
	}
	return bytes.IndexByte(text[start:end], '@') > 0
}

// addressSign reports whether c may stand in an address.
func addressSign(c byte) bool { return c == '@' || c != '=' && addressByte(c) }

// isDot counts a dot between two letters or digits.
func isDot(b []byte, i int) int {
	if b[i] == '.' && i > 0 && i+1 < len(b) && wordByte(b[i-1]) && wordByte(b[i+1]) {
		return 1
	}
	return 0
}

// blot replaces letters by x. Signs stay, as they keep words apart.
func blot(b []byte) {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = 'x'
		}
	}
}
