package dfa

import (
	"regexp/syntax"
	"slices"
)

// A closure is a set of instructions that can be reached without a character.
type closure struct {
	seen  []uint32 // the round in which an instruction was last reached
	round uint32
	stack []uint32
	chars []uint32 // the instructions reached that wait for a character
	out   []uint32
}

func (c *closure) init(n int) { c.seen = make([]uint32, n) }

func (c *closure) reset() {
	c.round++
	c.stack, c.chars = c.stack[:0], c.chars[:0]
}

func (c *closure) push(i uint32) {
	if c.seen[i] != c.round {
		c.seen[i] = c.round
		c.stack = append(c.stack, i)
	}
}

// follow reaches what it can from the instructions, given the assertions that
// hold, and reports whether the pattern has matched.
func (c *closure) follow(prog *syntax.Prog, from []uint32, holds syntax.EmptyOp) bool {
	c.reset()
	for _, i := range from {
		c.push(i)
	}
	for len(c.stack) > 0 {
		i := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		inst := &prog.Inst[i]
		switch inst.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			c.push(inst.Out)
			c.push(inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			c.push(inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^holds == 0 {
				c.push(inst.Out)
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			c.chars = append(c.chars, i)
		}
	}
	return false
}

// consume gives the instructions that wait after the character r, sorted: those
// that follow the ones reached, and the pattern's first one, for a later start.
func (c *closure) consume(prog *syntax.Prog, r rune) []uint32 {
	c.round++
	c.out = append(c.out[:0], uint32(prog.Start))
	c.seen[prog.Start] = c.round
	for _, i := range c.chars {
		inst := &prog.Inst[i]
		if inst.MatchRune(r) && c.seen[inst.Out] != c.round {
			c.seen[inst.Out] = c.round
			c.out = append(c.out, inst.Out)
		}
	}
	slices.Sort(c.out)
	return c.out
}
