package sift

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// maxGram is the length of the piece of a literal that is looked up at each
// position of a text. Literals shorter than that are looked up whole.
const maxGram = 4

// A table holds the literals of first clauses that have a gram of one size.
type table struct {
	size    int
	mask    uint32
	shift   uint32   // of the hash, for filter
	filter  []uint64 // by hash, a bit each: whether there is an entry
	heads   []uint32 // by the upper bits of the hash: its first entry, which ends the one before
	entries []entry
}

// headBits is by how many bits fewer heads are told apart than bits of the filter.
const headBits = 2

// An entry is a literal by its gram, and by what stands before that, up to eight bytes
// in all: that tells most texts apart that have the gram and not the literal.
type entry struct {
	want  uint64 // the last bytes up to the end of the gram
	shift uint8  // takes away the other bytes of eight
	gram  uint32
	at    uint32 // the text of the literal
	size  uint32
	lead  uint32 // what it leads: the first, and how many
	leads uint32
}

// A lead is a need whose first clause a literal belongs to.
type lead struct{ need, thing uint32 }

// index makes ready for scans, once literals and needs are there.
func (m *Matcher) index() {
	for i := range m.lits {
		if l := &m.lits[i]; l.size >= maxGram {
			l.sign = signOf(binary.BigEndian.Uint32(m.text(l)[l.gram:]))
		}
	}
	starts := m.link()
	m.tables = nil
	for size := maxGram; size > 0; size-- {
		n := 0
		for i := range m.lits {
			if starts[i] < starts[i+1] && m.lits[i].gramSize() == size {
				n++
			}
		}
		if n > 0 {
			m.tables = append(m.tables, m.table(size, n, starts))
		}
	}
}

// link notes which needs are whose, what they ask behind their first clauses, and
// which literals lead them. It gives by literal where what it leads starts, and the end.
func (m *Matcher) link() []uint32 {
	starts := make([]uint32, len(m.lits)+1)
	m.first = make([]uint32, m.things+1)
	for i := range m.needs {
		n := &m.needs[i]
		m.first[n.thing+1]++
		for _, l := range n.leading() {
			starts[l+1]++
		}
	}
	sum(m.first)
	sum(starts)
	m.leads = make([]lead, starts[len(m.lits)])
	m.spans, m.checks = make([]uint32, 1, len(m.needs)+1), nil
	next := slices.Clone(starts)
	for i := range m.needs {
		n := &m.needs[i]
		for _, l := range n.leading() {
			m.leads[next[l]] = lead{need: uint32(i), thing: uint32(n.thing)}
			next[l]++
		}
		m.addChecks(n)
	}
	return starts
}

// addChecks adds what a need asks behind its first clause.
func (m *Matcher) addChecks(n *need) {
	for rest := n.clauses[1+n.clauses[0]:]; len(rest) > 0; rest = rest[1+rest[0]:] {
		for _, l := range rest[1 : 1+rest[0]] {
			m.checks = append(m.checks, check{lit: l, sign: m.lits[l].sign})
		}
		if rest[0] == 0 {
			m.checks = append(m.checks, check{sign: never})
		}
		m.checks[len(m.checks)-1].last = true
	}
	m.spans = append(m.spans, uint32(len(m.checks)))
}

// sum makes of each number the sum of those up to it.
func sum(list []uint32) {
	for i := 1; i < len(list); i++ {
		list[i] += list[i-1]
	}
}

// leading gives the literals of the first clause.
func (n *need) leading() []uint32 { return n.clauses[1 : 1+n.clauses[0]] }

// table makes the table of the n leading literals with grams of a size.
func (m *Matcher) table(size, n int, starts []uint32) table {
	width := max(8, bits.Len(uint(n*8)))
	t := table{
		size: size, mask: 1<<(8*size) - 1, shift: uint32(32 - width), filter: make([]uint64, 1<<width/64),
		heads: make([]uint32, 1<<(width-headBits)+1), entries: make([]entry, n),
	}
	list := make([]entry, 0, n)
	for i := range m.lits {
		if l := &m.lits[i]; starts[i] < starts[i+1] && l.gramSize() == size {
			e := m.entry(l)
			e.lead, e.leads = starts[i], starts[i+1]-starts[i]
			list = append(list, e)
			t.heads[t.bucket(&e)+1]++
		}
	}
	sum(t.heads)
	next := slices.Clone(t.heads)
	for i := range list {
		e := &list[i]
		h := t.hash(uint32(e.want) & t.mask)
		t.filter[h>>6] |= 1 << (h & 63)
		t.entries[next[h>>headBits]] = *e
		next[h>>headBits]++
	}
	return t
}

// entry makes the entry of a literal, without what it leads.
func (m *Matcher) entry(l *literal) entry {
	text, end := m.text(l), int(l.gram)+l.gramSize()
	e := entry{gram: l.gram, at: l.at, size: l.size, shift: uint8(64 - 8*min(end, 8))}
	for _, c := range text[max(0, end-8):end] {
		e.want = e.want<<8 | uint64(c)
	}
	return e
}

func (l *literal) gramSize() int { return min(int(l.size), maxGram) }

// hashFactor is 2^32 over the golden ratio (Fibonacci hashing).
const hashFactor = 0x9e3779b1

func (t *table) hash(gram uint32) uint32 { return gram * hashFactor >> t.shift }

func (t *table) bucket(e *entry) uint32 { return t.hash(uint32(e.want)&t.mask) >> headBits }
