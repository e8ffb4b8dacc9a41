package policy

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/whybounce/whybounce/rules"
)

// Default is the name of the policy that a new ledger has.
const Default = "default"

//go:embed presets/*.toml
var presets embed.FS

// Names lists the built-in policies: the default first, then by name.
func Names() []string {
	entries, err := fs.ReadDir(presets, "presets")
	if err != nil {
		return nil // cannot happen: the directory is compiled in
	}
	names := []string{Default}
	for _, entry := range entries {
		if name := strings.TrimSuffix(entry.Name(), ".toml"); name != Default {
			names = append(names, name)
		}
	}
	return names
}

// Builtin returns a built-in policy by name.
func Builtin(name string) (*Policy, error) {
	text, err := presets.ReadFile(path.Join("presets", name+".toml"))
	if err != nil {
		return nil, fmt.Errorf("there is no policy %q: take one of %s, or the path of a file", name, strings.Join(Names(), ", "))
	}
	return Parse(name+".toml", text)
}

// Parse reads a policy. The name stands in error messages.
func Parse(name string, text []byte) (*Policy, error) {
	p := &Policy{SuccessResets: true, StrikesADay: 1}
	meta, err := toml.Decode(string(text), p)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", name, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("policy %s: key %s means nothing here: see the keys that `whybounce policy show` prints", name, extra[0])
	}
	softly(p, text)
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("policy %s: %w", name, err)
	}
	p.text = text
	return p, nil
}

// softly gives groups that do not say what a temporary failure weighs the weight 1.
func softly(p *Policy, text []byte) {
	var raw struct {
		Group []map[string]any `toml:"group"`
	}
	if _, err := toml.Decode(string(text), &raw); err != nil {
		return // Parse has decoded the same text
	}
	for i := range p.Groups {
		if _, said := raw.Group[i]["soft"]; !said {
			p.Groups[i].Soft = 1
		}
	}
}

func (p *Policy) check() error {
	if p.Name == "" {
		return fmt.Errorf("it has no name: add name = %q", "my-list")
	}
	if p.StrikesADay < 0 {
		return fmt.Errorf("strikes-a-day is %d: give 0 (no limit) or more", p.StrikesADay)
	}
	seen := make(map[string]bool)
	for i := range p.Groups {
		g := &p.Groups[i]
		if g.Name == "" || seen[g.Name] {
			return fmt.Errorf("group %d: the name %q is empty or taken: every group needs its own", i+1, g.Name)
		}
		seen[g.Name] = true
		if err := g.check(); err != nil {
			return fmt.Errorf("group %q: %w", g.Name, err)
		}
	}
	return nil
}

func (g *Group) check() error {
	switch g.Failures {
	case "", "permanent", "temporary":
	default:
		return fmt.Errorf("failures = %q: write permanent or temporary", g.Failures)
	}
	for _, action := range g.Actions {
		switch action {
		case rules.Remove, rules.Keep, rules.Fix, rules.Review:
		default:
			return fmt.Errorf("action %q: write remove, keep, fix or review", action)
		}
	}
	for _, n := range []float64{g.Strikes, g.StrikesIfActive, g.Suspend, g.Soft, g.MessagesADay, float64(g.AtLeast)} {
		if !(n >= 0 && n <= 1e6) {
			return fmt.Errorf("the number %v is out of range: give 0 to 1000000", n)
		}
	}
	if g.Window > 0 && g.Span > g.Window {
		return fmt.Errorf("span %s is longer than window %s: nothing could ever leave", g.Span, g.Window)
	}
	return nil
}

// UnmarshalText reads "30d", "12h" or "1d12h".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// String gives the duration in days where it is whole days.
func (d Duration) String() string {
	const day = 24 * time.Hour
	if t := time.Duration(d); t%day != 0 {
		return t.String()
	}
	return strconv.Itoa(int(time.Duration(d)/day)) + "d"
}

// ParseDuration reads a span of time in days and hours, "30d", "12h" or "1d12h".
func ParseDuration(text string) (time.Duration, error) {
	const longest = 36500
	rest, total := text, time.Duration(0)
	if days, after, found := strings.Cut(text, "d"); found {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > longest {
			return 0, fmt.Errorf("duration %q: write it like 30d or 12h", text)
		}
		total, rest = time.Duration(n)*24*time.Hour, after
		if rest == "" {
			return total, nil
		}
	}
	hours, err := time.ParseDuration(rest)
	if err != nil || hours < 0 || hours > longest*24*time.Hour {
		return 0, fmt.Errorf("duration %q: write it like 30d or 12h", text)
	}
	return total + hours, nil
}
