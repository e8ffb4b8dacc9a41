package output

import (
	"bufio"
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/whybounce/whybounce/rules"
)

// DefaultLimit is how many addresses the text report lists under a cause.
const DefaultLimit = 100

// Bounds of what a text report holds in memory.
const (
	maxAddresses = 1 << 19 // told apart when counting
	maxBlocks    = 32      // different fixes under a cause
	maxWords     = 400     // bytes of a server's words
)

// TextOptions say how the text report is to look.
type TextOptions struct {
	Width int  // columns of the terminal; 0: not a terminal
	Color bool // use colours
	Limit int  // addresses listed under a cause; 0: all of them
	All   bool // complaints and the like are among the rows
}

// A textWriter groups the rows by cause. It holds the addresses that it will
// list, and a hash of the others to count each once.
type textWriter struct {
	out     *bufio.Writer
	o       TextOptions
	summary bool
	cause   func(id string) (title, fix string)
	groups  map[groupKey]*group
	seen    map[uint64]struct{}
	seed    maphash.Seed
	key     []byte
	full    bool // seen holds all that it may
}

// A groupKey tells groups apart: a cause may have both failed and delayed.
type groupKey struct {
	outcome rules.Outcome
	kind    string // "" where there is an outcome
	cause   string
}

// A group is a heading and what stands under it.
type group struct {
	groupKey
	title     string
	addresses int
	listed    int
	blocks    []*block
}

// A block are the recipients of a group with the same action and fix.
type block struct {
	action    rules.ListAction
	fix       string
	addresses int
	entries   []*entry
	index     map[string]*entry
}

// An entry is one address, the first words said about it, and how often it came.
type entry struct {
	name, words, source string
	times               int
}

func newText(out *bufio.Writer, o Options) *textWriter {
	w := &textWriter{
		out: out, o: o.Text, summary: o.Summary, cause: o.Cause,
		groups: make(map[groupKey]*group),
		seen:   make(map[uint64]struct{}),
		seed:   maphash.MakeSeed(),
	}
	if w.cause == nil {
		w.cause = func(string) (string, string) { return "", "" }
	}
	return w
}

func (w *textWriter) Row(r *Row) error {
	key := groupKey{r.Outcome, "", r.Cause}
	if r.Outcome == "" {
		key.kind = r.Kind
	}
	g := w.groups[key]
	if g == nil {
		title := r.Title
		if t, _ := w.cause(r.Cause); t != "" {
			title = t
		}
		g = &group{groupKey: key.clone(), title: strings.Clone(title)}
		w.groups[g.groupKey] = g
	}
	w.add(g, g.block(r.ListAction, r.Fix), r)
	return nil
}

func (k groupKey) clone() groupKey {
	return groupKey{k.outcome, strings.Clone(k.kind), strings.Clone(k.cause)}
}

// block returns the group's block for an action and a fix.
func (g *group) block(a rules.ListAction, fix string) *block {
	for _, b := range g.blocks {
		if b.action == a && (b.fix == fix || len(g.blocks) >= maxBlocks) {
			return b
		}
	}
	b := &block{action: a, fix: strings.Clone(fix), index: make(map[string]*entry)}
	g.blocks = append(g.blocks, b)
	return b
}

func (w *textWriter) add(g *group, b *block, r *Row) {
	name := r.Recipient
	if name == "" {
		name = r.Source
	}
	id := strings.ToLower(name)
	if e := b.index[id]; e != nil {
		e.times++
		return
	}
	if !w.isNew(g, b, id) {
		return
	}
	g.addresses++
	b.addresses++
	if w.o.Limit > 0 && g.listed >= w.o.Limit {
		return
	}
	g.listed++
	e := &entry{name: Clean(clip(name)), words: words(r), source: Clean(r.Source), times: 1}
	e.name, e.source = strings.Clone(e.name), strings.Clone(e.source)
	b.entries = append(b.entries, e)
	b.index[strings.Clone(id)] = e
}

// isNew counts an address under a block once, as long as memory allows.
func (w *textWriter) isNew(g *group, b *block, id string) bool {
	w.key = append(w.key[:0], g.outcome...)
	for _, s := range [...]string{g.kind, g.cause, string(b.action), b.fix, id} {
		w.key = append(append(w.key, 0), s...)
	}
	h := maphash.Bytes(w.seed, w.key)
	if _, ok := w.seen[h]; ok {
		return false
	}
	if len(w.seen) >= maxAddresses {
		w.full = true
		return true
	}
	w.seen[h] = struct{}{}
	return true
}

// words are the server's words for a recipient, or what else is known.
func words(r *Row) string {
	s := r.Diagnostic
	if s == "" {
		s = r.Evidence.Text
	}
	if s == "" && r.Recipient == "" {
		s = r.Original.Subject
	}
	return strings.Clone(strings.TrimSpace(Clean(clip(s))))
}

// clip cuts long words; a character cut in two is made whole by Clean.
func clip(s string) string {
	if len(s) <= maxWords {
		return s
	}
	return strings.ToValidUTF8(s[:maxWords], "") + "…"
}

// End writes the report: failures first, the causes with most addresses first.
func (w *textWriter) End(t *Totals) error {
	groups := make([]*group, 0, len(w.groups))
	for _, g := range w.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, compareGroups)
	p := &printer{out: w.out, o: w.o}
	for _, g := range groups {
		p.group(g)
	}
	if w.full {
		p.wrapped("", "", "Addresses beyond the first "+thousands(maxAddresses)+" are counted each time they fail.")
		p.line("")
	}
	if w.summary {
		w.out.WriteString(t.Table())
	} else {
		p.wrapped("", "", t.Line())
	}
	if n := t.Messages[Complaints]; n > 0 && !w.o.All {
		p.wrapped("", "", "With --all the "+count(n, "complaint")+" and the rest are listed too.")
	}
	return w.out.Flush()
}

func compareGroups(a, b *group) int {
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(b.addresses, a.addresses),
		cmp.Compare(a.cause, b.cause),
		cmp.Compare(a.kind, b.kind),
	)
}

// rank puts what asks for action before what does not.
func rank(g *group) int {
	switch g.outcome {
	case rules.OutcomeFailed, rules.OutcomeComplaint:
		return 0
	case rules.OutcomeDelayed:
		return 1
	case rules.OutcomeDelivered:
		return 2
	}
	return 3
}
