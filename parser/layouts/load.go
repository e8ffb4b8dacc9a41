package layouts

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// generalFile holds the words that any bounce may use; it is no layout.
const generalFile = "general.toml"

// apart are the files in the directory of the layouts that are not layouts.
var apart = []string{generalFile, "kinds.toml"}

type layoutFile struct {
	Name    string        `toml:"name"`
	Source  string        `toml:"source"`
	Beats   []string      `toml:"beats"`
	When    whenFile      `toml:"when"`
	Report  reportFile    `toml:"report"`
	Action  actionFile    `toml:"action"`
	Example []exampleFile `toml:"example"`
	Reject  []exampleFile `toml:"reject"`
}

type whenFile struct {
	From    []string `toml:"from"`
	Subject []string `toml:"subject"`
	Header  []string `toml:"header"`
	Body    []string `toml:"body"`
}

type reportFile struct {
	Start      []string `toml:"start"`
	End        []string `toml:"end"`
	Recipient  []string `toml:"recipient"`
	Reason     []string `toml:"reason"`
	Skip       []string `toml:"skip"`
	ReasonFrom string   `toml:"reason_from"`
	Domain     string   `toml:"domain"`
}

type actionFile struct {
	Failed    []string `toml:"failed"`
	Delayed   []string `toml:"delayed"`
	Delivered []string `toml:"delivered"`
}

type exampleFile struct {
	Header string `toml:"header"`
	Text   string `toml:"text"`
	Want   []Want `toml:"want"`
}

// Load reads and checks the layouts and the general words in a directory. The
// error names each file at fault and what is wrong with it.
func Load(dir fs.FS) (*Set, error) {
	names, err := fs.Glob(dir, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("list the layouts: %w", err)
	}
	slices.Sort(names)
	set := &Set{}
	var faults []error
	for _, name := range names {
		if slices.Contains(apart, name) {
			continue
		}
		l, err := loadLayout(dir, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		set.layouts = append(set.layouts, l)
	}
	if set.general, err = loadGeneral(dir); err != nil {
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if err := set.resolve(); err != nil {
		return nil, err
	}
	set.intern()
	set.build()
	return set, nil
}

func loadLayout(dir fs.FS, name string) (*Layout, error) {
	var f layoutFile
	if err := decode(dir, name, &f); err != nil {
		return nil, err
	}
	c := compiler{}
	l := &Layout{
		ID: strings.TrimSuffix(path.Base(name), ".toml"), Name: f.Name, Source: f.Source, Beats: f.Beats,
		When: When{c.all(f.When.From), c.all(f.When.Subject), c.fields(f.When.Header), c.all(f.When.Body)},
		Report: Report{c.lines(f.Report.Start), c.lines(f.Report.End), c.lines(f.Report.Recipient),
			c.lines(f.Report.Reason), c.lines(f.Report.Skip), f.Report.ReasonFrom, f.Report.Domain},
		Action:   Action{c.lines(f.Action.Failed), c.lines(f.Action.Delayed), c.lines(f.Action.Delivered)},
		Examples: examples(f.Example), Rejects: examples(f.Reject),
	}
	if err := errors.Join(append(c.faults, l.check())...); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return l, nil
}

func examples(files []exampleFile) []Example {
	out := make([]Example, len(files))
	for i, f := range files {
		out[i] = Example(f)
	}
	return out
}

// decode reads a TOML file and refuses keys that it does not know.
func decode(dir fs.FS, name string, into any) error {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return fmt.Errorf("read the layout: %w", err)
	}
	meta, err := toml.Decode(string(data), into)
	var at toml.ParseError
	if errors.As(err, &at) {
		return fmt.Errorf("%s:%d: %s", name, at.Position.Line, at.Message)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("%s: unknown key %q", name, unknown[0])
	}
	return nil
}

// A compiler turns pattern texts into patterns and keeps the faults.
type compiler struct{ faults []error }

func (c *compiler) all(sources []string) []*Pattern {
	var out []*Pattern
	for _, source := range sources {
		p, err := newPattern(source)
		if err == nil {
			err = p.checkGroups()
		}
		if err != nil {
			c.faults = append(c.faults, err)
			continue
		}
		out = append(out, p)
	}
	return out
}

// lines compiles patterns that are matched against lines as they stand: folded, a
// line has no white space at its ends, so what they need has none either.
func (c *compiler) lines(sources []string) []*Pattern {
	out := c.all(sources)
	for _, p := range out {
		p.plain = false
		for i, text := range p.needs {
			p.needs[i] = strings.Trim(text, " ")
		}
		if shortest(p.needs) < gram {
			p.needs = nil
		}
		slices.Sort(p.needs)
		p.needs = slices.Compact(p.needs)
	}
	return out
}

// ofField are the starts of Header patterns that concern From or Subject alone.
var ofField = [...]struct {
	start string
	field area
}{{"From: .*", areaFrom}, {"From: ", areaFrom}, {"Subject: .*", areaSubject}, {"Subject: ", areaSubject}}

// fields compiles Header patterns.
func (c *compiler) fields(sources []string) []*Pattern {
	var out []*Pattern
	for _, source := range sources {
		field := areaHeader
		for _, f := range ofField {
			if rest, ok := strings.CutPrefix(source, f.start); ok {
				source, field = rest, f.field
				break
			}
		}
		for _, p := range c.all([]string{source}) {
			p.field = field
			out = append(out, p)
		}
	}
	return out
}

// check finds what makes a layout useless or dangerous.
func (l *Layout) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if l.Name == "" || l.Source == "" {
		fault("name and source are mandatory")
	}
	keys := 0
	for _, list := range l.When.lists() {
		keys += len(list)
		for _, p := range list {
			if len(p.needs) == 0 {
				fault("when: pattern %q needs a literal of %d bytes or more", p.source, gram)
			}
		}
	}
	if keys == 0 {
		fault("[when] needs at least one of from, subject, header, body")
	}
	if !slices.Contains([]string{"", "after", "before", "shared"}, l.Report.ReasonFrom) {
		fault("reason_from is %q, use after, before or shared", l.Report.ReasonFrom)
	}
	if len(l.Examples) == 0 {
		fault("at least one [[example]] is mandatory")
	}
	return errors.Join(faults...)
}

// lists returns the lists, by area.
func (w *When) lists() [4][]*Pattern {
	return [4][]*Pattern{areaFrom: w.From, areaSubject: w.Subject, areaHeader: w.Header, areaBody: w.Body}
}

// rest returns the lists of patterns that only a chosen layout asks.
func (l *Layout) rest() [8]*[]*Pattern {
	r, a := &l.Report, &l.Action
	return [8]*[]*Pattern{&r.Start, &r.End, &r.Recipient, &r.Reason, &r.Skip, &a.Failed, &a.Delayed, &a.Delivered}
}
