package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/output"
)

// maxGroups bounds how many different words a review holds.
const maxGroups = 100000

func (a *app) reviewCommand() *cobra.Command {
	o := &ledgerFlags{}
	var format string
	var limit int
	cmd := &cobra.Command{
		Use:   "review --ledger FILE [flags]",
		Short: "Show the failures that no rule could tell",
		Long: `Show the failures that a person should look at: what no rule could tell, and what
is told but must not remove anybody by itself. The same words are one line, with
addresses, numbers and ids masked, most frequent first, so that a rule can be
written for them: see "whybounce rules try" and CONTRIBUTING.md, then run
"whybounce ledger rejudge".`,
		Example: `  whybounce review --ledger bounces.db
  whybounce review --ledger bounces.db --limit 0 --format csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			l, err := a.openLedger(cmd.Context(), o, ledger.Read, false)
			if err != nil {
				return err
			}
			defer closing(l, &err)
			groups, err := unexplained(l)
			if err != nil {
				return ledgerError(err)
			}
			return a.table(format, reviewColumns, reviewRows(groups, limit))
		},
	}
	o.add(cmd, false)
	cmd.Flags().StringVarP(&format, "format", "f", "text", "`format`: text, json, jsonl or csv")
	cmd.Flags().IntVar(&limit, "limit", 50, "show `N` groups; 0 shows all")
	complete(cmd, "format", output.Formats()...)
	return cmd
}

// A wordGroup is failures with the same words.
type wordGroup struct {
	words, cause, server, last, example string
	count                               int
}

var reviewColumns = []string{"count", "cause", "words", "server", "last", "example"}

func reviewRows(groups []*wordGroup, limit int) [][]string {
	if limit > 0 && len(groups) > limit {
		groups = groups[:limit]
	}
	var rows [][]string
	for _, g := range groups {
		rows = append(rows, []string{fmt.Sprint(g.count), g.cause, g.words, g.server, g.last, g.example})
	}
	return rows
}

// unexplained groups the failures to review, most frequent first.
func unexplained(l *ledger.Ledger) ([]*wordGroup, error) {
	groups := make(map[string]*wordGroup)
	for e, err := range l.Unexplained() {
		if err != nil {
			return nil, err
		}
		words := mask(wordsOf(&e))
		key := e.Cause + "\x00" + words
		g := groups[key]
		if g == nil {
			if len(groups) == maxGroups {
				continue
			}
			g = &wordGroup{words: words, cause: e.Cause, server: e.Recipient.RemoteServer, last: stamp(e.At), example: e.Source}
			groups[key] = g
		}
		g.count++
	}
	sorted := make([]*wordGroup, 0, len(groups))
	for _, g := range groups {
		sorted = append(sorted, g)
	}
	slices.SortFunc(sorted, func(a, b *wordGroup) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.cause, b.cause), cmp.Compare(a.words, b.words))
	})
	return sorted, nil
}

// wordsOf is what a rule would have to match.
func wordsOf(e *ledger.Event) string {
	for _, words := range []string{e.Recipient.Diagnostic, e.Evidence.Text, e.Recipient.Context} {
		if strings.TrimSpace(words) != "" {
			return words
		}
	}
	return "(no words)"
}

// mask replaces what differs between the same words said to different people:
// addresses, numbers and ids. Reply and status codes stay.
func mask(words string) string {
	const longest = 300
	fields := strings.Fields(words)
	for i, field := range fields {
		fields[i] = maskWord(field, i < 2)
	}
	masked := strings.Join(fields, " ")
	if len(masked) > longest {
		masked = strings.ToValidUTF8(masked[:longest], "") + "…"
	}
	return masked
}

func maskWord(word string, first bool) string {
	core := strings.Trim(word, `<>()[]{}.,;:'"`)
	at := strings.Index(word, core)
	switch {
	case core == "" || first && isCode(core):
		return word
	case strings.Contains(core, "@"):
		return word[:at] + "ADDRESS" + word[at+len(core):]
	case len(core) >= 12 && strings.ContainsAny(core, "0123456789") && strings.Count(core, ".") == 0:
		return word[:at] + "ID" + word[at+len(core):]
	}
	var b strings.Builder
	digits := false
	for _, r := range word {
		if r >= '0' && r <= '9' {
			if !digits {
				b.WriteByte('#')
			}
			digits = true
			continue
		}
		digits = false
		b.WriteRune(r)
	}
	return b.String()
}

// isCode tells a reply code or an enhanced status code.
func isCode(s string) bool {
	for _, part := range strings.Split(s, ".") {
		if part == "" || len(part) > 3 || strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return true
}
