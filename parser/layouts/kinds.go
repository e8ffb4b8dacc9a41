package layouts

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"github.com/whybounce/whybounce/internal/pattern"
	"github.com/whybounce/whybounce/internal/prebuilt"
)

// kindsFile is what an author writes, prebuiltKinds what a program reads.
const kindsFile = "kinds.toml"

//go:embed kinds.bin
var prebuiltKinds string

// A Mark tells the kind of a message from the start or the words of a header field.
type Mark struct {
	ID     string   `toml:"id"`
	Field  string   `toml:"field"`
	Kind   string   `toml:"kind"`
	Start  []string `toml:"start"`
	Has    []string `toml:"has"`
	Source string   `toml:"source"`
	Match  []string `toml:"match"`
	Reject []string `toml:"reject"`
}

// A FieldMark tells the kind of a message from the presence of a header field.
type FieldMark struct {
	Kind   string   `toml:"kind"`
	Names  []string `toml:"names"`
	Except []string `toml:"except"`
	Source string   `toml:"source"`
}

// A SenderMark tells what a sender is from its local part or display name.
type SenderMark struct {
	Kind   string   `toml:"kind"`
	Locals []string `toml:"locals"`
	Names  []string `toml:"names"`
	Source string   `toml:"source"`
}

// Kinds says how headers tell the kinds of message apart. It is read-only.
type Kinds struct {
	Marks   []Mark       `toml:"mark"`
	Fields  []FieldMark  `toml:"field"`
	Senders []SenderMark `toml:"sender"`

	names map[string]*nameMarks // by lower-case name of the header field
	// known holds by the length of a name the first letters of those in names, a bit each.
	known [maxFieldName + 1]uint32
	// locals are the local parts of Senders by their first byte, displays their
	// display names; both with the sender's place.
	locals   [256][]opening
	displays map[string]int
}

// nameMarks are the marks that a header field may carry, prepared for comparing.
type nameMarks struct {
	field  *FieldMark
	marks  []*Mark
	starts map[byte][]opening // by first byte
	sieve  *sieve             // finds the "has" phrases
	has    []int              // for each of them its mark
}

// An opening is a phrase that must start a field, and the mark it belongs to.
type opening struct {
	text string
	mark int
}

// index makes the marks findable by the name of the header field.
func (k *Kinds) index() {
	k.names = make(map[string]*nameMarks)
	at := func(name string) *nameMarks {
		name = strings.ToLower(name)
		if k.names[name] == nil {
			k.names[name] = &nameMarks{starts: make(map[byte][]opening)}
			if name != "" && len(name) <= maxFieldName {
				k.known[len(name)] |= 1 << (name[0] & 31)
			}
		}
		return k.names[name]
	}
	for i := range k.Fields {
		for _, name := range k.Fields[i].Names {
			at(name).field = &k.Fields[i]
		}
	}
	for i := range k.Marks {
		n := at(k.Marks[i].Field)
		n.marks = append(n.marks, &k.Marks[i])
	}
	for _, n := range k.names {
		n.prepare()
	}
	k.indexSenders()
}

func (k *Kinds) indexSenders() {
	k.displays = make(map[string]int)
	for i := range k.Senders {
		for _, l := range k.Senders[i].Locals {
			if l != "" {
				k.locals[l[0]] = append(k.locals[l[0]], opening{l, i})
			}
		}
		for _, n := range k.Senders[i].Names {
			if _, ok := k.displays[n]; !ok {
				k.displays[n] = i
			}
		}
	}
}

// prepare sorts the phrases of the marks by how they are looked for.
func (n *nameMarks) prepare() {
	var literals []literal
	for i, m := range n.marks {
		for _, s := range m.Start {
			n.starts[s[0]] = append(n.starts[s[0]], opening{s, i})
		}
		for _, s := range m.Has {
			literals = append(literals, literal{text: s})
			n.has = append(n.has, i)
		}
	}
	if len(literals) > 0 {
		n.sieve = newSieve(literals)
	}
}

// find returns the first mark that a folded value carries, or nil.
func (n *nameMarks) find(folded []byte) *Mark {
	best := len(n.marks)
	if len(folded) > 0 {
		for _, p := range n.starts[folded[0]] {
			if p.mark < best && len(folded) >= len(p.text) && string(folded[:len(p.text)]) == p.text {
				best = p.mark
			}
		}
	}
	if n.sieve != nil {
		var hits [8]hit
		for _, h := range n.sieve.find(folded, hits[:0]) {
			best = min(best, n.has[h.id])
		}
	}
	if best == len(n.marks) {
		return nil
	}
	return n.marks[best]
}

// parseKinds reads kinds.toml.
func parseKinds(text string) (*Kinds, error) {
	k := new(Kinds)
	if _, err := toml.Decode(text, k); err != nil {
		return nil, fmt.Errorf("parser/layouts/%s: %w", kindsFile, err)
	}
	for i := range k.Marks {
		m := &k.Marks[i]
		m.Start, m.Has = withPlain(m.Start), withPlain(m.Has)
	}
	k.index()
	return k, nil
}

