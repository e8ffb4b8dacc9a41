package sift

import (
	"bytes"
	"math/bits"
)

// A Clause is met by a text that holds any one of its strings.
type Clause []string

// A Need is met by a text that meets all of its clauses.
type Need []Clause

// A Matcher finds which of a number of things have a need that a folded text meets.
// It is safe for concurrent use.
type Matcher struct {
	things int
	texts  []byte // of the literals
	lits   []literal
	needs  []need   // ordered by thing
	first  []uint32 // by thing: the first of its needs; and the number of needs
	leads  []lead   // by literal
	spans  []uint32 // by need: the first of its checks; and the number of checks
	checks []check
	tables []table
}

// A need is one of a thing's. Its clauses stand one after the other: the number of
// literals, then their indices. The first clause leads: only its literals are looked for
// everywhere, the others in a text that meets it.
type need struct {
	thing   int32
	clauses []uint32
}

// A literal is a string of clauses.
type literal struct {
	at, size uint32 // its text
	gram     uint32 // the offset of its looked-up piece
	sign     uint16 // of that piece
}

// A check is a literal of a clause behind the first of a need.
type check struct {
	lit  uint32
	sign uint16
	last bool // of its clause
}

func (m *Matcher) text(l *literal) []byte { return m.texts[l.at : l.at+l.size] }

// Hits holds the things found in a text.
type Hits struct {
	m      *Matcher
	folded []byte
	led    []uint64 // by need, a bit each: its first clause is met
	things []uint64 // one of its needs is led
	sure   []uint64 // and met
	asked  []uint64 // by literal: it was looked for on its own
	stands []uint64 // and stands in the text
	signs  signSet  // of the pieces of the text
	signed bool     // signs are there
}

// A signSet holds signs of all pieces of a text of maxGram bytes. A literal without a
// sign in it does not stand in the text.
type signSet [1<<signBits/64 + 1]uint64

const signBits = 12

const (
	noSign = 1<<signBits + iota // of a literal without a whole gram
	never                       // of no literal: no set holds it
)

func signOf(gram uint32) uint16 { return uint16(gram * hashFactor >> (32 - signBits)) }

func (s *signSet) has(sign uint16) bool { return s[sign>>6]&(1<<(sign&63)) != 0 }

func (s *signSet) fill(folded []byte) {
	clear(s[:])
	var gram uint32
	for _, c := range folded {
		gram = gram<<8 | uint32(c)
		sign := signOf(gram)
		s[sign>>6] |= 1 << (sign & 63)
	}
}

// Next gives the first thing at or after i that may be found, or -1.
func (h *Hits) Next(i int) int {
	w := max(i, 0) >> 6
	if w >= len(h.things) {
		return -1
	}
	word := h.things[w] >> (i & 63) << (i & 63)
	for word == 0 {
		if w++; w >= len(h.things) {
			return -1
		}
		word = h.things[w]
	}
	return w<<6 + bits.TrailingZeros64(word)
}

// Drop takes thing i out of what is found.
func (h *Hits) Drop(i int) { h.things[i>>6] &^= 1 << (i & 63) }

// Has reports whether thing i is found.
func (h *Hits) Has(i int) bool {
	word, bit := i>>6, uint64(1)<<(i&63)
	if h.things[word]&bit == 0 {
		return false
	}
	if h.sure[word]&bit != 0 {
		return true
	}
	for n := h.m.first[i]; n < h.m.first[i+1]; n++ {
		if h.led[n>>6]&(1<<(n&63)) != 0 && h.meets(n) {
			h.sure[word] |= bit
			return true
		}
	}
	h.Drop(i)
	return false
}

// meets reports whether the clauses of a need behind the first are met.
func (h *Hits) meets(need uint32) bool {
	met := false
	for _, c := range h.m.checks[h.m.spans[need]:h.m.spans[need+1]] {
		met = met || h.holds(c)
		if c.last {
			if !met {
				return false
			}
			met = false
		}
	}
	return true
}

// holds reports whether the literal of a check stands in the text.
func (h *Hits) holds(c check) bool {
	if c.sign != noSign {
		if !h.signed {
			h.signs.fill(h.folded)
			h.signed = true
		}
		if !h.signs.has(c.sign) {
			return false
		}
	}
	i := c.lit
	word, bit := i>>6, uint64(1)<<(i&63)
	if h.asked[word]&bit == 0 {
		h.asked[word] |= bit
		if bytes.Contains(h.folded, h.m.text(&h.m.lits[i])) {
			h.stands[word] |= bit
		}
	}
	return h.stands[word]&bit != 0
}

// reset empties the hits and makes room for the matcher's.
func (h *Hits) reset(m *Matcher, folded []byte) {
	h.m, h.folded, h.signed = m, folded, false
	h.led = emptied(h.led, len(m.needs))
	h.things, h.sure = emptied(h.things, m.things), emptied(h.sure, m.things)
	h.asked, h.stands = emptied(h.asked, len(m.lits)), emptied(h.stands, len(m.lits))
}

// emptied gives an empty set with room for n.
func emptied(set []uint64, n int) []uint64 {
	words := (n + 63) / 64
	if cap(set) < words {
		return make([]uint64, words)
	}
	set = set[:words]
	clear(set)
	return set
}

// Scan finds the things whose needs a folded text meets. It empties the hits first, and
// they are good for as long as the text is not changed.
func (m *Matcher) Scan(folded []byte, hits *Hits) {
	hits.reset(m, folded)
	for i := range m.tables {
		m.scan(&m.tables[i], hits)
	}
}

func (m *Matcher) scan(t *table, hits *Hits) {
	var last uint64 // the last eight bytes
	for i, c := range hits.folded {
		last = last<<8 | uint64(c)
		h := t.hash(uint32(last) & t.mask)
		if t.filter[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		bucket := h >> headBits
		for e := t.heads[bucket]; e < t.heads[bucket+1]; e++ {
			if x := &t.entries[e]; (last^x.want)<<x.shift == 0 {
				m.mark(x, i+1-t.size, hits)
			}
		}
	}
}

// mark notes what a literal leads if it stands in the text with its gram at position at.
func (m *Matcher) mark(x *entry, at int, hits *Hits) {
	from := at - int(x.gram)
	if from < 0 || from+int(x.size) > len(hits.folded) {
		return
	}
	if !bytes.Equal(hits.folded[from:from+int(x.size)], m.texts[x.at:x.at+x.size]) {
		return
	}
	for _, l := range m.leads[x.lead : x.lead+x.leads] {
		hits.led[l.need>>6] |= 1 << (l.need & 63)
		hits.things[l.thing>>6] |= 1 << (l.thing & 63)
	}
}
