package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/rules"
)

const (
	// massPercent of the known addresses is more than a healthy list loses at once.
	massPercent = 5
	// enoughKnown is how many addresses a ledger must know to stand for the list.
	enoughKnown = 1000
)

// exportOptions are the flags of export.
type exportOptions struct {
	ledgerFlags
	preset    string
	file      string
	sinceLast bool
	name      string
	known     string
	allowMass bool
	policy    string
	rules     []string
}

func (a *app) exportCommand() *cobra.Command {
	o := &exportOptions{}
	cmd := &cobra.Command{
		Use:   "export --ledger FILE [flags]",
		Short: "Write who leaves the list, in the form that list software imports",
		Long: `Write who leaves the list by the ledger's policy, in the form that list software
imports:

` + presetHelp() + `
The csv and json presets also list who is suspended, and with --since-last who may
come back (action "restore").

--since-last writes only what changed since the last such export of the same
--name; that is remembered once the output is written and synced.

An export that would take more than 5 % of the known addresses off the list at once
is stopped (exit code 10): it is likelier that something is wrong. How many there
are is said by --known, a number or a file of subscribers; without it, by the
ledger, if it knows 1,000 addresses or more.`,
		Example: `  whybounce export --ledger bounces.db -o leaving.csv
  whybounce export --ledger bounces.db --preset mailman --since-last -o leaving.txt
  whybounce export --ledger bounces.db --preset ses --known 250000 -o ses.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.export(cmd.Context(), o) },
	}
	o.ledgerFlags.add(cmd, true)
	f := cmd.Flags()
	f.StringVarP(&o.preset, "preset", "p", "csv", "`form` of the export: "+strings.Join(presetNames(), ", "))
	f.StringVarP(&o.file, "output", "o", "", "write to `FILE`, which changes only once it is whole; what is split goes to FILE-1, FILE-2…")
	f.BoolVar(&o.sinceLast, "since-last", false, "only what changed since the last export with this flag")
	f.StringVar(&o.name, "name", "", "a `name` for what is exported here, so that several programs can ask --since-last; default the preset's")
	f.StringVar(&o.known, "known", "", "how many subscribers there are: a `number`, or a file with an address a line or in a column")
	f.BoolVar(&o.allowMass, "allow-mass-removal", false, "export even if more than 5 % of the known addresses leave")
	f.StringVar(&o.policy, "policy", "", "let the policy `NAME` or file decide from now on; see whybounce policy")
	f.StringArrayVar(&o.rules, "rules", nil, "lay the rules in `DIR` over the built-in ones; may be repeated")
	complete(cmd, "preset", presetNames()...)
	return cmd
}

// export is the whole job of export.
func (a *app) export(ctx context.Context, o *exportOptions) (err error) {
	preset, known := presets[o.preset]
	if !known {
		return usage(fmt.Errorf("there is no preset %q", o.preset), "the presets are "+strings.Join(presetNames(), ", "))
	}
	set, err := a.loadRules(o.rules)
	if err != nil {
		return err
	}
	l, err := a.openForExport(ctx, o)
	if err != nil {
		return err
	}
	defer closing(l, &err)
	name := o.name
	if name == "" {
		name = o.preset
	}
	e := &exporter{app: a, ledger: l, rules: set, preset: preset, options: o}
	defer e.discard()
	var here ledger.Mark
	err = l.Snapshot(func() (err error) {
		if o.sinceLast {
			e.last, err = l.Marked(name)
		}
		if err == nil {
			here, err = l.Here()
		}
		if err != nil {
			return err
		}
		return e.run()
	})
	if err == nil {
		err = e.commit()
	}
	if err == nil && o.sinceLast {
		err = l.SetMark(name, here)
	}
	return ledgerError(err)
}

// openForExport opens the ledger, brings its decisions up to date and looks at the
// clock. A full export can do with a ledger that can only be read.
func (a *app) openForExport(ctx context.Context, o *exportOptions) (*ledger.Ledger, error) {
	l, err := a.openLedger(ctx, &o.ledgerFlags, ledger.Write, false)
	if err != nil {
		var e *exit
		if o.sinceLast || o.policy != "" || !errors.As(err, &e) || e.code != ExitReadOnly {
			return nil, err
		}
		if l, err = a.openLedger(ctx, &o.ledgerFlags, ledger.Read, false); err != nil {
			return nil, err
		}
		return l, upToDate(l)
	}
	err = l.CheckClock()
	if err == nil {
		err = a.usePolicy(ctx, l, o.policy)
	}
	if err == nil {
		_, err = l.Settle(ctx)
	}
	if err != nil {
		l.Close()
		return nil, ledgerError(err)
	}
	return l, nil
}

// upToDate tells why a ledger that is only read cannot answer who leaves.
func upToDate(l *ledger.Ledger) error {
	if err := l.CheckClock(); err != nil {
		return ledgerError(err)
	}
	pending, err := l.Pending()
	if err == nil && pending {
		return failed(fmt.Errorf("ledger %s: a change of policy has not reached all addresses", l.Path()), "run collect or policy use: that goes on with it")
	}
	return ledgerError(err)
}

// An exporter writes one export.
type exporter struct {
	*app
	ledger  *ledger.Ledger
	rules   *rules.Set
	preset  preset
	options *exportOptions
	last    ledger.Mark
	parts   []*outFile
	out     *part
	leftOut int
}

// A part is one file of an export.
type part struct {
	*bufio.Writer
	form  exportForm
	rows  int
	bytes int64
}

func (e *exporter) run() error {
	if err := e.guard(); err != nil {
		return err
	}
	if err := e.next(); err != nil {
		return err
	}
	for s, err := range e.ledger.Leaving(e.last, e.options.sinceLast) {
		if err != nil {
			return err
		}
		if err := e.row(&s); err != nil {
			return err
		}
	}
	if e.leftOut > 0 {
		e.warn(counted(e.leftOut, "address was", "addresses were") + " left out of this form: see above")
	}
	return e.end()
}

// guard stops a mass removal.
func (e *exporter) guard() error {
	o := e.options
	known, err := knownAddresses(o.known)
	if err != nil || o.allowMass {
		return err
	}
	what := "known subscribers"
	if known < 0 {
		if known, err = e.ledger.Addresses(); err != nil {
			return err
		}
		if known < enoughKnown {
			return nil
		}
		what = "addresses that the ledger knows"
	}
	leaving, err := e.ledger.CountFresh(e.last)
	if err != nil || leaving*100 <= known*massPercent {
		return err
	}
	return &exit{ExitMassRemoval, fmt.Errorf("nothing was exported: %d of %d %s would leave the list at once", leaving, known, what),
		"look at some with `whybounce history ADDRESS`; if it is right, add --allow-mass-removal, or say with --known how many subscribers there are"}
}

// knownAddresses reads --known: a number, or a file whose lines with an @ are
// counted; -1 without it.
func knownAddresses(known string) (int64, error) {
	if known == "" {
		return -1, nil
	}
	if n, err := strconv.ParseInt(known, 10, 64); err == nil && n >= 0 {
		return n, nil
	}
	file, err := os.Open(known)
	if err != nil {
		return 0, usage(fmt.Errorf("--known: %w", err), "give a number, or a file of subscribers")
	}
	defer file.Close()
	var n int64
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadSlice('\n')
		if strings.Contains(string(line), "@") {
			n++
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return n, nil
		}
	}
}

// next begins a file.
func (e *exporter) next() error {
	if err := e.end(); err != nil {
		return err
	}
	if len(e.parts) > 0 && e.parts[0].tmp == nil {
		return usage(fmt.Errorf("this is more than %s takes in one file", e.options.preset), "name a file to split: -o FILE")
	}
	file, err := e.create(e.options.file, []string{e.ledger.Path()})
	if err != nil {
		return err
	}
	e.parts = append(e.parts, file)
	e.out = &part{Writer: bufio.NewWriter(file)}
	e.out.form = e.preset.form(e.out)
	return e.out.form.begin()
}

// end ends a file.
func (e *exporter) end() error {
	if e.out == nil {
		return nil
	}
	if err := errors.Join(e.out.form.end(), e.out.Flush()); err != nil {
		return writeError(e.options.file, err)
	}
	e.out = nil
	return nil
}

func (e *exporter) row(s *ledger.Standing) error {
	r := e.exportRow(s)
	if e.preset.onlyRemoved && r.Action != "remove" {
		return nil
	}
	if why := e.preset.unfit(r.Email); why != "" {
		e.leftOut++
		e.warn(fmt.Sprintf("%s is left out: %s", r.Email, why))
		return nil
	}
	if e.preset.rows > 0 && e.out.rows >= e.preset.rows || e.preset.bytes > 0 && e.out.bytes >= e.preset.bytes {
		if err := e.next(); err != nil {
			return err
		}
	}
	e.out.rows++
	n, err := e.out.form.row(&r)
	e.out.bytes += int64(n)
	if err != nil {
		return writeError(e.options.file, err)
	}
	return nil
}

// commit puts all files in their places and makes them last.
func (e *exporter) commit() error {
	var names []string
	for i, file := range e.parts {
		if len(e.parts) > 1 {
			ext := filepath.Ext(file.name)
			file.name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(file.name, ext), i+1, ext)
		}
		if err := file.commit(); err != nil {
			return writeError(file.name, err)
		}
		if err := e.keep(file); err != nil {
			return writeError(file.name, err)
		}
		names = append(names, file.name)
	}
	if len(names) > 1 {
		e.warn("split into " + strings.Join(names, ", "))
	}
	return nil
}

// keep makes what was written last: the name in its folder, or a file that
// standard output goes to.
func (e *exporter) keep(file *outFile) error {
	if file.name != "" {
		if dir, err := os.Open(filepath.Dir(file.name)); err == nil {
			_ = dir.Sync() // not every system can
			_ = dir.Close()
		}
		return nil
	}
	out, isFile := e.stdout.(*os.File)
	if !isFile {
		return nil
	}
	if info, err := out.Stat(); err == nil && info.Mode().IsRegular() {
		return out.Sync()
	}
	return nil
}

func (e *exporter) discard() {
	for _, file := range e.parts {
		file.discard()
	}
}
