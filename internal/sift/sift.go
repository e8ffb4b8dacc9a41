package sift

import (
	"math/bits"
	"sort"
)

// maxGram is the length of the piece of a literal that is looked up at each
// position of a text. Literals shorter than that are looked up whole.
const maxGram = 4

// A Matcher finds which sets of literals occur in folded text. It is safe for
// concurrent use.
type Matcher struct {
	sets   int
	lits   []literal
	tables []table
}

// A literal belongs to one or more sets. gram is the offset of its looked-up piece.
type literal struct {
	text string
	gram int
	sets []int32
}

// A table holds the grams of one size.
type table struct {
	size    int
	mask    uint32
	shift   uint32
	heads   []uint32 // by hash: one more than the index of the first entry
	entries []entry
}

type entry struct {
	key  uint32
	lit  uint32
	next uint32
}

// Hits is a set of the sets found, a bit each.
type Hits []uint64

// Has reports whether set i was found.
func (h Hits) Has(i int) bool { return h[i>>6]&(1<<(i&63)) != 0 }

// Set marks set i as found.
func (h Hits) Set(i int) { h[i>>6] |= 1 << (i & 63) }

// Next gives the first set found at or after i, or -1.
func (h Hits) Next(i int) int {
	if i < 0 {
		i = 0
	}
	w := i >> 6
	if w >= len(h) {
		return -1
	}
	word := h[w] >> (i & 63) << (i & 63)
	for word == 0 {
		if w++; w >= len(h) {
			return -1
		}
		word = h[w]
	}
	return w<<6 + bits.TrailingZeros64(word)
}

// NewHits gives an empty Hits for the matcher's sets.
func (m *Matcher) NewHits() Hits { return make(Hits, (m.sets+63)/64) }

// Reset makes h an empty Hits for the matcher's sets and gives it back; it may have grown.
func (m *Matcher) Reset(h Hits) Hits {
	n := (m.sets + 63) / 64
	if cap(h) < n {
		return make(Hits, n)
	}
	h = h[:n]
	clear(h)
	return h
}

// Build makes a matcher: set i is found in a text that holds any one of sets[i].
// Literals must be folded; empty ones are never found. The samples, folded too,
// show what texts look like, so that rare pieces are looked up and not common ones.
func Build(sets [][]string, samples []string) *Matcher {
	m := &Matcher{sets: len(sets)}
	at := map[string]int{}
	for i, set := range sets {
		for _, text := range set {
			if text == "" {
				continue
			}
			j, ok := at[text]
			if !ok {
				j = len(m.lits)
				at[text] = j
				m.lits = append(m.lits, literal{text: text})
			}
			l := &m.lits[j]
			if n := len(l.sets); n == 0 || l.sets[n-1] != int32(i) {
				l.sets = append(l.sets, int32(i))
			}
		}
	}
	sort.Slice(m.lits, func(i, j int) bool { return m.lits[i].text < m.lits[j].text })
	m.chooseGrams(samples)
	m.index()
	return m
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
	width := max(8, bits.Len(uint(n*4)))
	t := table{
		size: size, mask: 1<<(8*size) - 1, shift: uint32(32 - width),
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
	}
	return t
}

func gramSize(text string) int { return min(len(text), maxGram) }

func (t *table) hash(key uint32) uint32 { return key * 0x9e3779b1 >> t.shift }

// Scan marks in hits the sets that occur in a folded text.
func (m *Matcher) Scan(folded []byte, hits Hits) {
	for i := range m.tables {
		m.scan(&m.tables[i], folded, hits)
	}
}

func (m *Matcher) scan(t *table, folded []byte, hits Hits) {
	var key uint32
	for i, c := range folded {
		key = (key<<8 | uint32(c)) & t.mask
		for e := t.heads[t.hash(key)]; e != 0; {
			x := &t.entries[e-1]
			if x.key == key && i+1 >= t.size {
				m.lits[x.lit].mark(folded, i+1-t.size, hits)
			}
			e = x.next
		}
	}
}

// mark marks the literal's sets if it stands in the text with its gram at position at.
func (l *literal) mark(folded []byte, at int, hits Hits) {
	from := at - l.gram
	if from < 0 || from+len(l.text) > len(folded) || string(folded[from:from+len(l.text)]) != l.text {
		return
	}
	for _, s := range l.sets {
		hits.Set(int(s))
	}
}
