package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// loadRules gives the built-in rules with those of the directories over them.
func (a *app) loadRules(dirs []string) (*rules.Set, error) {
	set, err := rules.Builtin()
	if err != nil {
		return nil, failed(err, "the built-in rules are broken: this is a bug, please report it")
	}
	for _, dir := range dirs {
		if err := isDir(dir); err != nil {
			return nil, err
		}
		if set, err = set.With(os.DirFS(dir)); err != nil {
			return nil, failed(fmt.Errorf("the rules in %s: %w", dir, err), "whybounce rules check "+dir+" tells what is wrong with them")
		}
	}
	return set, nil
}

func isDir(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", dir)
	}
	if err != nil {
		return failed(err, "rules are a folder that holds causes/*.toml and providers/*.toml")
	}
	return nil
}

func (a *app) rulesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List, show, check and try rules",
		Long: `List, show, check and try the rules that turn a server's words into causes.

Rules are TOML files; CONTRIBUTING.md shows how to write one.`,
		Example: `  whybounce rules list --cause mailbox-full
  whybounce rules check my-rules
  whybounce rules try '550 5.2.1 mailbox disabled'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.rulesListCommand(), a.rulesShowCommand(), a.rulesCheckCommand(), a.rulesTryCommand())
	return cmd
}

// rulesFlags are the flags that the commands on rules share.
func rulesFlags(cmd *cobra.Command, dirs *[]string, format *string) {
	if format != nil {
		cmd.Flags().StringVarP(format, "format", "f", "text", "`format` of the list: "+strings.Join(output.Formats(), ", "))
		complete(cmd, "format", output.Formats()...)
	}
	cmd.Flags().StringArrayVar(dirs, "rules", nil, "lay the rules in `DIR` over the built-in ones; may be repeated")
}

// complete lets the shell complete a flag by its words.
func complete(cmd *cobra.Command, flag string, words ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // no such flag: a mistake in the code
	}
}

func (a *app) rulesListCommand() *cobra.Command {
	var dirs, causes []string
	var format string
	cmd := &cobra.Command{
		Use:   "list [flags]",
		Short: "List the rules",
		Long:  "List the rules. The formats other than text also give the pattern.",
		Example: `  whybounce rules list
  whybounce rules list --cause blocked --format csv`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := a.loadRules(dirs)
			if err != nil {
				return err
			}
			filter, err := (&filterOptions{all: true, causes: causes}).compile(set)
			if err != nil {
				return err
			}
			columns := []string{"cause", "id", "source"}
			if format != "text" {
				columns = append(columns, "pattern")
			}
			var rows [][]string
			for _, r := range set.Rules() {
				if filter.shows(&output.Row{Cause: r.Cause}) {
					rows = append(rows, []string{r.Cause, r.ID, r.Source, r.Pattern}[:len(columns)])
				}
			}
			return a.table(format, columns, rows)
		},
	}
	rulesFlags(cmd, &dirs, &format)
	cmd.Flags().StringSliceVar(&causes, "cause", nil, "only these `CAUSES`, with commas between")
	return cmd
}

// table writes a list to standard output.
func (a *app) table(format string, columns []string, rows [][]string) error {
	if _, err := output.New(format, io.Discard, output.Options{}); err != nil {
		return usage(err, "")
	}
	if err := output.WriteTable(a.stdout, format, columns, rows); err != nil {
		return writeError("", err)
	}
	return nil
}

func (a *app) rulesShowCommand() *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use:     "show [flags] ID",
		Short:   "Show a rule",
		Example: "  whybounce rules show RULE",
		Args:    exactly(1, "the id of a rule", "whybounce rules list shows the ids"),
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := a.loadRules(dirs)
			if err != nil {
				return err
			}
			r, ok := set.Rule(args[0])
			if !ok {
				return noRule(set, args[0])
			}
			return a.print(showRule(set, &r))
		},
	}
	rulesFlags(cmd, &dirs, nil)
	return cmd
}

func noRule(set *rules.Set, id string) error {
	hint := "whybounce rules list shows the ids"
	var ids []string
	for _, r := range set.Rules() {
		ids = append(ids, r.ID)
	}
	if near := nearest(id, ids); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return usage(fmt.Errorf("no rule is called %q", id), hint)
}

// showRule writes a rule as lines of key and value.
func showRule(set *rules.Set, r *rules.Rule) string {
	var b strings.Builder
	line := func(key string, values ...string) {
		for _, v := range values {
			if v != "" {
				fmt.Fprintf(&b, "%-9s %s\n", key, output.Clean(v))
			}
		}
	}
	cause, _ := set.Cause(r.Cause)
	line("rule", r.ID)
	line("cause", r.Cause+": "+cause.Title)
	action := cause.Action
	if r.Action != "" {
		action = r.Action
	}
	line("action", string(action))
	fix := r.Fix
	if fix == "" {
		fix = cause.Fix
	}
	line("fix", fix)
	line("pattern", r.Pattern)
	for _, narrow := range []struct {
		key    string
		values []string
	}{{"status", r.Status}, {"reply", r.Reply}, {"stage", r.Stage}, {"provider", r.Provider}, {"server", r.Server}, {"beats", r.Beats}} {
		line(narrow.key, strings.Join(narrow.values, ", "))
	}
	line("source", r.Source)
	line("file", fmt.Sprintf("%s:%d", r.File, r.Line))
	for _, e := range r.Match {
		line("match", e.Text)
	}
	for _, e := range r.Reject {
		line("reject", e.Text)
	}
	return b.String()
}

// print writes text to standard output.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return writeError("", err)
	}
	return nil
}

func (a *app) rulesCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check that the rules do what their examples say",
		Long: `Check the built-in rules and layouts, or your own rules in DIR over the built-in ones:
