package pattern

import "unicode/utf8"

// A byteSet is a set of bytes.
type byteSet [4]uint64

func (b *byteSet) add(c byte) { b[c>>6] |= 1 << (c & 63) }

func (b *byteSet) addAll(other byteSet) {
	b[0] |= other[0]
	b[1] |= other[1]
	b[2] |= other[2]
	b[3] |= other[3]
}

// every is the set of all bytes.
func every() byteSet { return byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} }

// firstBytes gives the bytes that a match from a node on can start with; all of them
// where it can be empty or nothing is known.
func firstBytes(n *node) byteSet { return bytesAt(n, false) }

// innerBytes gives the same for a place at which the text does not end.
func innerBytes(n *node) byteSet { return bytesAt(n, true) }

func bytesAt(n *node, inner bool) byteSet {
	var out byteSet
	for depth := 0; n != nil && depth < 50; depth++ {
		switch n.op {
		case opText:
			out.add(n.text[0])
			return out
		case opFold:
			out.addFold(n.text[0])
			return out
		case opClass:
			out.addClass(n.class)
			if n.min > 0 {
				return out
			}
		case opAlt:
			if n.ways == nil {
				return every() // a loop under construction
			}
			sets := n.firsts
			if inner {
				sets = n.inner
			}
			for _, set := range sets {
				out.addAll(set)
			}
			return out
		case opEnd:
			if inner {
				return out
			}
			return every()
		case opMatch:
			return every()
		}
		n = n.next
	}
	return every()
}

// addClass adds the bytes that the characters of a class start with.
func (b *byteSet) addClass(c *class) {
	b[0] |= c.ascii[0]
	b[1] |= c.ascii[1]
	wide, few := c.wide()
	if !few {
		b[2], b[3] = ^uint64(0), ^uint64(0)
	}
	for _, r := range wide {
		b.add(string(r)[0])
	}
}

// wide gives the characters beyond ASCII, if they are few, such as those that differ
// from one of ASCII by their case.
func (c *class) wide() (list []rune, few bool) {
	for i := 0; i+1 < len(c.ranges); i += 2 {
		for r := max(c.ranges[i], utf8.RuneSelf); r <= c.ranges[i+1]; r++ {
			if len(list) == 8 || r == utf8.RuneError { // which bytes that are no UTF-8 stand for too
				return nil, false
			}
			list = append(list, r)
		}
	}
	return list, true
}
