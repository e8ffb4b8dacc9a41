package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// A source is what a directory of rule files says, before it is built into a set.
type source struct {
	causes    []causeData
	rules     []core
	providers []provider
	codes     codeTable
	off       []offSwitch
	docs      bool // what is only shown of the built-in rules stays in their files
}

// causeData is the head of a cause's file. Empty fields leave what was.
type causeData struct {
	Cause
	file      string
	permanent *bool
	final     *bool
}

// An offSwitch switches a built-in rule off.
type offSwitch struct {
	id, file string
	line     int
}

// The files as TOML tables.
type (
	causeTable struct {
		Title     string      `toml:"title"`
		Fix       string      `toml:"fix"`
		FixWith   string      `toml:"fix_with"`
		FixReview string      `toml:"fix_review"`
		FixLater  string      `toml:"fix_later"`
		Act       string      `toml:"act"`
		Action    string      `toml:"action"`
		Permanent *bool       `toml:"permanent"`
		Final     *bool       `toml:"final"`
		Sisimai   string      `toml:"sisimai"`
		PowerMTA  string      `toml:"powermta"`
		SparkPost string      `toml:"sparkpost"`
		Off       []string    `toml:"off"`
		Rule      []ruleTable `toml:"rule"`
	}
	providerTable struct {
		Title         string      `toml:"title"`
		Documentation string      `toml:"documentation"`
		Domains       []string    `toml:"domains"`
		Hosts         []string    `toml:"hosts"`
		Marks         []string    `toml:"marks"`
		Off           []string    `toml:"off"`
		Rule          []ruleTable `toml:"rule"`
	}
	ruleTable struct {
		ID       string    `toml:"id"`
		Cause    string    `toml:"cause"`
		Pattern  string    `toml:"pattern"`
		Source   string    `toml:"source"`
		Match    []example `toml:"match"`
		Reject   []example `toml:"reject"`
		Status   words     `toml:"status"`
		Reply    words     `toml:"reply"`
		Stage    words     `toml:"stage"`
		Provider words     `toml:"provider"`
		Server   words     `toml:"server"`
		Beats    words     `toml:"beats"`
		Generic  bool      `toml:"generic"`
		Doubt    bool      `toml:"doubt"`
		Harmless bool      `toml:"harmless"`
		Final    *bool     `toml:"final"`
		Action   string    `toml:"action"`
		Fix      string    `toml:"fix"`
	}
)

// words is a string or a list of strings.
type words []string

// UnmarshalTOML reads a string or a list of strings.
func (w *words) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case string:
		*w = words{v}
		return nil
	case []any:
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return fmt.Errorf("want a string, got %v", x)
			}
			*w = append(*w, s)
		}
		return nil
	}
	return fmt.Errorf("want a string or a list of strings, got %v", v)
}

// example is a text, or a table of a text and what is known beside it.
type example Example

// UnmarshalTOML reads an example.
func (e *example) UnmarshalTOML(v any) error {
	if s, ok := v.(string); ok {
		e.Text = s
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("want a text or a table with the key text, got %v", v)
	}
	fields := map[string]*string{
		"text": &e.Text, "status": &e.Status, "reply": &e.Reply,
		"stage": &e.Stage, "provider": &e.Provider, "server": &e.Server,
	}
	for k, x := range m {
		p, known := fields[k]
		s, text := x.(string)
		if !known || !text {
			return fmt.Errorf("an example takes text, status, reply, stage, provider and server as strings, not %s = %v", k, x)
		}
		*p = s
	}
	return nil
}

// A loader reads a directory of rule files and notes what is wrong with them.
type loader struct {
	fsys     fs.FS
	user     bool // the rules are a user's own, over the built-in ones
	source   source
	problems []Problem
}

// load reads causes/*.toml, providers/*.toml and codes.toml. Of a
// user's directory only the first two count.
func load(fsys fs.FS, user bool) (source, []Problem) {
	l := &loader{fsys: fsys, user: user}
	for _, name := range l.glob("causes/*.toml") {
		l.cause(name)
	}
	for _, name := range l.glob("providers/*.toml") {
		l.provider(name)
	}
	if !user {
		l.codes("codes.toml")
	}
	return l.source, l.problems
}

func (l *loader) glob(pattern string) []string {
	names, err := fs.Glob(l.fsys, pattern)
	if err != nil {
		l.bad(pattern, 1, "", err.Error())
	}
	slices.Sort(names)
	return names
}

