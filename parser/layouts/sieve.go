package layouts

import "encoding/binary"

// gram is how many bytes of a literal the sieve hashes; no literal is shorter.
const gram = 4

// A sieve finds which of many literals stand in a text, in one pass: the bytes
// at each place are hashed into a bitmap, and only where a bit is set are
// literals compared. Building it costs a few operations a literal.
type sieve struct {
	bits  [1 << 10]uint64
	slots map[uint32][]needle
}

// A needle is a literal and where its hashed bytes stand in it.
type needle struct {
	text string
	at   int
	id   int32
}

// A hit is a literal found: its id and where it starts.
type hit struct {
	id int32
	at int32
}

func slot(g uint32) uint32 { return g * 0x9E3779B1 >> 16 }

func gramAt(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// newSieve builds a sieve; the id of a literal is its place in the list.
func newSieve(literals []string) *sieve {
	s := &sieve{slots: make(map[uint32][]needle, len(literals))}
	for id, text := range literals {
		at, fewest := 0, -1
		for i := 0; i+gram <= len(text); i++ {
			n := len(s.slots[gramAt([]byte(text[i:i+gram]))])
			if fewest < 0 || n < fewest {
				at, fewest = i, n
			}
			if n == 0 && i > 0 {
				break
			}
		}
		if fewest < 0 {
			continue // shorter than a gram: the loader refuses such a literal
		}
		g := gramAt([]byte(text[at : at+gram]))
		s.slots[g] = append(s.slots[g], needle{text, at, int32(id)})
		h := slot(g)
		s.bits[h>>6] |= 1 << (h & 63)
	}
	return s
}

// find appends the literals that stand in text, in the order of their place.
func (s *sieve) find(text []byte, hits []hit) []hit {
	for i := 0; i+gram <= len(text); i++ {
		g := gramAt(text[i:])
		h := slot(g)
		if s.bits[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for _, n := range s.slots[g] {
			from := i - n.at
			if from >= 0 && len(text)-from >= len(n.text) && string(text[from:from+len(n.text)]) == n.text {
				hits = append(hits, hit{n.id, int32(from)})
			}
		}
	}
	return hits
}
