package layouts

import "math/bits"

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
	bits     [1 << 10]uint64
	shift    uint32
	heads    []int32  // by hash: one more than the id of the first literal
	next     []int32  // by id: one more than the id of the next
	grams    []uint32 // by id: the bytes hashed
	literals []literal
}

// A hit is a literal found: its id and where it starts.
type hit struct {
	id int32
	at int32
}

func spread(g uint32) uint32 { return g * 0x9E3779B1 }

func gramIn(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// newSieve builds a sieve; the id of a literal is its place in the list.
func newSieve(literals []literal) *sieve {
	width := max(8, bits.Len(uint(len(literals))))
	s := &sieve{
		shift: uint32(32 - width), heads: make([]int32, 1<<width),
		next: make([]int32, len(literals)), grams: make([]uint32, len(literals)), literals: literals,
	}
	for id := range literals {
		l := &literals[id]
		if len(l.text) < l.at+gram {
			continue
		}
		s.grams[id] = gramIn(l.text[l.at:])
		h := spread(s.grams[id])
		s.bits[h>>22] |= 1 << (h >> 16 & 63)
		s.next[id] = s.heads[h>>s.shift]
		s.heads[h>>s.shift] = int32(id) + 1
	}
	return s
}

// find appends the literals that stand in text, in the order of their hashed bytes.
func (s *sieve) find(text []byte, hits []hit) []hit {
	var g uint32
	for i, c := range text {
		g = g>>8 | uint32(c)<<24
		h := spread(g)
		if s.bits[h>>22]&(1<<(h>>16&63)) == 0 {
			continue
		}
		for id := s.heads[h>>s.shift]; id != 0; id = s.next[id-1] {
			if s.grams[id-1] != g {
				continue
			}
			l := &s.literals[id-1]
			from := i - (gram - 1) - l.at
			if from >= 0 && len(text)-from >= len(l.text) && text[from] == l.text[0] && string(text[from:from+len(l.text)]) == l.text {
				hits = append(hits, hit{id - 1, int32(from)})
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
		for at := 1; at+gram <= len(l.text); at++ {
			if seen[l.text[at:at+gram]] < seen[l.text[l.at:l.at+gram]] {
				l.at = at
			}
		}
	}
}
