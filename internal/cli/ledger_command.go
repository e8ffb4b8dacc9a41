package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
)

func (a *app) ledgerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Look after a ledger: info, check, rebuild, rejudge, clock, verified",
		Long: `Look after a ledger.

A ledger is one SQLite file. To back it up while it is in use, run
"sqlite3 bounces.db '.backup copy.db'", or copy the file between two runs.`,
		Example: `  whybounce ledger info --ledger bounces.db
  whybounce ledger rejudge --ledger bounces.db`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		a.ledgerSub("info", "Tell what is in a ledger", "", ledger.Read, a.ledgerInfo),
		a.ledgerSub("check", "Verify the whole ledger: its structure and every checksum", "", ledger.Read, a.ledgerCheck),
		a.ledgerRebuildCommand(),
		a.ledgerRejudgeCommand(),
		a.ledgerClockCommand(),
		a.ledgerVerifiedCommand(),
	)
	return cmd
}

// ledgerSub makes a command that opens the ledger and does one thing.
func (a *app) ledgerSub(use, short, long string, mode ledger.Mode, run func(context.Context, *ledger.Ledger) error) *cobra.Command {
	o := &ledgerFlags{}
	cmd := &cobra.Command{
		Use: use + " --ledger FILE", Short: short, Long: long,
		Example: "  whybounce ledger " + use + " --ledger bounces.db",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			l, err := a.openLedger(cmd.Context(), o, mode, false)
			if err != nil {
				return err
			}
			defer closing(l, &err)
			return ledgerError(run(cmd.Context(), l))
		},
	}
	o.add(cmd, mode != ledger.Read)
	return cmd
}

func (a *app) ledgerInfo(_ context.Context, l *ledger.Ledger) error {
	c, err := l.Count()
	if err != nil {
		return err
	}
	proof := "every bounce counts"
	if l.Verified() {
		proof = "only proven bounces count"
	}
	_, err = fmt.Fprintf(a.stdout, "ledger     %s\nmessages   %d\nevents     %d\naddresses  %d\nleaving    %d\npolicy     %s: %s\nproof      %s\n",
		l.Path(), c.Messages, c.Events, c.Addresses, c.Leaving, l.Policy().Name, l.Policy().Title, proof)
	return err
}

func (a *app) ledgerCheck(ctx context.Context, l *ledger.Ledger) error {
	if err := l.Check(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.stdout, "all is as it was written")
	return err
}

func (a *app) ledgerRebuildCommand() *cobra.Command {
	o := &ledgerFlags{}
	cmd := &cobra.Command{
		Use:   "rebuild --ledger FILE",
		Short: "Make a new ledger of all that is whole in a damaged one",
		Long: `Make a new ledger of all that is whole in a damaged one, and put it in its place.
The damaged file is kept beside it. What was lost comes back by collecting again
from mailboxes that were kept, or from their backups: nothing counts twice.`,
		Example: "  whybounce ledger rebuild --ledger bounces.db",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := a.ledgerPath(o)
			if err != nil {
				return err
			}
			saved, err := ledger.Rebuild(cmd.Context(), path, ledger.Options{Wait: o.wait, Now: a.clock})
			if err != nil {
				return ledgerError(err)
			}
			_, err = fmt.Fprintf(a.stdout, "%d events saved, %d lost; the damaged file is %s\n", saved.Events, saved.Lost, saved.Old)
			if err == nil && saved.Lost > 0 {
				a.warn("collect again with --again from the mailboxes you have: nothing counts twice")
				return incomplete()
			}
			return err
		},
	}
	o.add(cmd, true)
	return cmd
}

func (a *app) ledgerRejudgeCommand() *cobra.Command {
	o := &ledgerFlags{}
	var dirs []string
	cmd := &cobra.Command{
		Use:   "rejudge --ledger FILE [flags]",
		Short: "Explain all failures again under the present rules",
		Long: `Explain all failures again that other rules have explained, and decide anew about
their addresses. Cut short, it goes on where it stopped.`,
		Example: `  whybounce ledger rejudge --ledger bounces.db
  whybounce ledger rejudge --ledger bounces.db --rules my-rules`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			set, err := a.loadRules(dirs)
			if err != nil {
				return err
			}
			l, err := a.openLedger(cmd.Context(), o, ledger.Collect, false)
			if err != nil {
				return err
			}
			defer closing(l, &err)
			n, err := l.Rejudge(cmd.Context(), set.Version(), explainAgain(set))
			if err != nil {
				return ledgerError(err)
			}
			_, err = fmt.Fprintln(a.stdout, counted(n, "verdict has", "verdicts have")+" changed")
			return err
		},
	}
	o.add(cmd, true)
	cmd.Flags().StringArrayVar(&dirs, "rules", nil, "lay the rules in `DIR` over the built-in ones; may be repeated")
	return cmd
}

func (a *app) ledgerClockCommand() *cobra.Command {
	var accept bool
	cmd := a.ledgerSub("clock", "Look at the clock, or take it for right", `Compare the clock with the time of the last change. A ledger is not changed while
the clock is before that, or years after it. --accept takes the clock for right.`,
		ledger.Write, func(_ context.Context, l *ledger.Ledger) error {
			if accept {
				return l.AcceptClock()
			}
			return l.CheckClock()
		})
	cmd.Flags().BoolVar(&accept, "accept", false, "the clock is right now")
	return cmd
}

func (a *app) ledgerVerifiedCommand() *cobra.Command {
	o := &ledgerFlags{}
	cmd := &cobra.Command{
		Use:   "verified --ledger FILE on|off",
		Short: "Say whether only proven bounces can take an address off the list",
		Long: `Say whether only bounces that are proven to answer mail of ours can take an address
off the list. collect turns it on where it is told how to prove that.`,
		Example: "  whybounce ledger verified --ledger bounces.db off",
		Args:    exactly(1, "on or off", "whybounce ledger verified --ledger FILE on|off"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if args[0] != "on" && args[0] != "off" {
				return usage(errors.New("say on or off"), "")
			}
			l, err := a.openLedger(cmd.Context(), o, ledger.Collect, false)
			if err != nil {
				return err
			}
			defer closing(l, &err)
			return ledgerError(l.SetVerified(cmd.Context(), args[0] == "on"))
		},
	}
	o.add(cmd, true)
	return cmd
}
