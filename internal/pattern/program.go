package pattern

import (
	"regexp/syntax"
	"unicode/utf8"
)

// An op is what a node does.
type op uint8

const (
	opMatch  op = iota // the pattern has matched
	opText             // a literal
	opFold             // a literal in lower case ASCII, matched without regard to case
	opClass            // characters of a class, min to max of them
	opAlt              // one of several ways on
	opBegin            // the start of the text
	opEnd              // the end of the text
	opWord             // a word boundary
	opNoWord           // no word boundary
	opOpen             // the start of a named group
	opClose            // the end of a named group
)

// A node is a step of a program. Nodes form a graph: next leads on. A node fills one
// line of a processor's cache, as there are too many to be at hand.
type node struct {
	op    op
	lazy  bool // as few characters as possible
	group int16
	min   int32
	max   int32 // -1: no limit
	text  string
	class *class
	next  *node
	*ways          // of opAlt
	ahead *pairSet // of a repeated class: the pairs of bytes that next can start with, or nil
}

// The ways are what a node leads on to, one or another.
type ways struct {
	alts   []*node
	kinds  []kindSet // the kinds of bytes that each can start with in a text
	firsts []byteSet // the bytes that each can start with
	inner  []byteSet // the same, where the text does not end there
}

// A program matches a pattern by backtracking.
type program struct {
	start  *node
	names  []string // of the groups
	starts kindSet  // the kinds of bytes that a match can start with in a text
	atEnd  bool     // it can start at the end of a text
	pairs  *pairSet // the pairs of bytes that it can start with, or nil
	begin  bool     // a match starts where the text does
	run    *class   // a match starts with any number of its characters, or nil
}

// A class is a set of characters.
type class struct {
	ascii  [2]uint64
	ranges []rune // pairs, sorted; of all characters
	all    bool
}

func (c *class) has(r rune) bool {
	if c.all {
		return true
	}
	if r < utf8.RuneSelf {
		return c.ascii[r>>6]&(1<<(r&63)) != 0
	}
	for i := 0; i+1 < len(c.ranges); i += 2 {
		if r <= c.ranges[i+1] {
			return r >= c.ranges[i]
		}
	}
	return false
}

const maxNodes = 4000

// A builder makes a program of a syntax tree.
type builder struct {
	nodes  int
	room   []node // for the next ones: they stand together
	names  []string
	groups []int // by the number of a group: which named group it is
	bad    bool  // the tree holds what a program cannot do
}

// compileProgram makes a program of a folded pattern, or gives nil.
func compileProgram(folded string) *program {
	re, err := syntax.Parse(folded, syntax.Perl|syntax.DotNL)
	if err != nil {
		return nil
	}
	b := &builder{}
	for _, name := range re.CapNames() {
		b.groups = append(b.groups, len(b.names))
		if name != "" {
			b.names = append(b.names, name)
		}
	}
	start := b.build(re, b.node(node{op: opMatch}))
	if b.bad {
		return nil
	}
	p := &program{start: start, names: b.names, begin: start.op == opBegin}
	p.starts, p.atEnd = kindsOf(innerBytes(start)), firstBytes(start) == every()
	p.pairs, p.run = startPairs(start), startRun(start)
	return p
}

func (b *builder) node(n node) *node {
	if b.nodes++; b.nodes > maxNodes {
		b.bad = true
	}
	if len(b.room) == cap(b.room) {
		b.room = make([]node, 0, 16)
	}
	b.room = append(b.room, n)
	return &b.room[len(b.room)-1]
}

// build makes nodes for a tree that lead on to next.
func (b *builder) build(re *syntax.Regexp, next *node) *node {
	if b.bad {
		return next
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return next
	case syntax.OpLiteral:
		return b.literal(re, next)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return b.node(node{op: opClass, class: newClass(re), min: 1, max: 1, next: next})
	case syntax.OpConcat:
		for i := len(re.Sub) - 1; i >= 0; i-- {
			next = b.build(re.Sub[i], next)
		}
		return next
	case syntax.OpAlternate:
		alts := make([]*node, len(re.Sub))
		for i, sub := range re.Sub {
			alts[i] = b.build(sub, next)
		}
		return b.alternate(alts)
	case syntax.OpCapture:
		return b.capture(re, next)
	case syntax.OpQuest:
		return b.repeat(re, 0, 1, next)
	case syntax.OpStar:
		return b.repeat(re, 0, -1, next)
	case syntax.OpPlus:
		return b.repeat(re, 1, -1, next)
	case syntax.OpRepeat:
		return b.repeat(re, re.Min, re.Max, next)
	case syntax.OpBeginText, syntax.OpBeginLine:
		return b.node(node{op: opBegin, next: next})
	case syntax.OpEndText, syntax.OpEndLine:
		return b.node(node{op: opEnd, next: next})
	case syntax.OpWordBoundary:
		return b.node(node{op: opWord, next: next})
	case syntax.OpNoWordBoundary:
		return b.node(node{op: opNoWord, next: next})
	}
	b.bad = true
	return next
}

