package cli

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands are the subcommands, in the order of the help. A new one is a file
// with a constructor, and a line here.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.reportCommand(),
		a.explainCommand(),
		a.causesCommand(),
		a.rulesCommand(),
		a.collectCommand(),
		a.exportCommand(),
		a.cleanCommand(),
		a.historyCommand(),
		a.restoreCommand(),
		a.reviewCommand(),
		a.policyCommand(),
		a.ledgerCommand(),
		a.verpCommand(),
		a.versionCommand(),
		a.manCommand(),
	}
}

// root is the command that all others hang from.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "whybounce",
		Short: "Explain bounced mail: who failed, why, and what to do",
		Long: `whybounce reads bounced mail and says who failed, why, whose move it is and what
to do, with the very words that prove it. It writes nothing into a mailbox unless
told to.

"whybounce PATH…" is short for "whybounce report PATH…".

Exit codes: 0 done; 1 done, but some input could not be read or is damaged
beyond use, or --fail-on found something; 2 the command line is wrong;
3 the job could not be done. The commands that use a ledger have more; their help
tells.`,
		Example: `  whybounce bounces.mbox
  whybounce --format csv -o bounces.csv ~/Maildir
  whybounce explain '550 5.1.1 <bob@example.com>: user unknown'`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveDefault)
	cobra.EnableCommandSorting = false
	root.AddGroup(&cobra.Group{ID: "explain", Title: "Explain bounces:"}, &cobra.Group{ID: "ledger", Title: "Watch a bounce mailbox, and keep a list clean:"})
	for _, cmd := range a.commands() {
		cmd.GroupID = group(cmd.Name())
		root.AddCommand(cmd)
	}
	root.SetHelpCommand(helpCommand(root))
	root.InitDefaultCompletionCmd()
	return root
}

// group gives the group of the help that a command stands in.
func group(name string) string {
	switch name {
	case "report", "explain", "causes", "rules":
		return "explain"
	case "collect", "export", "clean", "history", "restore", "review", "policy", "ledger", "verp":
		return "ledger"
	}
	return ""
}

// helpCommand is cobra's, but for an unknown topic being an error.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		Example: "  whybounce help explain",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(root, strings.Join(args, " "))
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

// withCommand puts "report" before arguments that name no command.
func withCommand(root *cobra.Command, args []string) ([]string, error) {
	if len(args) == 0 {
		return args, nil
	}
	first := args[0]
	known := slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == first || c.HasAlias(first) })
	switch {
	case known, first == "-h", first == "--help", first == "help", strings.HasPrefix(first, "__complete"):
		return args, nil
	case first == "--version":
		return append([]string{"version"}, args[1:]...), nil
	case commandWord.MatchString(first):
		if _, err := os.Lstat(first); err != nil {
			return nil, unknownCommand(root, first)
		}
	}
	return append([]string{"report"}, args...), nil
}

// commandWord is what looks like a command rather than like a path.
var commandWord = regexp.MustCompile(`^[a-z]+$`)

func unknownCommand(root *cobra.Command, name string) error {
	hint := "whybounce --help lists the commands"
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	if near := nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return usage(fmt.Errorf("there is neither a command nor a file called %q", name), hint)
}

// flagError makes the errors of pflag ours, with a hint.
func flagError(cmd *cobra.Command, err error) error {
	hint := "see " + cmd.CommandPath() + " --help"
	if unknown, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		if near := nearest(unknown, names); near != "" {
			hint = "did you mean --" + near + "?"
		}
	}
	return usage(err, hint)
}

// nearest gives the name that word was probably meant to be, or "".
func nearest(word string, names []string) string {
	best, least := "", len(word)/3+2
	for _, name := range names {
		d := distance(word, name)
		if strings.HasPrefix(name, word) && len(word) > 2 {
			d = 1
		}
		if d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0]++
		for j := range len(b) {
			change := last
			if a[i] != b[j] {
				change++
			}
			last = row[j+1]
			row[j+1] = min(change, row[j]+1, last+1)
		}
	}
	return row[len(b)]
}
