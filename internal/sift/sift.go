package sift

import (
	"math/bits"
	"sort"
)

// maxGram is the length of the piece of a literal that is looked up at each
// position of a text. Literals shorter than that are looked up whole.
const maxGram = 4

// A Clause is met by a text that holds any one of its strings.
type Clause []string

// A Need is met by a text that meets all of its clauses, at most 8.
type Need []Clause

const maxClauses = 8

// A Matcher finds which of a number of things have a need that a folded text meets.
// It is safe for concurrent use.
type Matcher struct {
	things int
	needs  []need
	lits   []literal
	tables []table
}

// A need is one of a thing's, with a bit for each of its clauses.
type need struct {
	thing int32
	full  uint8
}

// A literal belongs to clauses. gram is the offset of its looked-up piece.
type literal struct {
	text string
	gram int
	refs []ref
}

// A ref names a clause: the index of its need times maxClauses, plus its own.
type ref uint32

// A table holds the grams of one size.
type table struct {
	size    int
	mask    uint32
	shift   uint32
	filter  []uint64 // by hash, a bit each: whether heads holds anything
	heads   []uint32 // by hash: one more than the index of the first entry
	entries []entry
}

type entry struct {
	key  uint32
	lit  uint32
	next uint32
}

// Hits holds the things found in a text.
type Hits struct {
	things []uint64 // a bit each
	met    []uint8  // by need: the clauses met
}

// Has reports whether thing i was found.
func (h *Hits) Has(i int) bool { return h.things[i>>6]&(1<<(i&63)) != 0 }

// Next gives the first thing found at or after i, or -1.
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

// reset empties the hits and makes room for the matcher's.
func (h *Hits) reset(m *Matcher) {
	words := (m.things + 63) / 64
	if cap(h.things) < words || cap(h.met) < len(m.needs) {
		h.things, h.met = make([]uint64, words), make([]uint8, len(m.needs))
		return
	}
	h.things, h.met = h.things[:words], h.met[:len(m.needs)]
	clear(h.things)
	clear(h.met)
}

// Build makes a matcher: thing i is found in a text that meets any one of things[i].
// Strings must be folded and not empty. The samples, folded too, show what texts look
// like, so that rare pieces are looked up and not common ones.
func Build(things [][]Need, samples []string) *Matcher {
	m := &Matcher{things: len(things)}
	at := map[string]int{}
	for i, needs := range things {
		for _, n := range needs {
			m.add(at, int32(i), n)
		}
	}
	sort.Slice(m.lits, func(i, j int) bool { return m.lits[i].text < m.lits[j].text })
	m.chooseGrams(samples)
	m.index()
	return m
}

// add adds a need of a thing. at holds the places of the literals so far.
func (m *Matcher) add(at map[string]int, thing int32, clauses Need) {
	clauses = clauses[:min(len(clauses), maxClauses)]
	n := len(m.needs)
	m.needs = append(m.needs, need{thing: thing, full: uint8(1<<len(clauses) - 1)})
	for k, c := range clauses {
		for _, text := range c {
			j, ok := at[text]
			if !ok {
				j = len(m.lits)
				at[text] = j
				m.lits = append(m.lits, literal{text: text})
			}
			m.lits[j].refs = append(m.lits[j].refs, ref(n*maxClauses+k))
		}
	}
}

// chooseGrams picks for each literal the piece that is rarest in literals and samples.
func (m *Matcher) chooseGrams(samples []string) {
	seen := map[string]int{}
	count := func(s string) {
		for i := 0; i+maxGram <= len(s); i++ {
			seen[s[i:i+maxGram]]++
		}
	}
	for i := range m.lits {
		count(m.lits[i].text)
	}
	for _, s := range samples {
		count(s)
	}
	for i := range m.lits {
		l := &m.lits[i]
		for j := 1; j+maxGram <= len(l.text); j++ {
			if seen[l.text[j:j+maxGram]] < seen[l.text[l.gram:l.gram+maxGram]] {
				l.gram = j
			}
		}
	}
}

// index fills the tables.
func (m *Matcher) index() {
	m.tables = nil
	for size := maxGram; size > 0; size-- {
		n := 0
		for i := range m.lits {
			if gramSize(m.lits[i].text) == size {
				n++
			}
		}
		if n > 0 {
			m.tables = append(m.tables, m.table(size, n))
		}
	}
}

func (m *Matcher) table(size, n int) table {
	width := max(8, bits.Len(uint(n*8)))
	t := table{
		size: size, mask: 1<<(8*size) - 1, shift: uint32(32 - width), filter: make([]uint64, 1<<width/64),
		heads: make([]uint32, 1<<width), entries: make([]entry, 0, n),
	}
	for i := len(m.lits) - 1; i >= 0; i-- {
		l := &m.lits[i]
		if gramSize(l.text) != size {
			continue
		}
		var key uint32
		for _, c := range []byte(l.text[l.gram : l.gram+size]) {
			key = key<<8 | uint32(c)
		}
		h := t.hash(key)
		t.entries = append(t.entries, entry{key: key, lit: uint32(i), next: t.heads[h]})
		t.heads[h] = uint32(len(t.entries))
		t.filter[h>>6] |= 1 << (h & 63)
	}
	return t
}

func gramSize(text string) int { return min(len(text), maxGram) }

func (t *table) hash(key uint32) uint32 { return key * 0x9e3779b1 >> t.shift }

// Scan finds the things whose needs a folded text meets. It empties the hits first.
func (m *Matcher) Scan(folded []byte, hits *Hits) {
	hits.reset(m)
	for i := range m.tables {
		m.scan(&m.tables[i], folded, hits)
	}
}

func (m *Matcher) scan(t *table, folded []byte, hits *Hits) {
	var key uint32
	for i, c := range folded {
		key = (key<<8 | uint32(c)) & t.mask
		h := t.hash(key)
		if t.filter[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for e := t.heads[h]; e != 0; {
			x := &t.entries[e-1]
			if x.key == key && i+1 >= t.size && m.lits[x.lit].stands(folded, i+1-t.size) {
				m.mark(m.lits[x.lit].refs, hits)
			}
			e = x.next
		}
	}
}

// stands reports whether the literal stands in the text with its gram at position at.
func (l *literal) stands(folded []byte, at int) bool {
	from := at - l.gram
	return from >= 0 && from+len(l.text) <= len(folded) && string(folded[from:from+len(l.text)]) == l.text
}

// mark notes that clauses are met, and the things that are found by it.
func (m *Matcher) mark(refs []ref, hits *Hits) {
	for _, r := range refs {
		n := r / maxClauses
		met := hits.met[n] | 1<<(r%maxClauses)
		hits.met[n] = met
		if x := &m.needs[n]; met == x.full {
			hits.things[x.thing>>6] |= 1 << (x.thing & 63)
		}
	}
}

// Things gives back what the matcher was built of: the needs of each thing, the
// strings of a clause in the order of the alphabet.
func (m *Matcher) Things() [][]Need {
	needs := make([]Need, len(m.needs))
	for i, n := range m.needs {
		needs[i] = make(Need, bits.Len8(n.full))
	}
	for i := range m.lits {
		for _, r := range m.lits[i].refs {
			c := &needs[r/maxClauses][r%maxClauses]
			*c = append(*c, m.lits[i].text)
		}
	}
	out := make([][]Need, m.things)
	for i, n := range m.needs {
		out[n.thing] = append(out[n.thing], needs[i])
	}
	return out
}
