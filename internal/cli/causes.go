package cli

import (
	"strconv"

	"github.com/spf13/cobra"
)

func (a *app) causesCommand() *cobra.Command {
	var dirs []string
	var format string
	cmd := &cobra.Command{
		Use:   "causes [flags]",
		Short: "List the causes, and what to do for each",
		Long: `List the causes with their default action for the list and who must act. The
other formats also give the fix, and what Sisimai, PowerMTA and SparkPost call it.`,
		Example: `  whybounce causes
  whybounce causes --format csv`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := a.loadRules(dirs)
			if err != nil {
				return err
			}
			columns := []string{"cause", "list_action", "who_acts", "title"}
			if format != "text" {
				columns = append(columns, "permanent", "fix", "sisimai", "powermta", "sparkpost")
			}
			var rows [][]string
			for _, c := range set.Causes() {
				row := []string{c.ID, string(c.Action), c.Act, c.Title, strconv.FormatBool(c.Permanent), c.Fix, c.Sisimai, c.PowerMTA, c.SparkPost}
				rows = append(rows, row[:len(columns)])
			}
			return a.table(format, columns, rows)
		},
	}
	rulesFlags(cmd, &dirs, &format)
	return cmd
}
