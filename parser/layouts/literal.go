package layouts

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAlternatives bounds the literals derived from one pattern.
const maxAlternatives = 160

// A need is what a pattern requires of a text. exact lists all that it can match
// where that is a short list of literals, else it is nil; some lists literals
// one of which stands in every match, or is nil.
type need struct{ exact, some []string }

// literals derives from a pattern the folded literals one of which must stand in
// a folded text that the pattern matches; plain says that a literal found is a
// match found. No literals means that nothing can be derived.
func literals(pattern string) (list []string, plain bool, err error) {
	re, err := syntax.Parse(pattern, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return nil, false, err
	}
	n := derive(re.Simplify())
	if usable(n.exact) {
		return collapse(n.exact), !anchored(re), nil
	}
	if usable(n.some) {
		return collapse(n.some), false, nil
	}
	return nil, false, nil
}

func usable(list []string) bool { return len(list) > 0 && shortest(list) >= gram }

// anchored reports that a pattern looks at its surroundings (^, $, \b).
func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, anchored)
}

func derive(re *syntax.Regexp) need {
	switch re.Op {
	case syntax.OpLiteral:
		lit := []string{foldLiteral(re.Rune)}
		return need{lit, lit}
	case syntax.OpCharClass:
		return deriveClass(re.Rune)
	case syntax.OpCapture:
		return derive(re.Sub[0])
	case syntax.OpConcat:
		return deriveConcat(re.Sub)
	case syntax.OpAlternate:
		return deriveAlternate(re.Sub)
	case syntax.OpQuest:
		if n := derive(re.Sub[0]); n.exact != nil && len(n.exact) < maxAlternatives {
			return need{exact: append([]string{""}, n.exact...)}
		}
	case syntax.OpPlus:
		return need{some: derive(re.Sub[0]).some}
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText,
		syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return need{exact: []string{""}}
	}
	return need{}
}

// foldLiteral folds the case of a literal; its white space becomes spaces.
func foldLiteral(runes []rune) string {
	out := make([]rune, len(runes))
	for i, r := range runes {
		if out[i] = foldRune(r); unicode.IsSpace(r) {
			out[i] = ' '
		}
	}
	return string(out)
}

// collapse makes each run of spaces in the literals one space, as Text does.
func collapse(list []string) []string {
	for i, s := range list {
		for strings.Contains(s, "  ") {
			s = strings.ReplaceAll(s, "  ", " ")
		}
		list[i] = s
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// deriveClass takes a class of few runes apart ([-:], or a letter's two cases).
func deriveClass(pairs []rune) need {
	var exact []string
	for i := 0; i+1 < len(pairs); i += 2 {
		for r := pairs[i]; r <= pairs[i+1]; r++ {
			if s := foldLiteral([]rune{r}); !slices.Contains(exact, s) {
				exact = append(exact, s)
			}
			if len(exact) > 4 {
				return need{}
			}
		}
	}
	return need{exact: exact}
}

func deriveConcat(subs []*syntax.Regexp) need {
	run, exact := []string{""}, true
	var best []string
	for _, sub := range subs {
		n := derive(sub)
		if joined := cross(run, n.exact); joined != nil {
			run = joined
			continue
		}
		best = better(best, run)
		exact = false
		if n.exact != nil {
			run = n.exact
			continue
		}
		best = better(best, n.some)
		run = []string{""}
	}
	best = better(best, run)
	if exact {
		return need{exact: run, some: best}
	}
	return need{some: best}
}

func deriveAlternate(subs []*syntax.Regexp) need {
	var out need
	exact, some := true, true
	for _, sub := range subs {
		n := derive(sub)
		exact = exact && n.exact != nil
		out.exact = append(out.exact, n.exact...)
		part := better(n.some, n.exact)
		some = some && part != nil
		out.some = append(out.some, part...)
	}
	if !exact || len(out.exact) > maxAlternatives {
		out.exact = nil
	}
	if !some || len(out.some) > maxAlternatives {
		out.some = nil
	}
	return out
}

// cross joins each of a with each of b, nil where that is not possible.
func cross(a, b []string) []string {
	if b == nil || len(a)*len(b) > maxAlternatives {
		return nil
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

// better returns the list whose shortest literal is longer.
func better(a, b []string) []string {
	if shortest(b) > shortest(a) {
		return b
	}
	return a
}

func shortest(list []string) int {
	n := -1
	for _, s := range list {
		if n < 0 || len(s) < n {
			n = len(s)
		}
	}
	return n
}

// firstBytes derives from a pattern the bytes one of which the folded form of a line
// starts with that the pattern matches; none where nothing can be derived.
func firstBytes(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return ""
	}
	subs := []*syntax.Regexp{re.Simplify()}
	anchored := false
	for len(subs) > 0 {
		sub := subs[0]
		switch sub.Op {
		case syntax.OpConcat:
			subs = append(slices.Clone(sub.Sub), subs[1:]...)
			continue
		case syntax.OpCapture:
			subs[0] = sub.Sub[0]
			continue
		case syntax.OpBeginLine, syntax.OpBeginText:
			anchored = true
		case syntax.OpStar, syntax.OpPlus:
			if !anchored || !matchesSpace(sub.Sub[0]) {
				return ""
			}
		case syntax.OpLiteral, syntax.OpCharClass:
			if !anchored {
				return ""
			}
			return startOf(sub)
		default:
			return ""
		}
		subs = subs[1:]
	}
	return ""
}

func matchesSpace(re *syntax.Regexp) bool {
	return re.Op == syntax.OpCharClass && slices.Equal(re.Rune, []rune("\t\n\f\r  ")) ||
		re.Op == syntax.OpLiteral && string(re.Rune) == " "
}

// startOf returns what a literal or class starts with, in ASCII and folded.
func startOf(re *syntax.Regexp) string {
	runes := re.Rune
	if re.Op == syntax.OpLiteral {
		runes = []rune{re.Rune[0], re.Rune[0]}
	}
	var out []byte
	for i := 0; i+1 < len(runes); i += 2 {
		for r := runes[i]; r <= runes[i+1]; r++ {
			if r <= ' ' || r >= utf8.RuneSelf || len(out) > 8 {
				return ""
			}
			out = append(out, byte(unicode.ToLower(r)))
		}
	}
	return string(out)
}
