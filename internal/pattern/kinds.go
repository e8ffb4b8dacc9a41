package pattern

import "math/bits"

// A kindSet is a set of kinds of bytes. It says in one word what a byteSet says, but
// roughly: it may hold more bytes, and never fewer.
type kindSet uint64

// everyKind is the set of all kinds.
const everyKind = ^kindSet(0)

// kinds tells the kind of each byte: letters and some signs have one each.
var kinds = func() (t [256]uint8) {
	const (
		signs  = " 245.,-_@"
		digits = 26 + 26 + uint8(len(signs)) // the other digits
		others = digits + 1
		beyond = digits + 2 // ASCII
	)
	for i := range t {
		switch c := byte(i); {
		case 'a' <= c && c <= 'z':
			t[i] = c - 'a'
		case 'A' <= c && c <= 'Z':
			t[i] = 26 + c - 'A'
		case '0' <= c && c <= '9':
			t[i] = digits
		case c > 0x7f:
			t[i] = beyond
		default:
			t[i] = others
		}
	}
	for i, c := range []byte(signs) {
		t[c] = 26 + 26 + uint8(i)
	}
	return t
}()

// kindOf gives the set of the kind of a byte.
func kindOf(c byte) kindSet { return 1 << kinds[c] }

// kindsOf gives the kinds of the bytes of a set.
func kindsOf(b byteSet) kindSet {
	if b == every() {
		return everyKind
	}
	var out kindSet
	for w, word := range b {
		for ; word != 0; word &= word - 1 {
			out |= kindOf(byte(w<<6 + bits.TrailingZeros64(word)))
		}
	}
	return out
}

func (s kindSet) has(c byte) bool { return s>>(kinds[c]&63)&1 != 0 }