// withPlain adds to phrases their forms without accents.
func withPlain(phrases []string) []string {
	for _, p := range slices.Clone(phrases) {
		for _, form := range pattern.Plain(p) {
			if !slices.Contains(phrases, form) {
				phrases = append(phrases, form)
			}
		}
	}
	return phrases
}

// kindsForm names the form of kinds.bin. It changes with the form.
const kindsForm = "whybounce kinds 1"

// encode writes the marks for decodeKinds: all but sources and examples.
func (k *Kinds) encode() []byte {
	e := &prebuilt.Encoder{}
	e.String(kindsForm)
	e.Int(len(k.Marks))
	for i := range k.Marks {
		m := &k.Marks[i]
		e.Strings([]string{m.ID, m.Field, m.Kind})
		e.Strings(m.Start)
		e.Strings(m.Has)
	}
	e.Int(len(k.Fields))
	for i := range k.Fields {
		e.String(k.Fields[i].Kind)
		e.Strings(k.Fields[i].Names)
		e.Strings(k.Fields[i].Except)
	}
	e.Int(len(k.Senders))
	for i := range k.Senders {
		e.String(k.Senders[i].Kind)
		e.Strings(k.Senders[i].Locals)
		e.Strings(k.Senders[i].Names)
	}
	return e.Bytes()
}

// decodeKinds reads what encode wrote.
func decodeKinds(data string) (*Kinds, error) {
	d := prebuilt.NewDecoder(data)
	k := new(Kinds)
	if d.String() != kindsForm {
		return nil, fmt.Errorf("the prebuilt kinds are of another form; run go generate ./parser/layouts and build again: %w", prebuilt.ErrDamaged)
	}
	for range d.Len(3) {
		m := Mark{}
		if names := d.Strings(); len(names) == 3 {
			m.ID, m.Field, m.Kind = names[0], names[1], names[2]
		}
		m.Start, m.Has = d.Strings(), d.Strings()
		k.Marks = append(k.Marks, m)
	}
	for range d.Len(3) {
		k.Fields = append(k.Fields, FieldMark{Kind: d.String(), Names: d.Strings(), Except: d.Strings()})
	}
	for range d.Len(3) {
		k.Senders = append(k.Senders, SenderMark{Kind: d.String(), Locals: d.Strings(), Names: d.Strings()})
	}
	if err := d.Done(); err != nil {
		return nil, fmt.Errorf("the prebuilt kinds cannot be read; run go generate ./parser/layouts and build again: %w", err)
	}
	k.index()
	return k, nil
}

var loadKinds = sync.OnceValues(func() (*Kinds, error) { return decodeKinds(prebuiltKinds) })

// BuiltinKinds returns the built-in marks, read once, without their examples. The
// error is for a damaged kinds.bin, which the tests rule out.
func BuiltinKinds() (*Kinds, error) { return loadKinds() }

// maxFieldName is the length of the longest name of a field that carries marks.
const maxFieldName = 48

// OfField returns the kind that a header field marks, or "". The first mark wins.
func (k *Kinds) OfField(name, value string) string {
	var lower [maxFieldName]byte
	if name == "" || len(name) > maxFieldName || k.known[len(name)]&(1<<(name[0]&31)) == 0 {
		return ""
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	n, ok := k.names[string(lower[:len(name)])]
	if !ok {
		return ""
	}
	if n.field != nil && !containsFold(n.field.Except, strings.TrimSpace(value)) {
		return n.field.Kind
	}
	if len(n.marks) == 0 {
		return ""
	}
	var buf [maxMarked]byte
	folded, _ := appendFolded(buf[:0], head(value))
	if m := n.find(folded); m != nil {
		return m.Kind
	}
	return ""
}

// maxMarked bounds how much of a field is searched for marks.
const maxMarked = 500

func head(s string) string {
	if len(s) > maxMarked {
		return s[:maxMarked]
	}
	return s
}

// OfSender returns what the sender with that address and display name is, or "".
func (k *Kinds) OfSender(address, display string) string {
	address = strings.ToLower(address)
	local, _, _ := strings.Cut(address, "@")
	first := len(k.Senders)
	if i, ok := k.displays[strings.Trim(Fold(display), `"' `)]; ok {
		first = i
	}
	if address != "" {
		for _, l := range k.locals[address[0]] {
			if l.mark < first && (l.text == address && strings.Contains(l.text, "@") || hasStem(local, l.text)) {
				first = l.mark
			}
		}
	}
	if first == len(k.Senders) {
		return ""
	}
	return k.Senders[first].Kind
}

// hasStem reports whether s is stem, or stem and then no letter.
func hasStem(s, stem string) bool {
	if !strings.HasPrefix(s, stem) {
		return false
	}
	return len(s) == len(stem) || s[len(stem)] < 'a' || s[len(stem)] > 'z'
}

// containsFold reports whether list holds s, without regard to case.
func containsFold(list []string, s string) bool {
	for _, l := range list {
		if strings.EqualFold(l, s) {
			return true
		}
	}
	return false
}
