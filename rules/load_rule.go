package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/pattern"
)

// stageNames are the stages that a rule may name.
var stageNames = [...]string{
	string(dsn.StageConnect), string(dsn.StageHelo), string(dsn.StageStartTLS), string(dsn.StageAuth),
	string(dsn.StageMail), string(dsn.StageRcpt), string(dsn.StageData), string(dsn.StageQuit),
}

// rule adds a rule of a file about a cause, or about a provider.
func (l *loader) rule(file string, line int, cause, providerID string, t *ruleTable) {
	bad := func(format string, args ...any) {
		l.bad(file, line, t.ID, fmt.Sprintf(format, args...))
	}
	switch {
	case providerID == "" && t.Cause != "":
		bad("cause is given by the file's name; leave it out")
	case providerID != "" && t.Cause == "":
		bad("cause is missing")
	case providerID != "":
		cause = t.Cause
		t.Provider = append(t.Provider, providerID)
	}
	if causeIndex(cause) < 0 {
		if cause != "" {
			bad("%q is not a cause", cause)
		}
		return
	}
	c := core{cause: causeIndex(cause), Rule: Rule{
		ID: t.ID, Cause: cause, Pattern: t.Pattern, Source: t.Source, File: file, Line: line,
		Match: examples(t.Match), Reject: examples(t.Reject),
		Status: t.Status, Reply: t.Reply, Stage: t.Stage, Provider: t.Provider, Server: t.Server,
		Beats: t.Beats, Generic: t.Generic, Doubt: t.Doubt, Harmless: t.Harmless, Action: ListAction(t.Action), Fix: t.Fix, User: l.user,
	}}
	if t.Final != nil {
		c.Final, c.finalSet = *t.Final, true
	}
	l.checkRule(&c, bad)
	p, err := pattern.Compile(t.Pattern)
	if err != nil {
		if t.Pattern != "" {
			bad("%v", err)
		}
		return
	}
	c.folded, c.needs, c.exact, c.groups, c.weight = p.Folded, p.Needs, p.Exact, len(p.Names) > 0, p.Weight
	for _, gap := range gaps(c.Fix) {
		if !slices.Contains(p.Names, gap) {
			bad("fix names {%s}, but the pattern has no group (?P<%s>…)", gap, gap)
		}
	}
	if validID(t.ID) {
		l.source.rules = append(l.source.rules, c)
	}
}

func examples(list []example) []Example {
	out := make([]Example, len(list))
	for i, e := range list {
		out[i] = Example(e)
	}
	return out
}

// checkRule reports what a rule lacks, its pattern apart.
func (l *loader) checkRule(c *core, bad func(string, ...any)) {
	switch {
	case c.ID == "":
		bad("id is missing")
	case !validID(c.ID):
		bad("an id is made of a-z, 0-9 and hyphens, as in qmail-badmailfrom")
	}
	if c.Pattern == "" {
		bad("pattern is missing")
	}
	if strings.TrimSpace(c.Source) == "" {
		bad("source is missing: name the program and version, or the page, that the phrase comes from")
	}
	if len(c.Match) == 0 {
		bad("match is missing: give a reply that the rule must win")
	}
	if len(c.Reject) == 0 {
		bad("reject is missing: give a reply that the rule must not win")
	}
	for _, e := range append(slices.Clone(c.Match), c.Reject...) {
		if strings.TrimSpace(e.Text) == "" {
			bad("an example is empty")
		}
	}
	if c.Action != "" && !validAction(c.Action) {
		bad("action must be remove, keep, fix or review, not %q", c.Action)
	}
	if !plain(c.Fix) || !plain(c.Source) {
		bad("fix and source must be plain text on one line, without white space at its ends")
	}
	for _, s := range c.Stage {
		if !slices.Contains(stageNames[:], s) {
			bad("%q is not a stage; stages are %s", s, strings.Join(stageNames[:], ", "))
		}
	}
	for _, s := range c.Status {
		if !validStatus(s) {
			bad("%q is not the start of an enhanced status code", s)
		}
	}
	for _, s := range c.Reply {
		if len(s) == 0 || len(s) > 3 || strings.Trim(s, "0123456789") != "" {
			bad("%q is not the start of a reply code", s)
		}
	}
}

// validID reports whether an id is made of lower-case letters, digits and hyphens.
func validID(id string) bool {
	return id != "" && len(id) <= 80 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
		id[0] != '-' && id[len(id)-1] != '-'
}

// validStatus reports whether s is an enhanced status code or the start of one.
func validStatus(s string) bool {
	parts := strings.Split(s, ".")
	for i, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" || i == 0 && p != "2" && p != "4" && p != "5" {
			return false
		}
	}
	return len(parts) <= 3
}

// gaps gives the names of the gaps in a fix: {name}.
func gaps(fix string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(fix, "{")
		if !ok {
			return out
		}
		name, rest, ok := strings.Cut(rest, "}")
		if !ok {
			return out
		}
		out, fix = append(out, name), rest
	}
}
