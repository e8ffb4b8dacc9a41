package pattern

import "unicode/utf8"

// A pairSet holds pairs of bytes, by a hash: it may hold more than was added.
type pairSet [16]uint64

func pairHash(a, b byte) uint32 { return (uint32(a)*37 + uint32(b)) & 1023 }

func (s *pairSet) add(a, b byte) {
	h := pairHash(a, b)
	s[h>>6] |= 1 << (h & 63)
}

func (s *pairSet) has(a, b byte) bool {
	h := pairHash(a, b)
	return s[h>>6]&(1<<(h&63)) != 0
}

// maxStart is how many bytes a class at the start of a pattern may hold for its
// pairs to be worth adding.
const maxStart = 12

// startPairs adds the pairs of bytes with which a match from a node on can start. It
// gives false where they are too many, or where a match can be shorter.
func startPairs(n *node, out *pairSet, depth int) bool {
	for ; n != nil && depth < 50; n = n.next {
		depth++
		switch n.op {
		case opText:
			if len(n.text) > 1 {
				out.add(n.text[0], n.text[1])
				return true
			}
			return addPairs(n.text[0], firstBytes(n.next, 0), out)
		case opFold:
			return foldPairs(n, out)
		case opClass:
			return classPairs(n, out, depth)
		case opAlt:
			for _, a := range n.alts {
				if !startPairs(a, out, depth) {
					return false
				}
			}
			return len(n.alts) > 0
		case opMatch, opEnd:
			return false
		}
	}
	return false
}

// classPairs adds the pairs of a class and what follows it.
func classPairs(n *node, out *pairSet, depth int) bool {
	if k := len(n.class.ranges); k > 0 && n.class.ranges[k-1] >= utf8.RuneSelf {
		return false
	}
	second := firstBytes(n.next, 0)
	count := 0
	for c := byte(0); c < utf8.RuneSelf; c++ {
		if n.max != 1 && n.class.has(rune(c)) {
			second.add(c)
		}
	}
	for c := byte(0); c < utf8.RuneSelf; c++ {
		if !n.class.has(rune(c)) {
			continue
		}
		if count++; count > maxStart || !addPairs(c, second, out) {
			return false
		}
	}
	return n.min > 0 || startPairs(n.next, out, depth)
}

// addPairs adds a byte followed by each of a set.
func addPairs(first byte, second byteSet, out *pairSet) bool {
	if second == every() {
		return false
	}
	for c := range 256 {
		if second.has(byte(c)) {
			out.add(first, byte(c))
		}
	}
	return true
}

// foldPairs adds the pairs with which a literal can start whose case does not count.
func foldPairs(n *node, out *pairSet) bool {
	second := firstBytes(n.next, 0)
	if len(n.text) > 1 {
		second = byteSet{}
		second.addFold(n.text[1])
	}
	for _, v := range variants(n.text[0]) {
		if len(v) > 1 {
			out.add(v[0], v[1])
		} else if !addPairs(v[0], second, out) {
			return false
		}
	}
	return true
}
