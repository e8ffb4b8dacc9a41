package sift

import (
	"math/bits"
	"slices"
	"strings"
)

// maxGram is the length of the piece of a literal that is looked up at each
// position of a text. Literals shorter than that are looked up whole.
const maxGram = 4

// A Clause is met by a text that holds any one of its strings.
type Clause []string

// A Need is met by a text that meets all of its clauses.
type Need []Clause

// A Matcher finds which of a number of things have a need that a folded text meets.
// It is safe for concurrent use.
type Matcher struct {
	things int
	needs  []need
	lits   []literal
	tables []table
}

// A need is one of a thing's. Its clauses stand one after the other: the number of
// literals, then their indices. The first clause leads: the others are only looked at
// in a text that meets it.
type need struct {
	thing   int32
	clauses []uint32
}

// A literal is a string of clauses. gram is the offset of its looked-up piece.
type literal struct {
	text  string
	gram  int
	leads []uint32 // the needs whose first clause it belongs to
}

// A table holds the grams of one size.
type table struct {
	size    int
	mask    uint32
	shift   uint32   // of the hash, for filter
	filter  []uint64 // by hash, a bit each: whether heads holds anything
	heads   []uint32 // by the upper bits of the hash: one more than the index of the first entry
	entries []entry
}

// headBits is by how many bits fewer heads are told apart than bits of the filter.
const headBits = 2

// An entry is a literal by its gram. The byte that stands before the gram and the one
// behind it tell most texts apart that have the gram and not the literal.
type entry struct {
	key    uint32
	lit    uint32
	next   uint32
	before byte // 0 for none
	behind byte // 0 for none
}

// fits reports whether the bytes around a gram that ends before position end of a text
// are those of the literal.
func (e *entry) fits(folded []byte, end, size int) bool {
	if e.before != 0 && (end == size || folded[end-size-1] != e.before) {
		return false
	}
	return e.behind == 0 || end < len(folded) && folded[end] == e.behind
}

