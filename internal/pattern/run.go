package pattern

import "unicode/utf8"

// A run is a search for one match.
type run struct {
	text  []byte
	steps int   // left
	caps  []int // places of the groups, or nil
}

// stepsFor bounds the steps of a search, so that it costs no more than a search by
// package regexp would.
func stepsFor(text []byte) int { return 1000 + 16*len(text) }

// find gives the place of the leftmost match. It is not done where the steps did not
// suffice. caps, if not nil, takes the places of the groups.
func (p *program) find(text []byte, caps []int) (from, to int, ok, done bool) {
	r := run{text: text, steps: stepsFor(text), caps: caps}
	if p.begin {
		to, ok = r.match(p.start, 0)
		return 0, to, ok, r.steps >= 0
	}
	for from = p.nextStart(text, 0); from < len(text); from = p.nextStart(text, p.behind(text, from)) {
		if to, ok = r.match(p.start, from); ok {
			return from, to, true, true
		}
		if r.steps < 0 {
			return 0, 0, false, false
		}
	}
	if p.atEnd {
		to, ok = r.match(p.start, from)
	}
	return from, to, ok, r.steps >= 0
}

// behind gives the position at which to go on where no match starts at from. None starts
// at what is left of a run either: it could go on just as the whole run could.
func (p *program) behind(text []byte, from int) int {
	end := from
	if p.run != nil {
		for end < len(text) && text[end] < utf8.RuneSelf && p.run.has(rune(text[end])) {
			end++
		}
	}
	return max(end, from+1)
}

// nextStart gives the first position at or after from at which a match may start, or
// the end.
func (p *program) nextStart(text []byte, from int) int {
	for ; from < len(text); from++ {
		c := text[from]
		if !p.starts.has(c) || c&0xc0 == 0x80 {
			continue
		}
		if p.pairs == nil || from+1 < len(text) && p.pairs.has(c, text[from+1]) {
			return from
		}
	}
	return from
}

// match gives the end of the preferred match from a node and a position on.
func (r *run) match(n *node, at int) (int, bool) {
	for {
		if r.steps--; r.steps < 0 {
			return 0, false
		}
		switch n.op {
		case opMatch:
			return at, true
		case opText:
			if len(r.text)-at < len(n.text) || r.text[at] != n.text[0] || string(r.text[at:at+len(n.text)]) != n.text {
				return 0, false
			}
			at += len(n.text)
		case opFold:
			size := foldedSize(r.text[at:], n.text)
			if size < 0 {
				return 0, false
			}
			at += size
		case opClass:
			if n.min != 1 || n.max != 1 {
				return r.repeat(n, at)
			}
			size := n.class.size(r.text, at)
			if size == 0 {
				return 0, false
			}
			at += size
		case opAlt:
			return r.either(n, at)
		case opBegin:
			if at != 0 {
				return 0, false
			}
		case opEnd:
			if at != len(r.text) {
				return 0, false
			}
		case opWord, opNoWord:
			if r.boundary(at) != (n.op == opWord) {
				return 0, false
			}
		default:
			return r.group(n, at)
		}
		n = n.next
	}
}

// size gives the size of the character at a position if it is one of the class.
func (c *class) size(text []byte, at int) int {
	if at >= len(text) {
		return 0
	}
	if b := text[at]; b < utf8.RuneSelf {
		if c.ascii[b>>6]&(1<<(b&63)) != 0 {
			return 1
		}
		return 0
	}
	ch, size := utf8.DecodeRune(text[at:])
	if !c.has(ch) {
		return 0
	}
	return size
}

// either tries the ways on in turn.
func (r *run) either(n *node, at int) (int, bool) {
	if at == len(r.text) {
		return r.eitherAtEnd(n)
	}
	kind := kindOf(r.text[at])
	for i, set := range n.kinds {
		if set&kind == 0 {
			continue
		}
		if end, ok := r.match(n.alts[i], at); ok {
			return end, true
		}
	}
	return 0, false
}

// eitherAtEnd tries the ways on in turn at the end of the text.
func (r *run) eitherAtEnd(n *node) (int, bool) {
	for i, a := range n.alts {
		if n.firsts[i] != every() {
			continue
		}
		if end, ok := r.match(a, len(r.text)); ok {
			return end, true
		}
	}
	return 0, false
}

// repeat matches n.min to n.max characters of a class and what follows.
func (r *run) repeat(n *node, at int) (int, bool) {
	if n.lazy {
		return r.repeatLazily(n, at)
	}
	end, least, count := r.most(n, at)
	if count < int(n.min) {
		return 0, false
	}
	r.steps -= count / 8
	for ahead, text := n.ahead, r.text; ; {
		if ahead == nil || end+1 >= len(text) || ahead.has(text[end], text[end+1]) {
			if to, ok := r.match(n.next, end); ok {
				return to, true
			}
		}
		if end <= least || r.steps < 0 {
			return 0, false
		}
		r.steps--
		for end--; r.text[end]&0xc0 == 0x80 && end > least; {
			end--
		}
	}
}

// most gives where as many characters of a class end as there are, where the n.min-th
// of them does, and how many there are.
func (r *run) most(n *node, at int) (end, least, count int) {
	text, ascii := r.text, n.class.ascii
	for end, least = at, at; end < len(text) && count != int(n.max); {
		b, size := text[end], 1
		if b >= utf8.RuneSelf {
			if size = n.class.size(text, end); size == 0 {
				break
			}
		} else if ascii[b>>6]&(1<<(b&63)) == 0 {
			break
		}
		end += size
		if count++; count == int(n.min) {
			least = end
		}
	}
	return end, least, count
}

func (r *run) repeatLazily(n *node, at int) (int, bool) {
	for count := 0; ; count++ {
		if count >= int(n.min) && r.mayFollow(n, at) {
			if to, ok := r.match(n.next, at); ok {
				return to, true
			}
		}
		if r.steps--; r.steps < 0 || count == int(n.max) {
			return 0, false
		}
		size := n.class.size(r.text, at)
		if size == 0 {
			return 0, false
		}
		at += size
	}
}

// mayFollow reports whether it is worth going on at a position behind a repeated class.
func (r *run) mayFollow(n *node, at int) bool {
	if n.ahead != nil && at+1 < len(r.text) {
		return n.ahead.has(r.text[at], r.text[at+1])
	}
	n = n.next
	return n.op != opText || at < len(r.text) && r.text[at] == n.text[0]
}

// group notes the start or the end of a group.
func (r *run) group(n *node, at int) (int, bool) {
	if r.caps == nil {
		return r.match(n.next, at)
	}
	i := 2 * int(n.group)
	if n.op == opClose {
		i++
	}
	before := r.caps[i]
	r.caps[i] = at
	end, ok := r.match(n.next, at)
	if !ok {
		r.caps[i] = before
	}
	return end, ok
}

// boundary reports whether a word begins or ends at a position.
func (r *run) boundary(at int) bool {
	before := at > 0 && isWord(r.text[at-1])
	after := at < len(r.text) && isWord(r.text[at])
	return before != after
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
