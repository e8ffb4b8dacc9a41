package rules

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

const (
	maxExact    = 24 // strings kept of a part that has finitely many
	maxRequired = 96 // strings kept of a set of which one must occur
	maxClass    = 8  // runes of a class that is taken apart
)

// A needs says what literal text a part of a pattern requires.
type needs struct {
	// exact holds all the strings that the part matches, in the order of
	// preference, or is nil where they are too many.
	exact []string
	// pure says that matching one of exact is all the part asks for.
	pure bool
	// any is a set of strings of which each match holds one, or nil. It is used
	// where exact is nil.
	any []string
	// weight is the number of literal characters in every match.
	weight int
}

// required gives what stands in any case: the exact strings, or else any.
func (n needs) required() []string {
	if n.exact != nil {
		return n.exact
	}
	return n.any
}

// need derives what a folded pattern requires.
func need(re *syntax.Regexp) needs {
	switch re.Op {
	case syntax.OpLiteral:
		return needs{exact: []string{string(re.Rune)}, pure: true, weight: len(re.Rune)}
	case syntax.OpEmptyMatch:
		return needs{exact: []string{""}, pure: true}
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return needs{exact: []string{""}}
	case syntax.OpCharClass:
		return needClass(re)
	case syntax.OpCapture:
		n := need(re.Sub[0])
		n.pure = false
		return n
	case syntax.OpConcat:
		return needConcat(re.Sub)
	case syntax.OpAlternate:
		return needAlternate(re.Sub)
	case syntax.OpQuest:
		return needQuest(re)
	case syntax.OpPlus:
		n := need(re.Sub[0])
		return needs{any: n.required(), weight: n.weight}
	case syntax.OpRepeat:
		return needRepeat(re)
	}
	return needs{}
}

func needClass(re *syntax.Regexp) needs {
	var out []string
	for i := 0; i+1 < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			if len(out) == maxClass {
				return needs{}
			}
			out = append(out, string(r))
		}
	}
	return needs{exact: out, pure: true}
}

func needQuest(re *syntax.Regexp) needs {
	n := need(re.Sub[0])
	if n.exact == nil || !n.pure || len(n.exact) >= maxExact {
		return needs{}
	}
	exact := append(append([]string(nil), n.exact...), "")
	if re.Flags&syntax.NonGreedy != 0 {
		exact = append([]string{""}, n.exact...)
	}
	return needs{exact: exact, pure: true}
}

func needRepeat(re *syntax.Regexp) needs {
	if re.Min == 0 {
		return needs{}
	}
	n := need(re.Sub[0])
	if re.Min == re.Max && re.Min <= 8 {
		sub := make([]*syntax.Regexp, re.Min)
		for i := range sub {
			sub[i] = re.Sub[0]
		}
		return needConcat(sub)
	}
	return needs{any: n.required(), weight: n.weight * re.Min}
}

func needConcat(subs []*syntax.Regexp) needs {
	out := needs{pure: true}
	run, whole := []string{""}, true // the exact strings since the last gap
	for _, sub := range subs {
		n := need(sub)
		out.weight += n.weight
		out.pure = out.pure && n.pure
		if n.exact != nil && len(run)*len(n.exact) <= maxExact {
			run = cross(run, n.exact)
			continue
		}
		whole = false
		out.any = better(better(out.any, run), n.required())
		if run = n.exact; run == nil || len(run) > maxExact {
			run = []string{""}
		}
	}
	if whole {
		out.exact = run
		return out
	}
	out.pure = false
	out.any = better(out.any, run)
	return out
}

func needAlternate(subs []*syntax.Regexp) needs {
	out := needs{pure: true, exact: []string{}, any: []string{}}
	for i, sub := range subs {
		n := need(sub)
		if i == 0 || n.weight < out.weight {
			out.weight = n.weight
		}
		out.pure = out.pure && n.pure
		if n.exact == nil || out.exact == nil || len(out.exact)+len(n.exact) > maxExact {
			out.exact = nil
		} else {
			out.exact = append(out.exact, n.exact...)
		}
		req := n.required()
		if req == nil || out.any == nil || len(out.any)+len(req) > maxRequired {
			out.any = nil
		} else {
			out.any = append(out.any, req...)
		}
	}
	if out.exact == nil {
		out.pure = false
	}
	return out
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

// better gives the set that sifts better: of longer strings, then of fewer.
func better(a, b []string) []string {
	la, lb := shortest(a), shortest(b)
	la, lb = min(la, 24)*4-len(a), min(lb, 24)*4-len(b)
	if len(a) == 0 || shortest(a) == 0 || lb > la && shortest(b) > 0 {
		return b
	}
	return a
}

// shortest gives the length in characters of the shortest string of a set.
func shortest(set []string) int {
	if len(set) == 0 {
		return 0
	}
	n := utf8.RuneCountInString(set[0])
	for _, s := range set[1:] {
		n = min(n, utf8.RuneCountInString(s))
	}
	return n
}

// sifting drops the strings of a set that contain another of it: they sift nothing more.
func sifting(set []string) []string {
	var out []string
next:
	for i, s := range set {
		for j, t := range set {
			if i != j && strings.Contains(s, t) && (s != t || j < i) {
				continue next
			}
		}
		out = append(out, s)
	}
	return out
}