// Hits holds the things found in a text.
type Hits struct {
	things []uint64 // a bit each
	lits   []uint64 // by literal: a bit for each that stands in the text
	led    []uint32 // the needs whose first clause is met
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
	h.things = emptied(h.things, m.things)
	h.lits = emptied(h.lits, len(m.lits))
	h.led = h.led[:0]
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

// Build makes a matcher: thing i is found in a text that meets any one of things[i].
// Strings must be folded and not empty. The samples, folded too, show what texts look
// like, so that rare strings are looked for first.
func Build(things [][]Need, samples []string) *Matcher {
	m := &Matcher{things: len(things)}
	ids := m.collect(things)
	m.chooseGrams(samples)
	m.index()
	common := m.count(samples)
	for i, needs := range things {
		for _, n := range needs {
			if len(n) > 0 {
				m.needs = append(m.needs, newNeed(int32(i), n, ids, common))
			}
		}
	}
	m.lead()
	return m
}

// collect gathers the literals, sorted, and gives their indices.
func (m *Matcher) collect(things [][]Need) map[string]uint32 {
	ids := map[string]uint32{}
	for _, needs := range things {
		for _, n := range needs {
			for _, c := range n {
				for _, text := range c {
					if _, ok := ids[text]; !ok {
						ids[text] = 0
						m.lits = append(m.lits, literal{text: text})
					}
				}
			}
		}
	}
	slices.SortFunc(m.lits, func(a, b literal) int { return strings.Compare(a.text, b.text) })
	for i := range m.lits {
		ids[m.lits[i].text] = uint32(i)
	}
	return ids
}

// count gives how many samples hold each literal.
func (m *Matcher) count(samples []string) []int {
	out := make([]int, len(m.lits))
	var h Hits
	for _, s := range samples {
		m.Scan([]byte(s), &h)
		for i := range out {
			if h.lits[i>>6]&(1<<(i&63)) != 0 {
				out[i]++
			}
		}
	}
	return out
}

// newNeed makes a need that is led by its rarest clause.
func newNeed(thing int32, n Need, ids map[string]uint32, common []int) need {
	out := need{thing: thing}
	lead, least := 0, -1
	for k, c := range n {
		sum := 0
		for _, text := range c {
			sum += common[ids[text]]
		}
		if least < 0 || sum < least {
			lead, least = k, sum
		}
	}
	order := append([]Clause{n[lead]}, n[:lead]...)
	for _, c := range append(order, n[lead+1:]...) {
		out.clauses = append(out.clauses, uint32(len(c)))
		for _, text := range c {
			out.clauses = append(out.clauses, ids[text])
		}
	}
	return out
}

// lead notes for the literals which needs they lead.
func (m *Matcher) lead() {
	counts, total := make([]uint32, len(m.lits)), 0
	for i := range m.needs {
		for _, l := range m.needs[i].first() {
			counts[l]++
			total++
		}
	}
	room := make([]uint32, total)
	for i, n := range counts {
		m.lits[i].leads, room = room[:0:n], room[n:]
	}
	for i := range m.needs {
		for _, l := range m.needs[i].first() {
			m.lits[l].leads = append(m.lits[l].leads, uint32(i))
		}
	}
}

// first gives the literals of the first clause.
func (n *need) first() []uint32 { return n.clauses[1 : 1+n.clauses[0]] }

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
		heads: make([]uint32, 1<<(width-headBits)), entries: make([]entry, 0, n),
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
		head := &t.heads[h>>headBits]
		e := entry{key: key, lit: uint32(i), next: *head}
		if l.gram > 0 {
			e.before = l.text[l.gram-1]
		}
		if end := l.gram + size; end < len(l.text) {
			e.behind = l.text[end]
		}
		t.entries = append(t.entries, e)
		*head = uint32(len(t.entries))
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
	for _, n := range hits.led {
		x := &m.needs[n]
		if word, bit := x.thing>>6, uint64(1)<<(x.thing&63); hits.things[word]&bit == 0 && x.met(hits.lits) {
			hits.things[word] |= bit
		}
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
		for e := t.heads[h>>headBits]; e != 0; {
			x := &t.entries[e-1]
			if x.key == key && i+1 >= t.size && x.fits(folded, i+1, t.size) {
				m.mark(x.lit, folded, i+1-t.size, hits)
			}
			e = x.next
		}
	}
}

// mark notes a literal if it stands in the text with its gram at position at.
func (m *Matcher) mark(lit uint32, folded []byte, at int, hits *Hits) {
	word, bit := lit>>6, uint64(1)<<(lit&63)
	if hits.lits[word]&bit != 0 {
		return
	}
	l := &m.lits[lit]
	from := at - l.gram
	if from < 0 || from+len(l.text) > len(folded) || string(folded[from:from+len(l.text)]) != l.text {
		return
	}
	hits.lits[word] |= bit
	hits.led = append(hits.led, l.leads...)
}

// met reports whether the clauses behind the first are met.
func (n *need) met(lits []uint64) bool {
	rest := n.clauses[1+n.clauses[0]:]
	for len(rest) > 0 {
		ids := rest[1 : 1+rest[0]]
		rest = rest[1+rest[0]:]
		met := false
		for _, l := range ids {
			if lits[l>>6]&(1<<(l&63)) != 0 {
				met = true
				break
			}
		}
		if !met {
			return false
		}
	}
	return true
}

// Things gives back what the matcher was built of: the needs of each thing.
func (m *Matcher) Things() [][]Need {
	out := make([][]Need, m.things)
	for i := range m.needs {
		n := &m.needs[i]
		var clauses Need
		for rest := n.clauses; len(rest) > 0; rest = rest[1+rest[0]:] {
			c := Clause{}
			for _, l := range rest[1 : 1+rest[0]] {
				c = append(c, m.lits[l].text)
			}
			clauses = append(clauses, c)
		}
		out[n.thing] = append(out[n.thing], clauses)
	}
	return out
}
