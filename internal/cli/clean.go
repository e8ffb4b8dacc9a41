package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/internal/subscribers"
)

// cleanOptions are the flags of clean.
type cleanOptions struct {
	ledgerFlags
	column    string
	delimiter string
	file      string
	removed   string
}

func (a *app) cleanCommand() *cobra.Command {
	o := &cleanOptions{}
	cmd := &cobra.Command{
		Use:   "clean --ledger FILE [flags] SUBSCRIBERS.csv",
		Short: "Take those who leave out of a subscriber list",
		Long: `Take those who leave by the ledger out of a subscriber list, a CSV file in UTF-8 or
any charset that holds ASCII, or "-" for standard input. The rest goes to standard
output byte for byte as it was: byte order mark, delimiter (comma, semicolon, tab
or bar), quoting, line ends. --removed gets the rows that were taken out, with
three columns more: why, since when, and the words that prove it.

Addresses compare without regard to case in the domain, in Unicode or punycode.

A list without the column, with a row that has more or fewer fields than the
header, or with a quote that is never closed is refused with the line's number
(exit code 11); then nothing is written.`,
		Example: `  whybounce clean --ledger bounces.db subscribers.csv > cleaned.csv
  whybounce clean --ledger bounces.db --column 'E-Mail' --removed gone.csv -o cleaned.csv list.csv`,
		Args: exactly(1, "a list", "whybounce clean --ledger FILE SUBSCRIBERS.csv"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.clean(cmd.Context(), o, args[0]) },
	}
	o.ledgerFlags.add(cmd, false)
	f := cmd.Flags()
	f.StringVar(&o.column, "column", "email", "the addresses stand in the column `NAME`")
	f.StringVar(&o.delimiter, "delimiter", "", "the `character` between columns; default: found by the header")
	f.StringVarP(&o.file, "output", "o", "", "write the cleaned list to `FILE`, which changes only once it is whole")
	f.StringVar(&o.removed, "removed", "", "write the rows that are taken out to `FILE`")
	return cmd
}

// clean is the whole job of clean.
func (a *app) clean(ctx context.Context, o *cleanOptions, path string) (err error) {
	options := subscribers.Options{Column: o.column, Notes: []string{"removed_cause", "removed_since", "removed_evidence"}}
	switch {
	case len(o.delimiter) == 1:
		options.Delimiter = o.delimiter[0]
	case o.delimiter != "":
		return usage(fmt.Errorf("--delimiter %q is not one character", o.delimiter), "")
	}
	list, err := a.seekable(path)
	if err != nil {
		return err
	}
	defer list.Close()
	l, err := a.openLedger(ctx, &o.ledgerFlags, ledger.Read, false)
	if err != nil {
		return err
	}
	defer closing(l, &err)
	if err := upToDate(l); err != nil {
		return err
	}
	out, err := a.create(o.file, []string{path, l.Path()})
	if err != nil {
		return err
	}
	defer out.discard()
	removed := &outFile{Writer: io.Discard}
	if o.removed != "" {
		if removed, err = a.create(o.removed, []string{path, l.Path(), o.file}); err != nil {
			return err
		}
		defer removed.discard()
	}
	kept, gone := bufio.NewWriter(out), bufio.NewWriter(removed)
	_, err = subscribers.Clean(list, kept, gone, options, judgeBy(l))
	return a.cleaned(path, err, func() error {
		return errors.Join(kept.Flush(), gone.Flush(), removed.commit(), out.commit())
	})
}

// cleaned ends the job, well or not.
func (a *app) cleaned(path string, err error, commit func() error) error {
	var bad *subscribers.Error
	var ofLedger *ledger.Error
	switch {
	case errors.As(err, &bad):
		return &exit{ExitBadList, fmt.Errorf("%s: %w", path, err), "mend the list; nothing was written"}
	case errors.As(err, &ofLedger):
		return ledgerError(err)
	case err != nil:
		return writeError("the cleaned list", err)
	}
	if err := commit(); err != nil {
		return writeError("the cleaned list", err)
	}
	return nil
}

// judgeBy asks the ledger about an address.
func judgeBy(l *ledger.Ledger) subscribers.Verdict {
	return func(text string) (bool, []string, error) {
		address, ok := ledger.Normalize(text)
		if !ok {
			return false, nil, nil
		}
		d, leaves, err := l.Leaves(address)
		if err != nil || !leaves {
			return false, nil, err
		}
		evidence := ""
		s, err := l.Look(address)
		if err == nil && s.Proof != nil {
			evidence = s.Proof.Evidence.Text
		}
		return true, []string{d.Cause, stamp(d.Since), output.Cell(evidence)}, err
	}
}

// seekable opens a list to be read twice; standard input goes to a temporary file.
func (a *app) seekable(path string) (io.ReadSeekCloser, error) {
	if path != "-" {
		file, err := os.Open(path)
		if err == nil {
			var info os.FileInfo
			if info, err = file.Stat(); err == nil && info.Mode().IsRegular() {
				return file, nil
			}
			file.Close()
			if err == nil {
				err = fmt.Errorf("%s is not a regular file", path)
			}
		}
		return nil, failed(err, "name a CSV file, or - for standard input")
	}
	file, err := os.CreateTemp("", "whybounce-list-")
	if err != nil {
		return nil, failed(err, "")
	}
	if err := os.Remove(file.Name()); err != nil { // it lives until it is closed
		file.Close()
		return nil, failed(err, "")
	}
	if _, err := io.Copy(file, a.stdin); err != nil {
		file.Close()
		return nil, failed(fmt.Errorf("reading standard input: %w", err), "")
	}
	return file, nil
}
