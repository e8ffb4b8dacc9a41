package pattern

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/whybounce/whybounce/internal/sift"
)

const (
	maxExact   = 4  // strings kept of a concatenation that has finitely many
	maxShort   = 40 // the same, of short strings
	maxAny     = 64 // strings kept of a clause
	maxClass   = 8  // runes of a class that is taken apart
	maxClauses = 4  // clauses kept of a need
	fairWord   = 3  // letters of a word that is worth looking for beside another clause
)

// A part is what is known of a part of a pattern.
type part struct {
	// exact holds all the strings that the part matches, in the order of
	// preference, or is nil where they are too many.
	exact []string
	// pure says that matching one of exact is all the part asks for.
	pure bool
	// ends, where exact is nil, holds strings of which one starts and one ends each
	// match, or is nil.
	ends []string
	// needs says what any match holds; it counts where exact is nil. No needs at
	// all say that nothing is certain.
	needs []sift.Need
	// weight is the number of literal characters in every match.
	weight int
}

// clause gives one clause that holds for any match of the part, or nil.
func (p part) clause() sift.Clause {
	if p.exact != nil {
		return p.exact
	}
	var out sift.Clause
	for _, need := range p.needs {
		if len(need) == 0 || len(out)+len(need[0]) > maxAny {
			return nil
		}
		out = append(out, need[0]...)
	}
	return out
}

// clauses gives all clauses that hold for any match of the part.
func (p part) clauses() sift.Need {
	if p.exact == nil && len(p.needs) == 1 {
		return p.needs[0]
	}
	if c := p.clause(); len(c) > 0 {
		return sift.Need{c}
	}
	return nil
}

// alternatives gives what any match holds, one need or another.
func (p part) alternatives() []sift.Need {
	if p.exact != nil {
		return []sift.Need{useful(sift.Need{p.exact})}
	}
	return p.needs
}

// examine finds what is known of a folded pattern.
func examine(re *syntax.Regexp) part {
	switch re.Op {
	case syntax.OpLiteral:
		return part{exact: []string{string(re.Rune)}, pure: true, weight: len(re.Rune)}
	case syntax.OpEmptyMatch:
		return part{exact: []string{""}, pure: true}
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return part{exact: []string{""}}
	case syntax.OpCharClass:
		return examineClass(re)
	case syntax.OpCapture:
		p := examine(re.Sub[0])
		p.pure = false
		return p
	case syntax.OpConcat:
		return examineConcat(re.Sub)
	case syntax.OpAlternate:
		return examineAlternate(re.Sub)
	case syntax.OpQuest:
		return examineQuest(re)
	case syntax.OpPlus:
		p := examine(re.Sub[0])
		return part{ends: p.exact, needs: p.alternatives(), weight: p.weight}
	case syntax.OpRepeat:
		return examineRepeat(re)
	}
	return part{}
}

func examineClass(re *syntax.Regexp) part {
	var out []string
	for i := 0; i+1 < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			if len(out) == maxClass {
				return part{}
			}
			out = append(out, string(r))
		}
	}
	return part{exact: out, pure: true}
}

func examineQuest(re *syntax.Regexp) part {
	p := examine(re.Sub[0])
	if p.exact == nil || !p.pure || len(p.exact) >= maxExact {
		return part{}
	}
	exact := append(slices.Clone(p.exact), "")
	if re.Flags&syntax.NonGreedy != 0 {
		exact = append([]string{""}, p.exact...)
	}
	return part{exact: exact, pure: true}
}

func examineRepeat(re *syntax.Regexp) part {
	if re.Min == 0 {
		return part{}
	}
	p := examine(re.Sub[0])
	if re.Min == re.Max && re.Min <= 4 {
		return examineConcat(slices.Repeat(re.Sub[:1], re.Min))
	}
	return part{ends: p.exact, needs: p.alternatives(), weight: p.weight * re.Min}
}

