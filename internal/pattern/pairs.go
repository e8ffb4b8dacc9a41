package pattern

import (
	"math/bits"
	"unicode/utf8"
)

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

// A pairing finds the pairs of bytes with which a match can start.
type pairing struct {
	set   pairSet
	class int  // the bytes that a class may hold for its pairs to be worth adding
	nodes int  // that may be looked at still
	inner bool // the pairs are asked for at places where two bytes stand at least
}

// startPairs gives the pairs with which a match from the first node on can start, nil
// where they are too many, or where a match can be shorter.
func startPairs(n *node) *pairSet {
	p := &pairing{class: 12, nodes: 200}
	if !p.from(n) {
		return nil
	}
	return &p.set
}

// pairsAhead gives the pairs of which one stands where a match goes on with a node and
// two bytes follow, nil where they are too many.
func pairsAhead(n *node) *pairSet {
	p := &pairing{class: 80, nodes: 50, inner: true}
	if !p.from(n) {
		return nil
	}
	return &p.set
}

// second gives the bytes that can come second, where a node follows the first.
func (p *pairing) second(n *node) byteSet {
	if p.inner {
		return innerBytes(n)
	}
	return firstBytes(n)
}

// from adds the pairs of bytes with which a match from a node on can start. It gives
// false where they are too many, or where a match can be shorter.
func (p *pairing) from(n *node) bool {
	for ; n != nil; n = n.next {
		if p.nodes--; p.nodes < 0 {
			return false
		}
		switch n.op {
		case opText:
			if len(n.text) > 1 {
				p.set.add(n.text[0], n.text[1])
				return true
			}
			return p.add(n.text[0], p.second(n.next))
		case opFold:
			return p.fold(n)
		case opClass:
			return p.many(n)
		case opAlt:
			if n.ways == nil {
				return false // a loop under construction
			}
			for _, a := range n.alts {
				if !p.from(a) {
					return false
				}
			}
			return true
		case opEnd:
			return p.inner
		case opMatch:
			return false
		}
	}
	return false
}

// many adds the pairs of a class and what follows it.
func (p *pairing) many(n *node) bool {
	wide, few := n.class.wide()
	if !few {
		return false
	}
	for _, r := range wide {
		p.set.add(string(r)[0], string(r)[1])
	}
	second := p.second(n.next)
	if n.max != 1 {
		second.addClass(n.class)
	}
	count, most := 0, p.class
	if second == every() {
		most = 2
	}
	for c := byte(0); c < utf8.RuneSelf; c++ {
		if !n.class.has(rune(c)) {
			continue
		}
		if count++; count > most || !p.add(c, second) {
			return false
		}
	}
	return n.min > 0 || p.from(n.next)
}

// add adds a byte followed by each of a set.
func (p *pairing) add(first byte, second byteSet) bool {
	if second == every() && !p.inner {
		return false
	}
	for i, word := range second {
		for ; word != 0; word &= word - 1 {
			p.set.add(first, byte(i<<6+bits.TrailingZeros64(word)))
		}
	}
	return true
}

// fold adds the pairs with which a literal can start whose case does not count.
func (p *pairing) fold(n *node) bool {
	second := p.second(n.next)
	if len(n.text) > 1 {
		second = byteSet{}
		second.addFold(n.text[1])
	}
	for _, v := range variants(n.text[0]) {
		if len(v) > 1 {
			p.set.add(v[0], v[1])
		} else if !p.add(v[0], second) {
			return false
		}
	}
	return true
}
