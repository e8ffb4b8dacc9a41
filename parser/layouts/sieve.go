package layouts

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// gram is how many bytes of a literal the sieve hashes; no literal is shorter.
const gram = 4

// A literal is a folded text that a pattern needs.
type literal struct {
	text string
	at   int // where the bytes stand that the sieve hashes: its rarest
}

// A sieve finds which of many literals stand in a text, in one pass: the bytes
// at each place are hashed into a bitmap, and only where a bit is set are
// literals compared. Building it costs a few operations a literal.
type sieve struct {
	bits   [1 << 10]uint64
	shift  uint32
	slots  []slot  // by hash; one that is taken gives way to the next
	places []place // the literals, those of one gram beside each other
}

// A slot says which literals are hashed by a gram: from to to of the places. It is
// free where to is 0.
type slot struct {
	gram     uint32
	from, to int32
}

// A place is where a literal stands if its gram does.
type place struct {
	text        string
	id          int32
	at          uint16
	first, last byte // of text
}

// A hit is a literal found: its id and where it starts.
type hit struct {
	id int32
	at int32
}

func spread(g uint32) uint32 { return g * 0x9E3779B1 }

// newSieve builds a sieve; the id of a literal is its place in the list.
func newSieve(literals []literal) *sieve {
	width := max(8, bits.Len(uint(len(literals)+len(literals)/4)))
	s := &sieve{shift: uint32(32 - width), slots: make([]slot, 1<<width), places: make([]place, len(literals))}
	for _, l := range literals {
		if g, ok := l.gram(); ok {
			h := spread(g)
			s.bits[h>>22] |= 1 << (h >> 16 & 63)
			at := s.slot(g, h)
			at.gram = g
			at.to++
		}
	}
	end := int32(0)
	for i := range s.slots {
		if at := &s.slots[i]; at.to > 0 {
			end += at.to
			at.from, at.to = end, end
		}
	}
	for id, l := range literals {
		if g, ok := l.gram(); ok {
			at := s.slot(g, spread(g))
			at.from--
			s.places[at.from] = place{l.text, int32(id), uint16(l.at), l.text[0], l.text[len(l.text)-1]}
		}
	}
	return s
}

// gram returns the bytes of a literal that are hashed.
func (l *literal) gram() (uint32, bool) {
	if len(l.text) < l.at+gram || l.at > math.MaxUint16 {
		return 0, false
	}
	return binary.LittleEndian.Uint32([]byte(l.text[l.at : l.at+gram])), true
}

// slot returns the slot of a gram, whose hash is h, or the free one that it may take.
func (s *sieve) slot(g, h uint32) *slot {
	for i := h >> s.shift; ; i++ {
		if at := &s.slots[int(i)&(len(s.slots)-1)]; at.gram == g || at.to == 0 {
			return at
		}
	}
}

// find appends the literals that stand in text, in the order of their hashed bytes.
func (s *sieve) find(text []byte, hits []hit) []hit {
	for i := 0; i+gram <= len(text); i++ {
		g := binary.LittleEndian.Uint32(text[i:])
		h := spread(g)
		if s.bits[h>>22]&(1<<(h>>16&63)) == 0 {
			continue
		}
		at := s.slot(g, h)
		places := s.places[at.from:at.to]
		for k := range places {
			p := &places[k]
			from := i - int(p.at)
			if to := from + len(p.text); from >= 0 && to <= len(text) && text[from] == p.first && text[to-1] == p.last && string(text[from:to]) == p.text {
				hits = append(hits, hit{p.id, int32(from)})
			}
		}
	}
	return hits
}

// chooseGrams picks for each literal the bytes to hash: those that are rarest among
// the literals themselves, which are made of the same words as the texts.
func chooseGrams(literals []literal) {
	seen := map[string]int{}
	for _, l := range literals {
		for i := 0; i+gram <= len(l.text); i++ {
			seen[l.text[i:i+gram]]++
		}
	}
	for i := range literals {
		l := &literals[i]
		for at := 1; at+gram <= len(l.text) && at <= math.MaxUint16; at++ {
			if seen[l.text[at:at+gram]] < seen[l.text[l.at:l.at+gram]] {
				l.at = at
			}
		}
	}
}