func examineConcat(subs []*syntax.Regexp) part {
	out := part{pure: true}
	run, whole := []string{""}, true // the exact strings since the last gap
	var need sift.Need
	for _, sub := range subs {
		p := examine(sub)
		out.weight += p.weight
		out.pure = out.pure && p.pure
		if p.exact != nil && few(run, p.exact) {
			run = cross(run, p.exact)
			continue
		}
		whole = false
		if p.exact == nil && len(p.ends) > 0 && few(run, p.ends) {
			run = cross(run, p.ends)
		}
		need = append(need, run)
		switch {
		case p.exact != nil && len(p.exact) <= maxExact:
			run = p.exact
		case p.exact == nil && len(p.ends) > 0 && len(p.ends) <= maxExact:
			run = p.ends
		default:
			run = []string{""}
			need = append(need, p.clauses()...)
		}
	}
	if whole {
		out.exact = run
		return out
	}
	out.pure = false
	out.needs = []sift.Need{useful(append(need, run))}
	return out
}

func examineAlternate(subs []*syntax.Regexp) part {
	out := part{pure: true, exact: []string{}}
	for i, sub := range subs {
		p := examine(sub)
		if i == 0 || p.weight < out.weight {
			out.weight = p.weight
		}
		out.pure = out.pure && p.pure
		if p.exact == nil || out.exact == nil || len(out.exact)+len(p.exact) > maxAny {
			out.exact = nil
		} else {
			out.exact = append(out.exact, p.exact...)
		}
		if alternatives := p.alternatives(); len(alternatives) > 0 {
			out.needs = append(out.needs, alternatives...)
		} else {
			out.needs = append(out.needs, nil) // this branch needs nothing
		}
	}
	out.pure = out.pure && out.exact != nil
	out.needs = joinSingle(out.needs)
	return out
}

// joinSingle makes one need of those that have a single clause.
func joinSingle(needs []sift.Need) []sift.Need {
	var out []sift.Need
	var joined sift.Clause
	for _, n := range needs {
		if len(n) == 1 && len(joined)+len(n[0]) <= maxAny {
			joined = append(joined, n[0]...)
		} else {
			out = append(out, n)
		}
	}
	if joined != nil {
		out = append(out, sift.Need{sifting(joined)})
	}
	return out
}

// useful keeps the clauses that sift best, the best one first.
func useful(need sift.Need) sift.Need {
	var out sift.Need
	for _, c := range need {
		if c = sifting(c); sifts(c) && len(c) <= maxAny {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b sift.Clause) int { return cmp.Compare(worth(b), worth(a)) })
	n := min(len(out), maxClauses)
	for n > 1 && letters(out[n-1]) < fairWord {
		n--
	}
	return out[:n]
}

// worth says how well a clause sifts: longer words are rarer, fewer of them too.
func worth(c sift.Clause) int { return min(letters(c), 20)*4 - len(c) }

// letters counts what is not white space in the shortest string of a clause. A
// character beyond Latin 1 counts double.
func letters(c sift.Clause) int {
	shortest := 1 << 10
	for _, s := range c {
		n := 0
		for _, r := range s {
			if r != ' ' {
				n++
			}
			if r > unicode.MaxLatin1 {
				n++
			}
		}
		shortest = min(shortest, n)
	}
	return shortest
}

// sifts reports whether each string of a clause is long enough: 3 characters, or 2
// of a script that writes words with them.
func sifts(c sift.Clause) bool {
	for _, s := range c {
		if utf8.RuneCountInString(s) < 3 && len(s) < 6 {
			return false
		}
	}
	return len(c) > 0
}

// few reports whether each of a followed by each of b are few enough to keep: more
// are allowed where they are short, as numbers are.
func few(a, b []string) bool {
	if len(a)*len(b) <= maxExact {
		return true
	}
	length := func(x, y string) int { return cmp.Compare(len(x), len(y)) }
	return len(a)*len(b) <= maxShort && len(slices.MaxFunc(a, length))+len(slices.MaxFunc(b, length)) <= 6
}

// cross gives each of a followed by each of b.
func cross(a, b []string) []string {
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

// sifting drops the strings of a clause that contain another of it: they sift
// nothing more.
func sifting(c sift.Clause) sift.Clause {
	var out sift.Clause
next:
	for i, s := range c {
		for j, t := range c {
			if i != j && strings.Contains(s, t) && (s != t || j < i) {
				continue next
			}
		}
		out = append(out, s)
	}
	return out
}
