package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/internal/policy"
)

func (a *app) policyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Show, choose and try policies: when an address leaves the list",
		Long: `Show, choose and try policies. A policy says when an address leaves the list; it
is a TOML file. A ledger keeps its own copy of the one that decides.`,
		Example: `  whybounce policy show > my-policy.toml
  whybounce policy simulate --ledger bounces.db
  whybounce policy use --ledger bounces.db my-policy.toml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.policyShowCommand(), a.policyListCommand(), a.policyUseCommand(), a.policySimulateCommand())
	return cmd
}

func (a *app) policyShowCommand() *cobra.Command {
	o := &ledgerFlags{}
	cmd := &cobra.Command{
		Use:   "show [flags] [NAME|FILE]",
		Short: "Print a policy as TOML: the default, a built-in one, a file's, or a ledger's",
		Example: `  whybounce policy show
  whybounce policy show mailman
  whybounce policy show --ledger bounces.db`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			name := policy.Default
			if len(args) == 1 {
				name = args[0]
			}
			var p *policy.Policy
			if o.path != "" && len(args) == 0 {
				l, err := a.openLedger(cmd.Context(), o, ledger.Read, false)
				if err != nil {
					return err
				}
				defer closing(l, &err)
				p = l.Policy()
			} else if p, err = a.loadPolicy(name); err != nil {
				return err
			}
			_, err = a.stdout.Write(p.Text())
			return err
		},
	}
	o.add(cmd, false)
	return cmd
}

func (a *app) policyListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the built-in policies", Example: "  whybounce policy list", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var rows [][]string
			for _, name := range policy.Names() {
				p, err := policy.Builtin(name)
				if err != nil {
					return failed(err, "")
				}
				rows = append(rows, []string{p.Name, p.Title})
			}
			return a.table("text", []string{"policy", "title"}, rows)
		},
	}
}

func (a *app) policyUseCommand() *cobra.Command {
	o := &ledgerFlags{}
	cmd := &cobra.Command{
		Use:   "use --ledger FILE NAME|FILE",
		Short: "Let a policy decide from now on, about all that the ledger knows",
		Example: `  whybounce policy use --ledger bounces.db mailman
  whybounce policy use --ledger bounces.db my-policy.toml`,
		Args: exactly(1, "a policy", "whybounce policy list shows the built-in ones"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			l, err := a.openLedger(cmd.Context(), o, ledger.Collect, false)
			if err != nil {
				return err
			}
			defer closing(l, &err)
			return a.usePolicy(cmd.Context(), l, args[0])
		},
	}
	o.add(cmd, true)
	return cmd
}

func (a *app) policySimulateCommand() *cobra.Command {
	o := &ledgerFlags{}
	var names []string
	var format string
	cmd := &cobra.Command{
		Use:   "simulate --ledger FILE [flags]",
		Short: "Replay a ledger's history under policies: who would leave, when and why",
		Long: `Replay a ledger's history under each policy and list who would leave, when and
why. The text format ends with how many leave under each. Nothing is written.`,
		Example: `  whybounce policy simulate --ledger bounces.db
  whybounce policy simulate --ledger bounces.db --policy default,my-policy.toml --format csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			l, err := a.openLedger(cmd.Context(), o, ledger.Read, false)
			if err != nil {
				return err
			}
			defer closing(l, &err)
			return ledgerError(a.simulate(cmd.Context(), l, names, format))
		},
	}
	o.add(cmd, false)
	cmd.Flags().StringSliceVar(&names, "policy", policy.Names(), "these `policies`, by name or file, with commas between")
	cmd.Flags().StringVarP(&format, "format", "f", "text", "`format`: text, json, jsonl or csv")
	complete(cmd, "format", output.Formats()...)
	return cmd
}

// simulate prints who would leave under each policy.
func (a *app) simulate(ctx context.Context, l *ledger.Ledger, names []string, format string) error {
	var policies []*policy.Policy
	for _, name := range names {
		p, err := a.loadPolicy(name)
		if err != nil {
			return err
		}
		policies = append(policies, p)
	}
	rows := make([][][]string, len(policies)) // by policy
	removed, ended := make([]int, len(policies)), make([]int, len(policies))
	err := l.Simulate(ctx, policies, func(p int, email string, d policy.Decision) {
		switch {
		case d.State == policy.Removed:
			removed[p]++
		case !d.State.Leaves():
			ended[p]++
		}
		rows[p] = append(rows[p], []string{policies[p].Name, email, stamp(d.Since), string(d.State), d.Cause, fmt.Sprint(d.Strikes), d.Group})
	})
	if err != nil {
		return err
	}
	columns := []string{"policy", "email", "when", "what", "cause", "strikes", "group"}
	if err := a.table(format, columns, slices.Concat(rows...)); err != nil || format != "text" {
		return err
	}
	var b strings.Builder
	b.WriteByte('\n')
	for i, p := range policies {
		fmt.Fprintf(&b, "%-12s %s, %s\n", p.Name, counted(removed[i], "removal", "removals"), counted(ended[i], "return", "returns"))
	}
	_, err = fmt.Fprint(a.stdout, b.String())
	return err
}
