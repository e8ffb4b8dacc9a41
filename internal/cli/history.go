package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/internal/policy"
)

func (a *app) historyCommand() *cobra.Command {
	o := &ledgerFlags{}
	var format string
	cmd := &cobra.Command{
		Use:   "history --ledger FILE [flags] ADDRESS",
		Short: "Show what happened to an address",
		Long: `Show what happened to an address, what the policy makes of it, and why.

Addresses compare without regard to case in the domain, in Unicode or punycode.`,
		Example: "  whybounce history --ledger bounces.db bob@example.com",
		Args:    exactly(1, "an address", "whybounce history --ledger FILE ADDRESS"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			address, err := anAddress(args[0])
			if err != nil {
				return err
			}
			l, err := a.openLedger(cmd.Context(), o, ledger.Read, false)
			if err != nil {
				return err
			}
			defer closing(l, &err)
			return ledgerError(a.history(l, address, format))
		},
	}
	o.add(cmd, false)
	cmd.Flags().StringVarP(&format, "format", "f", "text", "`format`: text, json, jsonl or csv")
	complete(cmd, "format", output.Formats()...)
	return cmd
}

func anAddress(text string) (string, error) {
	address, ok := ledger.Normalize(text)
	if !ok {
		return "", usage(fmt.Errorf("%q is no address", text), "")
	}
	return address, nil
}

// history prints what happened to an address.
func (a *app) history(l *ledger.Ledger, address, format string) error {
	events, err := l.History(address)
	if err != nil {
		return err
	}
	if len(events) == 0 {
		return unknownAddress(address)
	}
	columns := []string{"date", "event", "cause", "list_action", "proof", "reply", "evidence", "rule", "source"}
	if format != "text" {
		columns = append(columns, "status", "message_id", "original_message_id", "rules_version")
	}
	var rows [][]string
	for i := range events {
		e := &events[i]
		row := []string{stamp(e.At), eventWord(e), e.Cause, string(e.Action), e.Grade.String(), e.Recipient.Diagnostic,
			e.Evidence.Text, e.Evidence.Rule, e.Source, e.Status, e.MessageID, e.Original.MessageID, e.RulesVersion}
		rows = append(rows, row[:len(columns)])
	}
	if err := a.table(format, columns, rows); err != nil || format != "text" {
		return err
	}
	s, err := l.Look(address)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, "\n"+standing(l, &s))
	return err
}

func eventWord(e *ledger.Event) string {
	switch {
	case e.Kind == policy.Restored:
		return "restored"
	case e.Outcome != "":
		return string(e.Outcome)
	}
	return "failed"
}

// standing says in a sentence what was decided.
func standing(l *ledger.Ledger, s *ledger.Standing) string {
	name := "policy " + l.Policy().Name
	switch s.State {
	case policy.Removed:
		line := fmt.Sprintf("%s leaves the list since %s: %s (%s, %s, group %q)", s.Email, stamp(s.Since), s.Cause, counted(s.Strikes, "strike", "strikes"), name, s.Group)
		if !s.Next.IsZero() {
			line += "; that ends " + stamp(s.Next)
		}
		return line
	case policy.Suspended:
		line := fmt.Sprintf("%s is suspended since %s: %s (%s, %s)", s.Email, stamp(s.Since), s.Cause, counted(s.Strikes, "strike", "strikes"), name)
		if !s.Next.IsZero() {
			line += "; it leaves the list " + stamp(s.Next)
		}
		return line
	case policy.Ended:
		return fmt.Sprintf("%s is back on the list since %s: its removal was for a time", s.Email, stamp(s.Since))
	case policy.Delivered:
		return fmt.Sprintf("%s is back on the list since %s: mail was delivered", s.Email, stamp(s.Since))
	case policy.PutBack:
		return fmt.Sprintf("%s was put back on the list %s", s.Email, stamp(s.Since))
	}
	return fmt.Sprintf("%s stays on the list (%s that count, %s)", s.Email, counted(s.Strikes, "strike", "strikes"), name)
}

func unknownAddress(address string) error {
	return failed(fmt.Errorf("the ledger does not know %s", address), "no bounce of this address was collected")
}

func (a *app) restoreCommand() *cobra.Command {
	o := &ledgerFlags{}
	var note string
	cmd := &cobra.Command{
		Use:   "restore --ledger FILE [flags] ADDRESS...",
		Short: "Put addresses back on the list",
		Long: `Put addresses back on the list. What happened before does not count any more;
what comes counts anew. The ledger remembers that it was done.`,
		Example: "  whybounce restore --ledger bounces.db --note 'she wrote to us' bob@example.com",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) == 0 {
				return usage(errors.New("no address is given"), "whybounce restore --ledger FILE ADDRESS…")
			}
			var addresses []string
			for _, arg := range args {
				address, err := anAddress(arg)
				if err != nil {
					return err
				}
				addresses = append(addresses, address)
			}
			l, err := a.openLedger(cmd.Context(), o, ledger.Write, false)
			if err != nil {
				return err
			}
			defer closing(l, &err)
			for _, address := range addresses {
				err := l.Restore(cmd.Context(), address, note)
				if errors.Is(err, ledger.ErrUnknownAddress) {
					return unknownAddress(address)
				}
				if err != nil {
					return ledgerError(err)
				}
			}
			return nil
		},
	}
	o.add(cmd, true)
	cmd.Flags().StringVar(&note, "note", "", "remember `why`")
	return cmd
}