func (b *builder) alternate(alts []*node) *node {
	n := b.node(node{op: opAlt})
	n.lead(alts)
	return n
}

// lead makes a node lead on to one of several.
func (n *node) lead(alts []*node) {
	firsts, inner, kinds := make([]byteSet, len(alts)), make([]byteSet, len(alts)), make([]kindSet, len(alts))
	for i, a := range alts {
		firsts[i], inner[i] = firstBytes(a), innerBytes(a)
		kinds[i] = kindsOf(inner[i])
	}
	n.ways = &ways{alts: alts, firsts: firsts, inner: inner, kinds: kinds}
}

func (b *builder) capture(re *syntax.Regexp, next *node) *node {
	if re.Name == "" {
		return b.build(re.Sub[0], next)
	}
	group := b.groups[re.Cap]
	end := b.node(node{op: opClose, group: int16(group), next: next})
	return b.node(node{op: opOpen, group: int16(group), next: b.build(re.Sub[0], end)})
}

// repeat makes nodes for a part that occurs min to max times.
func (b *builder) repeat(re *syntax.Regexp, least, most int, next *node) *node {
	sub, lazy := re.Sub[0], re.Flags&syntax.NonGreedy != 0
	switch sub.Op {
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return b.many(newClass(sub), least, most, lazy, next)
	case syntax.OpLiteral:
		if len(sub.Rune) == 1 {
			c := &class{ranges: []rune{sub.Rune[0], sub.Rune[0]}}
			c.fillASCII()
			if sub.Flags&syntax.FoldCase != 0 {
				c = foldClassOf(sub.Rune[0])
			}
			return b.many(c, least, most, lazy, next)
		}
	}
	if maybeEmpty(sub) || hasGroup(sub) && most != 1 {
		b.bad = true
		return next
	}
	if most < 0 {
		loop := b.node(node{op: opAlt})
		again := b.build(sub, loop)
		loop.lead(order(again, next, lazy))
		next = loop
	} else {
		for range most - least {
			next = b.alternate(order(b.build(sub, next), next, lazy))
		}
	}
	for range least {
		next = b.build(sub, next)
	}
	return next
}

// startRun gives the class of which a match starts with one character or any number.
func startRun(n *node) *class {
	for n.op == opOpen {
		n = n.next
	}
	if n.op == opClass && n.min == 1 && n.max < 0 {
		return n.class
	}
	return nil
}

// many makes a node for least to most characters of a class.
func (b *builder) many(c *class, least, most int, lazy bool, next *node) *node {
	n := b.node(node{op: opClass, class: c, min: int32(least), max: int32(most), lazy: lazy, next: next})
	if least != 1 || most != 1 {
		n.ahead = pairsAhead(next)
	}
	return n
}

// order gives the ways on in the order of preference.
func order(again, next *node, lazy bool) []*node {
	if lazy {
		return []*node{next, again}
	}
	return []*node{again, next}
}

// maybeEmpty reports whether a part can match the empty text.
func maybeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune) == 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return maybeEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || maybeEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !maybeEmpty(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if maybeEmpty(sub) {
				return true
			}
		}
		return false
	}
	return true
}

// hasGroup reports whether a part holds a named group.
func hasGroup(re *syntax.Regexp) bool {
	if re.Op == syntax.OpCapture && re.Name != "" {
		return true
	}
	for _, sub := range re.Sub {
		if hasGroup(sub) {
			return true
		}
	}
	return false
}

func newClass(re *syntax.Regexp) *class {
	c := &class{ranges: re.Rune}
	switch re.Op {
	case syntax.OpAnyChar:
		c.all = true
		c.ranges = []rune{0, utf8.MaxRune}
	case syntax.OpAnyCharNotNL:
		c.ranges = []rune{0, '\n' - 1, '\n' + 1, utf8.MaxRune}
	}
	c.fillASCII()
	return c
}

func (c *class) fillASCII() {
	for i := 0; i+1 < len(c.ranges); i += 2 {
		for r := c.ranges[i]; r <= c.ranges[i+1] && r < utf8.RuneSelf; r++ {
			c.ascii[r>>6] |= 1 << (r & 63)
		}
	}
}
