package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// check reports what is wrong between the files of a source.
func (src *source) check() []Problem {
	var out []Problem
	out = append(out, src.checkIDs()...)
	out = append(out, src.checkProviders()...)
	return append(out, src.checkBeats()...)
}

// checkIDs reports ids given twice, in the order of the files.
func (src *source) checkIDs() []Problem {
	var out []Problem
	first := map[string]*core{}
	for i := range src.rules {
		c := &src.rules[i]
		f, ok := first[c.ID]
		if !ok {
			first[c.ID] = c
			continue
		}
		hint := ""
		if c.User && !f.User {
			hint = fmt.Sprintf("; to replace the built-in rule, switch it off with off = [%q]", c.ID)
		}
		out = append(out, c.problem("the id stands already at %s:%d%s", f.File, f.Line, hint))
	}
	return out
}

// problem makes a problem of a rule.
func (c *core) problem(format string, args ...any) Problem {
	return Problem{File: c.File, Line: c.Line, ID: c.ID, Reason: fmt.Sprintf(format, args...)}
}

// checkProviders reports unknown providers and names that two providers claim.
func (src *source) checkProviders() []Problem {
	var out []Problem
	known, claimed := map[string]bool{}, map[string]string{}
	for _, p := range src.providers {
		known[p.id] = true
		for kind, list := range [][]string{p.domains, p.hosts} {
			for _, name := range list {
				key := fmt.Sprint(kind, name)
				if other, ok := claimed[key]; ok && other != p.id {
					out = append(out, Problem{File: p.file, Line: 1, Reason: fmt.Sprintf("%q is claimed by the provider %s too", name, other)})
				}
				claimed[key] = p.id
			}
		}
	}
	if len(src.providers) > maxProviders {
		out = append(out, Problem{File: "providers", Line: 1, Reason: fmt.Sprintf("more than %d providers", maxProviders)})
	}
	for i := range src.rules {
		for _, id := range src.rules[i].Provider {
			if !known[id] {
				out = append(out, src.rules[i].problem("%q is not a provider: there is no providers/%s.toml", id, id))
			}
		}
	}
	return out
}

// beatsCause stands before a cause in "beats": the rule outranks all rules of it.
const beatsCause = "cause:"

// checkBeats reports unknown ids in "beats", and circles.
func (src *source) checkBeats() []Problem {
	var out []Problem
	at := make(map[string]int, len(src.rules))
	for i := range src.rules {
		at[src.rules[i].ID] = i
	}
	state := make([]byte, len(src.rules))
	var visit func(i int)
	visit = func(i int) {
		state[i] = 1
		for _, id := range src.rules[i].Beats {
			if cause, ok := strings.CutPrefix(id, beatsCause); ok && causeIndex(cause) >= 0 && cause != src.rules[i].Cause {
				continue
			}
			j, ok := at[id]
			switch {
			case !ok:
				out = append(out, src.rules[i].problem("beats names %q, which is no rule", id))
			case state[j] == 1:
				out = append(out, src.rules[i].problem("beats runs in a circle through %q", id))
			case state[j] == 0:
				visit(j)
			}
		}
		state[i] = 2
	}
	for i := range src.rules {
		if state[i] == 0 {
			visit(i)
		}
	}
	return out
}

// sortRules puts rules into the order of causes, files and lines.
func sortRules(list []Rule) {
	slices.SortStableFunc(list, func(a, b Rule) int {
		return cmp.Or(
			cmp.Compare(causeIndex(a.Cause), causeIndex(b.Cause)),
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.ID, b.ID),
		)
	})
}