every rule's examples against all the rules, every layout's examples against all layouts. What is wrong is printed as file:line: id: reason,
and the exit code is then 1.`,
		Example: `  whybounce rules check
  whybounce rules check my-rules`,
		Args: atMost(1, "a folder of rules"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.checkRules(args)
		},
	}
}

func (a *app) checkRules(args []string) error {
	var problems []rules.Problem
	where := "the built-in rules"
	if len(args) == 0 {
		problems = rules.Check(nil)
	} else {
		where = args[0]
		if err := isDir(where); err != nil {
			return err
		}
		problems = rules.Check(os.DirFS(where))
	}
	var b strings.Builder
	wrong := 0
	for _, p := range problems {
		if !p.Warning {
			wrong++
		}
		b.WriteString(output.Clean(p.String()) + "\n")
	}
	if len(args) == 0 {
		if err := parser.CheckLayouts(nil); err != nil {
			wrong++
			for line := range strings.Lines(err.Error()) {
				b.WriteString(output.Clean(strings.TrimRight(line, "\n")) + "\n")
			}
		}
	}
	if wrong == 0 {
		b.WriteString(output.Clean(where) + ": all in order\n")
	}
	if err := a.print(b.String()); err != nil {
		return err
	}
	if wrong > 0 {
		return incomplete()
	}
	return nil
}

func (a *app) rulesTryCommand() *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use:   "try [flags] TEXT",
		Short: "Show which rules a text meets, and which wins",
		Example: `  whybounce rules try '550 5.2.1 mailbox disabled'
  whybounce rules try --rules my-rules '550 nobody of that name here'`,
		RunE: func(_ *cobra.Command, args []string) error {
			text := strings.Join(args, " ")
			if strings.TrimSpace(text) == "" {
				return usage(errors.New("no text is given"), "whybounce rules try '550 5.2.1 mailbox disabled'")
			}
			set, err := a.loadRules(dirs)
			if err != nil {
				return err
			}
			return a.try(set, text)
		},
	}
	rulesFlags(cmd, &dirs, nil)
	return cmd
}

// try explains a text and tells of each rule whose phrase stands in it.
func (a *app) try(set *rules.Set, text string) error {
	trial := set.Try(text)
	o := output.TextOptions{Width: terminalWidth(a.stdout), Color: a.colors(a.stdout)}
	var b strings.Builder
	b.Write(output.AppendExplanationText(nil, text, &trial.Verdict, o))
	b.WriteByte('\n')
	for _, m := range trial.Matches {
		mark := "also"
		if m.Wins {
			mark = "wins"
		}
		fmt.Fprintf(&b, "%s  %s (%s): “%s”\n", mark, m.Rule.ID, m.Rule.Cause, output.Clean(m.Text))
		if m.Reason != "" {
			fmt.Fprintf(&b, "      %s\n", output.Clean(m.Reason))
		}
	}
	if len(trial.Matches) == 0 {
		b.WriteString("No rule matches these words; CONTRIBUTING.md shows how to write one.\n")
	}
	return a.print(b.String())
}

// exactly takes n arguments.
func exactly(n int, what, hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usage(fmt.Errorf("%d arguments are given instead of %s", len(args), what), hint)
		}
		return nil
	}
}

// atMost takes up to n arguments.
func atMost(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(fmt.Errorf("%d arguments are given instead of %s", len(args), what), "see "+cmd.CommandPath()+" --help")
		}
		return nil
	}
}
