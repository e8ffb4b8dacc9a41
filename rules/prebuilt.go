package rules

import (
	"fmt"

	"github.com/whybounce/whybounce/internal/prebuilt"
	"github.com/whybounce/whybounce/internal/sift"
)

// prebuiltForm names the form of builtin.bin. It changes with the form.
const prebuiltForm = "whybounce rules 3"

// encode writes a set in the form of builtin.bin: all that explaining needs. What is
// only shown (patterns as written, sources, examples) stays in the TOML files.
func (s *Set) encode() []byte {
	e := &prebuilt.Encoder{}
	e.String(prebuiltForm)
	e.String(s.version)
	for i := range s.causes {
		encodeCause(e, &s.causes[i])
	}
	e.Int(len(s.providers))
	for i := range s.providers {
		encodeProvider(e, &s.providers[i])
	}
	encodeCodes(e, s.codes.status)
	encodeCodes(e, s.codes.reply)
	e.Int(len(s.rules))
	for i := range s.rules {
		r := &s.rules[i]
		encodeCore(e, &r.core)
		e.Int(len(r.beaters))
		for _, j := range r.beaters {
			e.Int(int(j))
		}
	}
	s.sieve.Encode(e)
	return e.Bytes()
}

// decodeSet reads a set in the form of builtin.bin.
func decodeSet(data string) (*Set, error) {
	s, err := readSet(prebuilt.NewDecoder(data))
	if err != nil {
		return nil, fmt.Errorf("the prebuilt rules cannot be read; run go generate ./rules and build again: %w", err)
	}
	return s, nil
}

func readSet(d *prebuilt.Decoder) (*Set, error) {
	if d.String() != prebuiltForm {
		return nil, prebuilt.ErrDamaged
	}
	s := &Set{version: d.String(), causes: make([]Cause, len(causeIDs)), docs: true}
	for i := range s.causes {
		decodeCause(d, &s.causes[i])
		s.causes[i].ID = causeIDs[i]
	}
	s.providers = make([]provider, d.Len(6))
	if len(s.providers) > maxProviders {
		return nil, prebuilt.ErrDamaged
	}
	for i := range s.providers {
		decodeProvider(d, &s.providers[i])
	}
	s.codes.status = decodeCodes(d)
	s.codes.reply = decodeCodes(d)
	s.rules = make([]rule, d.Len(12))
	for i := range s.rules {
		r := &s.rules[i]
		decodeCore(d, &r.core)
		r.Cause = causeIDs[r.cause]
		r.matcher.Init(r.folded)
		if n := d.Len(1); n > 0 {
			r.beaters = make([]int32, n)
		}
		for j := range r.beaters {
			r.beaters[j] = int32(d.Below(len(s.rules)))
		}
		for _, id := range r.Provider {
			if p := s.providerIndex(id); p >= 0 {
				r.providers.add(p)
			}
		}
	}
	s.link()
	var err error
	if s.sieve, err = sift.Decode(d, len(s.rules)+len(s.marks)); err != nil {
		return nil, err
	}
	return s, d.Done()
}

func encodeCause(e *prebuilt.Encoder, c *Cause) {
	for _, f := range [...]string{c.Title, c.Fix, c.Act, string(c.Action), c.Sisimai, c.PowerMTA, c.SparkPost, c.fixWith, c.fixReview, c.fixLater} {
		e.String(f)
	}
	e.Bool(c.Permanent)
	e.Bool(c.final)
}

func decodeCause(d *prebuilt.Decoder, c *Cause) {
	c.Title, c.Fix, c.Act, c.Action = d.String(), d.String(), d.String(), ListAction(d.String())
	c.Sisimai, c.PowerMTA, c.SparkPost, c.fixWith = d.String(), d.String(), d.String(), d.String()
	c.fixReview, c.fixLater = d.String(), d.String()
	c.Permanent, c.final = d.Bool(), d.Bool()
}

func encodeProvider(e *prebuilt.Encoder, p *provider) {
	e.String(p.id)
	e.String(p.title)
	e.String(p.documentation)
	e.Strings(p.domains)
	e.Strings(p.hosts)
	e.Int(len(p.marks))
	for i := range p.marks {
		encodeCore(e, &p.marks[i])
	}
}

func decodeProvider(d *prebuilt.Decoder, p *provider) {
	p.id, p.title, p.documentation = d.String(), d.String(), d.String()
	p.domains, p.hosts = d.Strings(), d.Strings()
	p.marks = make([]core, d.Len(12))
	for i := range p.marks {
		decodeCore(d, &p.marks[i])
	}
}

func encodeCodes(e *prebuilt.Encoder, list []codeEntry) {
	e.Int(len(list))
	for i := range list {
		x := &list[i]
		e.String(x.Code)
		e.Int(x.cause)
		e.String(string(x.Action))
		e.String(x.Fix)
		e.Bool(x.Generic)
	}
}

func decodeCodes(d *prebuilt.Decoder) []codeEntry {
	list := make([]codeEntry, d.Len(5))
	for i := range list {
		x := &list[i]
		x.Code, x.cause = d.String(), d.Below(len(causeIDs))
		x.Action, x.Fix, x.Generic = ListAction(d.String()), d.String(), d.Bool()
		x.Cause = causeIDs[x.cause]
	}
	return list
}

func encodeCore(e *prebuilt.Encoder, c *core) {
	e.String(c.ID)
	e.Int(c.cause)
	e.String(c.folded)
	e.Int(c.weight)
	for _, b := range [...]bool{c.exact, c.groups, c.Generic, c.Doubt, c.Harmless, c.Final, c.finalSet, c.User} {
		e.Bool(b)
	}
	e.Int(c.keys())
	if c.keys() > 0 {
		for _, list := range [...][]string{c.Status, c.Reply, c.Stage, c.Provider, c.Server} {
			e.Strings(list)
		}
	}
	e.Strings(c.Beats)
	e.String(string(c.Action))
	e.String(c.Fix)
}

func decodeCore(d *prebuilt.Decoder, c *core) {
	c.ID, c.cause = d.String(), d.Below(len(causeIDs))
	c.folded, c.weight = d.String(), d.Int()
	for _, b := range [...]*bool{&c.exact, &c.groups, &c.Generic, &c.Doubt, &c.Harmless, &c.Final, &c.finalSet, &c.User} {
		*b = d.Bool()
	}
	if d.Int() > 0 {
		for _, list := range [...]*[]string{&c.Status, &c.Reply, &c.Stage, &c.Provider, &c.Server} {
			*list = d.Strings()
		}
	}
	c.Beats, c.Action, c.Fix = d.Strings(), ListAction(d.String()), d.String()
}
