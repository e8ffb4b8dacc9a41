package output

import (
	"bufio"
	"cmp"
	"slices"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/whybounce/whybounce/rules"
)

// Widths of the text report.
const (
	plainWidth   = 80 // where the output is no terminal
	minWidth     = 40
	maxWidth     = 120 // longer lines are hard to read
	addressWidth = 34  // longer addresses have a line of their own
)

// A printer lays out groups. Write errors are kept by the buffered writer.
type printer struct {
	out *bufio.Writer
	o   TextOptions
}

// A style is a way to set off words on a terminal (ECMA-48 SGR).
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	yellow style = "33"
	green  style = "32"
)

// paint sets words in a style, where there are colours.
func (p *printer) paint(s style, words string) string {
	if !p.o.Color || words == "" {
		return words
	}
	return "\x1b[" + string(s) + "m" + words + "\x1b[0m"
}

func (p *printer) line(s string) {
	p.out.WriteString(s)
	p.out.WriteByte('\n')
}

// width is the number of columns to fill.
func (p *printer) width() int {
	if p.o.Width == 0 {
		return plainWidth
	}
	return min(max(p.o.Width, minWidth), maxWidth)
}

func (p *printer) group(g *group) {
	name := cmp.Or(g.cause, g.kind)
	if g.outcome == rules.OutcomeDelayed {
		name += " (delayed)"
	}
	head := p.paint(bold, Clean(name))
	if g.title != "" {
		head += ": " + Clean(g.title)
	}
	what := "address"
	if g.outcome == "" {
		what = "message"
	}
	p.line(head + p.paint(dim, " — "+count(g.addresses, what)))
	slices.SortStableFunc(g.blocks, func(a, b *block) int {
		return cmp.Or(cmp.Compare(actionRank(a.action), actionRank(b.action)), cmp.Compare(b.addresses, a.addresses))
	})
	for _, b := range g.blocks {
		p.block(b)
	}
	p.line("")
}

func actionRank(a rules.ListAction) int {
	return strings.Index("remove fix review keep", string(a))
}

func (p *printer) block(b *block) {
	if b.action != "" {
		p.wrapped("  "+p.action(b.action)+": ", "    ", Clean(b.fix))
	}
	column := 0
	for _, e := range b.entries {
		if w := uniseg.StringWidth(e.label()); w <= addressWidth {
			column = max(column, w)
		}
	}
	for _, e := range b.entries {
		p.entry(e, column)
	}
	if more := b.addresses - len(b.entries); more > 0 {
		p.line("    " + p.paint(dim, "… and "+thousands(more)+" more (--limit 0 lists all, --format csv makes a table)"))
	}
}

// action names a list action at the start of a sentence.
func (p *printer) action(a rules.ListAction) string {
	return p.paint(actionStyle(a), strings.ToUpper(string(a[:1]))+string(a[1:]))
}

func actionStyle(a rules.ListAction) style {
	switch a {
	case rules.Remove:
		return red
	case rules.Fix, rules.Review:
		return yellow
	}
	return green
}

func (e *entry) label() string {
	if e.times > 1 {
		return e.name + " ×" + thousands(e.times)
	}
	return e.name
}

// entry prints an address and the server's words beside it.
func (p *printer) entry(e *entry, column int) {
	label := e.label()
	w := uniseg.StringWidth(label)
	if e.words == "" {
		source := ""
		if e.source != e.name {
			source = "  " + e.source
		}
		p.line("    " + label + p.paint(dim, source))
		return
	}
	indent := strings.Repeat(" ", 4+column+2)
	if w > column {
		p.line("    " + label)
		p.words(indent, indent, e)
		return
	}
	p.words("    "+label+strings.Repeat(" ", column-w+2), indent, e)
}

// words prints a server's words: on a terminal wrapped, elsewhere on one line.
func (p *printer) words(first, indent string, e *entry) {
	if p.o.Width == 0 {
		p.line(first + e.words)
		return
	}
	p.wrapped(first, indent, e.words)
}

// wrapped prints words after first, going on under indent where the line is full.
func (p *printer) wrapped(first, indent, words string) {
	line, used := first, visibleWidth(first)
	empty := true
	for word := range strings.FieldsSeq(words) {
		w := uniseg.StringWidth(word)
		if !empty && used+1+w > p.width() {
			p.line(line)
			line, used, empty = indent, visibleWidth(indent), true
		}
		if !empty {
			line, used = line+" ", used+1
		}
		line, used, empty = line+word, used+w, false
	}
	p.line(line)
}

// visibleWidth is the width of words that may be painted.
func visibleWidth(s string) int {
	n := 0
	for {
		before, after, found := strings.Cut(s, "\x1b[")
		n += uniseg.StringWidth(before)
		if !found {
			return n
		}
		_, s, _ = strings.Cut(after, "m")
	}
}
