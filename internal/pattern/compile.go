package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/whybounce/whybounce/internal/sift"
)

const maxPattern = 1000 // bytes

// A Pattern is a pattern as a rule file holds it, ready for folded text.
type Pattern struct {
	Folded string      // the pattern for folded text; New makes a matcher of it
	Needs  []sift.Need // what a text that matches holds: one need or another
	Exact  bool        // and a text that meets a need matches
	Weight int         // characters of literal text in every match
	Names  []string    // of the groups
}

// Compile reads a pattern. It is case-insensitive, white space in it stands for any
// run of white space, and letters with accents for those without too.
func Compile(text string) (*Pattern, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("the pattern is longer than %d bytes", maxPattern)
	}
	re, err := syntax.Parse(WithPlain(text), syntax.Perl|syntax.FoldCase|syntax.DotNL)
	if err != nil {
		return nil, fmt.Errorf("bad pattern: %w", err)
	}
	p := &Pattern{}
	re = foldTree(re, &p.Names)
	var b strings.Builder
	write(&b, re)
	p.Folded = b.String()
	compiled, err := regexp.Compile(p.Folded)
	if err != nil {
		return nil, fmt.Errorf("bad pattern: %w", err)
	}
	if compiled.MatchString("") {
		return nil, errors.New("the pattern matches the empty text")
	}
	known := examine(re)
	p.Weight = known.weight
	p.Needs = known.alternatives()
	p.Exact = known.exact != nil && known.pure && len(p.Names) == 0
	if !certain(p.Needs) {
		return nil, errors.New("every match of a pattern must hold at least 3 fixed characters; none are certain here")
	}
	return p, nil
}

// certain reports whether every need has a clause.
func certain(needs []sift.Need) bool {
	for _, n := range needs {
		if len(n) == 0 {
			return false
		}
	}
	return len(needs) > 0
}

// foldTree rewrites a pattern for folded text: literals lower case, any demand for
// white space a single space, groups without a name dissolved.
func foldTree(re *syntax.Regexp, names *[]string) *syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		if re.Name == "" {
			return foldTree(re.Sub[0], names)
		}
		*names = append(*names, re.Name)
	case syntax.OpLiteral:
		return foldLiteral(re)
	case syntax.OpCharClass:
		return foldClass(re)
	}
	out := *re
	out.Flags &^= syntax.FoldCase
	out.Sub = nil
	for _, sub := range re.Sub {
		f := foldTree(sub, names)
		if re.Op == syntax.OpConcat && f.Op == syntax.OpConcat {
			out.Sub = append(out.Sub, f.Sub...)
		} else if re.Op != syntax.OpConcat || f.Op != syntax.OpEmptyMatch {
			out.Sub = append(out.Sub, f)
		}
	}
	switch {
	case re.Op == syntax.OpConcat:
		out.Sub = joinSpaces(out.Sub)
	case re.Op == syntax.OpPlus && isSpace(out.Sub[0]), re.Op == syntax.OpRepeat && re.Min > 0 && isSpace(out.Sub[0]):
		return out.Sub[0]
	case re.Op == syntax.OpStar && isSpace(out.Sub[0]), re.Op == syntax.OpRepeat && isSpace(out.Sub[0]):
		out.Op, out.Min, out.Max = syntax.OpQuest, 0, 0
	}
	return &out
}

// foldLiteral folds a literal; any run of white space in it becomes one space.
func foldLiteral(re *syntax.Regexp) *syntax.Regexp {
	out := &syntax.Regexp{Op: syntax.OpLiteral}
	for _, r := range re.Rune {
		r = sift.FoldRune(r)
		if r < 0 || r == ' ' && len(out.Rune) > 0 && out.Rune[len(out.Rune)-1] == ' ' {
			continue
		}
		out.Rune = append(out.Rune, r)
	}
	if len(out.Rune) == 0 {
		out.Op = syntax.OpEmptyMatch
	}
	return out
}

// foldClass makes a literal of a class that folds to one rune, as white space and
// the two cases of a letter do, and a plain class of a small one.
func foldClass(re *syntax.Regexp) *syntax.Regexp {
	var runes []rune
	for i := 0; i+1 < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			if f := sift.FoldRune(r); f >= 0 && !slices.Contains(runes, f) {
				runes = append(runes, f)
			}
			if len(runes) > maxClass || r-re.Rune[i] > 64 {
				return &syntax.Regexp{Op: re.Op, Rune: lower(re.Rune)}
			}
		}
	}
	if len(runes) == 1 {
		return &syntax.Regexp{Op: syntax.OpLiteral, Rune: runes}
	}
	out := &syntax.Regexp{Op: syntax.OpCharClass}
	slices.Sort(runes)
	for _, r := range runes {
		out.Rune = append(out.Rune, r, r)
	}
	return out
}

// joinSpaces drops a space that stands beside a certain space: folded text never has
// two. It joins neighbouring literals.
func joinSpaces(subs []*syntax.Regexp) []*syntax.Regexp {
	var out []*syntax.Regexp
	for _, sub := range subs {
		last := len(out) - 1
		if last >= 0 && isMaybeSpace(out[last]) && startsSpace(sub) {
			out = out[:last]
			last--
		}
		switch {
		case last >= 0 && isMaybeSpace(sub) && endsSpace(out[last]):
		case last >= 0 && sub.Op == syntax.OpLiteral && out[last].Op == syntax.OpLiteral:
			runes := sub.Rune
			if endsSpace(out[last]) && startsSpace(sub) {
				runes = runes[1:]
			}
			out[last] = &syntax.Regexp{Op: syntax.OpLiteral, Rune: slices.Concat(out[last].Rune, runes)}
		default:
			out = append(out, sub)
		}
	}
	return out
}

// lower leaves out of a class what folded text does not hold: capital ASCII letters
// and the signs that fold to ASCII letters.
func lower(pairs []rune) []rune {
	for _, absent := range [...][2]rune{{'A', 'Z'}, {'\u017f', '\u017f'}, {'\u212a', '\u212a'}} {
		var out []rune
		for i := 0; i+1 < len(pairs); i += 2 {
			lo, hi := pairs[i], pairs[i+1]
			if lo < absent[0] {
				out = append(out, lo, min(hi, absent[0]-1))
			}
			if hi > absent[1] {
				out = append(out, max(lo, absent[1]+1), hi)
			}
		}
		pairs = out
	}
	return pairs
}

func isSpace(re *syntax.Regexp) bool { return startsSpace(re) && len(re.Rune) == 1 }

func isMaybeSpace(re *syntax.Regexp) bool { return re.Op == syntax.OpQuest && isSpace(re.Sub[0]) }

func startsSpace(re *syntax.Regexp) bool { return re.Op == syntax.OpLiteral && re.Rune[0] == ' ' }

func endsSpace(re *syntax.Regexp) bool {
	return re.Op == syntax.OpLiteral && re.Rune[len(re.Rune)-1] == ' '
}
