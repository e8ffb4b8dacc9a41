package layouts

import (
	"fmt"

	"github.com/whybounce/whybounce/internal/prebuilt"
)

// prebuiltForm names the form of builtin.bin. It changes with the form.
const prebuiltForm = "whybounce layouts 6"

// reasonsFrom are the values of reason_from.
var reasonsFrom = [...]string{"", "after", "before", "shared"}

// encode writes the set for decodeSet: all but sources and examples.
func (s *Set) encode() []byte {
	e := &prebuilt.Encoder{}
	e.String(prebuiltForm)
	e.Int(len(s.literals))
	for _, l := range s.literals {
		e.String(l.text)
		e.Int(l.at)
	}
	patterns := 0
	s.patterns(func(target) { patterns++ })
	e.Int(patterns)
	e.Int(len(s.general.phrases))
	for _, p := range s.general.phrases {
		e.Int(int(p.role))
		encodePattern(e, p.pattern)
	}
	encodeList(e, s.general.Hosts)
	encodeList(e, s.general.Reporters)
	e.Strings(s.general.NoHosts)
	e.Int(len(s.layouts))
	for _, l := range s.layouts {
		encodeLayout(e, l)
	}
	return e.Bytes()
}

func encodeLayout(e *prebuilt.Encoder, l *Layout) {
	e.String(l.ID)
	e.String(l.Name)
	e.Strings(l.Beats)
	for _, list := range l.When.lists() {
		encodeList(e, list)
	}
	for _, list := range l.rest() {
		encodeList(e, *list)
	}
	for i, from := range reasonsFrom {
		if from == l.Report.ReasonFrom {
			e.Int(i)
		}
	}
	e.String(l.Report.Domain)
}

func encodeList(e *prebuilt.Encoder, list []*Pattern) {
	e.Int(len(list))
	for _, p := range list {
		encodePattern(e, p)
	}
}

func encodePattern(e *prebuilt.Encoder, p *Pattern) {
	e.String(p.source)
	e.Bool(p.plain)
	e.Bool(p.at)
	e.String(p.first)
	e.Int(int(p.field))
	e.Int(len(p.ids))
	for _, id := range p.ids {
		e.Int(int(id))
	}
}

// decodeSet reads what encode wrote.
func decodeSet(data string) (*Set, error) {
	r := &reader{Decoder: prebuilt.NewDecoder(data)}
	s := r.set()
	if err := r.Done(); err != nil {
		return nil, fmt.Errorf("the prebuilt layouts cannot be read; run go generate ./parser/layouts and build again: %w", err)
	}
	s.build()
	return s, nil
}

// A reader reads a set; the patterns and their lists come out of common rooms.
type reader struct {
	*prebuilt.Decoder
	literals []literal
	patterns []Pattern
	ids      []int32
	needs    []string
}

func (r *reader) set() *Set {
	s := &Set{general: &General{}}
	if r.String() != prebuiltForm {
		r.Below(0)
		return s
	}
	r.literals = make([]literal, r.Len(2))
	for i := range r.literals {
		l := &r.literals[i]
		l.text = r.String()
		l.at = r.Below(max(len(l.text)-gram, 0) + 1)
	}
	s.literals = r.literals
	r.patterns = make([]Pattern, r.Len(3))
	s.general.phrases = make([]phrase, r.Len(4))
	for i := range s.general.phrases {
		s.general.phrases[i] = phrase{Role(r.Below(int(roleCount))), r.pattern()}
	}
	s.general.Hosts, s.general.Reporters = r.list(), r.list()
	s.general.NoHosts = r.Strings()
	layouts := make([]Layout, r.Len(16))
	for i := range layouts {
		r.layout(&layouts[i])
		s.layouts = append(s.layouts, &layouts[i])
	}
	return s
}

func (r *reader) layout(l *Layout) {
	l.ID, l.Name, l.Beats = r.String(), r.String(), r.Strings()
	l.When = When{r.list(), r.list(), r.list(), r.list()}
	for _, list := range l.rest() {
		*list = r.list()
	}
	l.Report.ReasonFrom = reasonsFrom[r.Below(len(reasonsFrom))]
	l.Report.Domain = r.String()
}

func (r *reader) list() []*Pattern {
	n := r.Len(3)
	if n == 0 {
		return nil
	}
	out := make([]*Pattern, n)
	for i := range out {
		out[i] = r.pattern()
	}
	return out
}

func (r *reader) pattern() *Pattern {
	if len(r.patterns) == 0 {
		r.Below(0)
		return &Pattern{}
	}
	p := &r.patterns[0]
	r.patterns = r.patterns[1:]
	p.source, p.plain, p.at = r.String(), r.Bool(), r.Bool()
	p.first, p.field = r.String(), area(r.Below(int(areaPhrase)))
	n := r.Len(1)
	if n > len(r.ids) {
		r.ids, r.needs = make([]int32, max(n, len(r.literals))), make([]string, max(n, len(r.literals)))
	}
	p.ids, r.ids = r.ids[:n:n], r.ids[n:]
	p.needs, r.needs = r.needs[:n:n], r.needs[n:]
	for i := range p.ids {
		if id := r.Below(len(r.literals)); id < len(r.literals) {
			p.ids[i], p.needs[i] = int32(id), r.literals[id].text
		}
	}
	return p
}
