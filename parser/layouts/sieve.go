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
	before [1 << 10]uint16 // for each word of bits, how many are set before it
	first  []int32         // for each bit set, its first place; the next one's is its end
	places []place         // those of one bit beside each other, the last literal first
}

// A place is where a literal stands if its hash does.
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

// spread hashes bytes: it gives a word of bits and a bit in it.
func spread(g uint32) (word, bit uint32) {
	h := g * 0x9E3779B1
	return h >> 22, h >> 16 & 63
}

// newSieve builds a sieve; the id of a literal is its place in the list.
func newSieve(literals []literal) *sieve {
	s := &sieve{places: make([]place, len(literals))}
	for _, l := range literals {
		if g, ok := l.gram(); ok {
			word, bit := spread(g)
			s.bits[word] |= 1 << bit
		}
	}
	count := 0
	for i, word := range s.bits {
		s.before[i] = uint16(count)
		count += bits.OnesCount64(word)
	}
	s.first = make([]int32, count+1)
	for _, l := range literals {
		if g, ok := l.gram(); ok {
			s.first[s.number(spread(g))]++
		}
	}
	end := int32(0)
	for i := range s.first {
		end += s.first[i]
		s.first[i] = end
	}
	for id, l := range literals {
		if g, ok := l.gram(); ok {
			at := &s.first[s.number(spread(g))]
			*at--
			s.places[*at] = place{l.text, int32(id), uint16(l.at), l.text[0], l.text[len(l.text)-1]}
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

// number returns how many bits are set before one that is set.
func (s *sieve) number(word, bit uint32) int {
	return int(s.before[word]) + bits.OnesCount64(s.bits[word]&(1<<bit-1))
}

// find appends the literals that stand in text, in the order of their hashed bytes.
func (s *sieve) find(text []byte, hits []hit) []hit {
	for i := 0; i+gram <= len(text); i++ {
		word, bit := spread(binary.LittleEndian.Uint32(text[i:]))
		if s.bits[word]>>bit&1 == 0 {
			continue
		}
		n := s.number(word, bit)
		places := s.places[s.first[n]:s.first[n+1]]
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
