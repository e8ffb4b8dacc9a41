package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Problem is something wrong with a rule file.
type Problem struct {
	File    string
	Line    int
	ID      string // of the rule, or ""
	Reason  string
	Warning bool // the rules work, but not as their author may think
}

// String gives the problem in one line: file:line: id: reason.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: ", p.File, p.Line)
	if p.ID != "" {
		b.WriteString(p.ID + ": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Reason)
	return b.String()
}

// sortProblems puts problems into the order of files and lines.
func sortProblems(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			strings.Compare(a.ID, b.ID), strings.Compare(a.Reason, b.Reason),
		)
	})
}

// problemsError makes an error of the problems that are no warnings, or gives nil.
func problemsError(list []Problem) error {
	const shown = 10
	var lines []string
	for _, p := range list {
		if !p.Warning {
			lines = append(lines, p.String())
		}
	}
	switch {
	case len(lines) == 0:
		return nil
	case len(lines) > shown:
		lines = append(lines[:shown], fmt.Sprintf("and %d more; run the check over the rules to see them all", len(lines)-shown))
	}
	return fmt.Errorf("the rules have errors:\n%s", strings.Join(lines, "\n"))
}
