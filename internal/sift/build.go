package sift

import "slices"

// Build makes a matcher: thing i is found in a text that meets any one of things[i].
// Strings must be folded and not empty. The samples, folded too, show what texts look
// like, so that rare strings are looked for first.
func Build(things [][]Need, samples []string) *Matcher {
	m := &Matcher{things: len(things)}
	ids := m.collect(things)
	m.chooseGrams(samples)
	common := m.count(samples)
	for i, needs := range things {
		for _, n := range needs {
			if len(n) > 0 {
				m.needs = append(m.needs, newNeed(int32(i), n, ids, common))
			}
		}
	}
	m.index()
	return m
}

// collect gathers the literals, sorted, and gives their indices.
func (m *Matcher) collect(things [][]Need) map[string]uint32 {
	ids := map[string]uint32{}
	var texts []string
	for _, needs := range things {
		for _, n := range needs {
			for _, c := range n {
				for _, text := range c {
					if _, ok := ids[text]; !ok {
						ids[text] = 0
						texts = append(texts, text)
					}
				}
			}
		}
	}
	slices.Sort(texts)
	for i, text := range texts {
		ids[text] = uint32(i)
		m.add(text, 0)
	}
	return ids
}

// add adds a literal.
func (m *Matcher) add(text string, gram int) {
	m.lits = append(m.lits, literal{at: uint32(len(m.texts)), size: uint32(len(text)), gram: uint32(gram), sign: noSign})
	m.texts = append(m.texts, text...)
}

// count gives how many samples hold each literal: with a matcher that finds each.
func (m *Matcher) count(samples []string) []int {
	each := &Matcher{things: len(m.lits), texts: m.texts, lits: m.lits}
	for i := range m.lits {
		each.needs = append(each.needs, need{thing: int32(i), clauses: []uint32{1, uint32(i)}})
	}
	each.index()
	out := make([]int, len(m.lits))
	var h Hits
	for _, s := range samples {
		each.Scan([]byte(s), &h)
		for i := h.Next(0); i >= 0; i = h.Next(i + 1) {
			out[i]++
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

// chooseGrams picks for each literal the piece that is rarest in literals and samples.
func (m *Matcher) chooseGrams(samples []string) {
	seen := map[string]int{}
	count := func(s string) {
		for i := 0; i+maxGram <= len(s); i++ {
			seen[s[i:i+maxGram]]++
		}
	}
	for i := range m.lits {
		count(string(m.text(&m.lits[i])))
	}
	for _, s := range samples {
		count(s)
	}
	for i := range m.lits {
		l := &m.lits[i]
		text := string(m.text(l))
		for j := 1; j+maxGram <= len(text); j++ {
			if seen[text[j:j+maxGram]] < seen[text[l.gram:l.gram+maxGram]] {
				l.gram = uint32(j)
			}
		}
	}
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
				c = append(c, string(m.text(&m.lits[l])))
			}
			clauses = append(clauses, c)
		}
		out[n.thing] = append(out[n.thing], clauses)
	}
	return out
}