func (l *loader) bad(file string, line int, id, reason string) {
	l.problems = append(l.problems, Problem{File: file, Line: line, ID: id, Reason: reason})
}

// decode reads a TOML file into v and reports the keys that v does not know.
func (l *loader) decode(name string, v any) (*lineTable, bool) {
	data, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		l.bad(name, 1, "", err.Error())
		return nil, false
	}
	lines := readLines(string(data))
	md, err := toml.Decode(string(data), v)
	if err != nil {
		line := 1
		var pe toml.ParseError
		if errors.As(err, &pe) {
			line, err = pe.Position.Line, errors.New(pe.Message)
		}
		l.bad(name, line, "", strings.Join(strings.Fields(err.Error()), " "))
		return nil, false
	}
	seen := map[string]bool{}
	for _, key := range md.Undecoded() {
		if len(key) > 1 && (key[1] == "match" || key[1] == "reject") || seen[key.String()] {
			continue
		}
		seen[key.String()] = true
		l.bad(name, lines.key(key[len(key)-1], 1), "", fmt.Sprintf("unknown key %q", key.String()))
	}
	return lines, true
}

// base gives the name of a file without directory and ending.
func base(name string) string { return strings.TrimSuffix(path.Base(name), ".toml") }

func (l *loader) cause(name string) {
	var t causeTable
	lines, ok := l.decode(name, &t)
	if !ok {
		return
	}
	id := base(name)
	if causeIndex(id) < 0 {
		l.bad(name, 1, "", fmt.Sprintf("%q is not a cause: the causes are a closed list", id))
		return
	}
	c := causeData{file: name, permanent: t.Permanent, final: t.Final, Cause: Cause{
		ID: id, Title: t.Title, Fix: t.Fix, Act: t.Act, Action: ListAction(t.Action),
		Sisimai: t.Sisimai, PowerMTA: t.PowerMTA, SparkPost: t.SparkPost, fixWith: t.FixWith, fixReview: t.FixReview, fixLater: t.FixLater,
	}}
	l.checkCause(c, lines)
	l.source.causes = append(l.source.causes, c)
	l.switchOff(name, t.Off, lines)
	for i := range t.Rule {
		l.rule(name, lines.header("rule", i), id, "", &t.Rule[i])
	}
}

func (l *loader) switchOff(name string, off []string, lines *lineTable) {
	for _, id := range off {
		line := lines.key("off", 1)
		if !l.user {
			l.bad(name, line, id, "only a user's own rules switch a rule off; delete it here")
			continue
		}
		l.source.off = append(l.source.off, offSwitch{id: id, file: name, line: line})
	}
}

// checkCause reports what the head of a cause's file lacks. A user's file may leave
// everything out.
func (l *loader) checkCause(c causeData, lines *lineTable) {
	for _, f := range []struct{ key, value string }{{"title", c.Title}, {"fix", c.Fix}, {"fix_with", c.fixWith}, {"fix_review", c.fixReview}, {"fix_later", c.fixLater}, {"act", c.Act}, {"action", string(c.Action)}} {
		switch {
		case f.value == "" && !l.user && !strings.HasPrefix(f.key, "fix_"):
			l.bad(c.file, 1, "", f.key+" is missing")
		case !plain(f.value):
			l.bad(c.file, lines.key(f.key, 1), "", f.key+" must be plain text on one line, without white space at its ends")
		}
	}
	if c.permanent == nil && !l.user {
		l.bad(c.file, 1, "", "permanent is missing")
	}
	if c.Action != "" && !validAction(c.Action) {
		l.bad(c.file, lines.key("action", 1), "", fmt.Sprintf("action must be remove, keep, fix or review, not %q", c.Action))
	}
	if c.Act != "" && !slices.Contains(actors[:], c.Act) {
		l.bad(c.file, lines.key("act", 1), "", fmt.Sprintf("act must be one of %s, not %q", strings.Join(actors[:], ", "), c.Act))
	}
}

// actors are those who may have to act.
var actors = [...]string{"list owner", "sender", "recipient", "remote", "nobody"}

func validAction(a ListAction) bool { return a == Remove || a == Keep || a == Fix || a == Review }

// plain reports whether a text is one line that any output can show.
func plain(s string) bool {
	return s == strings.TrimSpace(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
}
