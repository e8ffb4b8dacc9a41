package dfa

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// classes puts characters together that no instruction of a pattern tells apart.
type classes struct {
	ascii  [utf8.RuneSelf]uint8
	bounds []rune // the first character of each class, sorted
	repr   []rune // a character of each class
	end    uint8  // the class of the end of the text
	n      int
}

// init reports whether there are few enough classes.
func (c *classes) init(prog *syntax.Prog) bool {
	// The assertions tell these apart: line ends and word characters.
	c.bounds = []rune{0, '\n', '\n' + 1, '0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1}
	for i := range prog.Inst {
		c.add(&prog.Inst[i])
	}
	slices.Sort(c.bounds)
	c.bounds = slices.Compact(c.bounds)
	if len(c.bounds) >= maxClasses {
		return false
	}
	c.repr = append(slices.Clone(c.bounds), -1)
	c.end, c.n = uint8(len(c.bounds)), len(c.bounds)+1
	for r := range rune(utf8.RuneSelf) {
		c.ascii[r] = c.of(r)
	}
	return true
}

// add adds the bounds of the characters that an instruction takes.
func (c *classes) add(inst *syntax.Inst) {
	switch inst.Op {
	case syntax.InstRune, syntax.InstRune1:
	default:
		return
	}
	if len(inst.Rune) == 1 {
		c.one(inst.Rune[0])
		if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
			for r := unicode.SimpleFold(inst.Rune[0]); r != inst.Rune[0]; r = unicode.SimpleFold(r) {
				c.one(r)
			}
		}
		return
	}
	for i := 0; i+1 < len(inst.Rune); i += 2 {
		c.bounds = append(c.bounds, inst.Rune[i], inst.Rune[i+1]+1)
	}
}

func (c *classes) one(r rune) { c.bounds = append(c.bounds, r, r+1) }

// of gives the class of a character.
func (c *classes) of(r rune) uint8 {
	lo, hi := 0, len(c.bounds)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if c.bounds[mid] <= r {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return uint8(lo - 1)
}
