package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/mailbox"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/internal/pipeline"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// reportOptions are the flags of report.
type reportOptions struct {
	format  string
	file    string
	bom     bool
	limit   int
	summary bool
	rules   []string
	workers int
	filter  filterOptions
	limits  parser.Limits
}

func (a *app) reportCommand() *cobra.Command {
	o := &reportOptions{}
	cmd := &cobra.Command{
		Use:   "report [flags] PATH...",
		Short: "Report who failed, why, and what to do",
		Long: `Report who failed, why, whose move it is and what to do.

A PATH is a message, an mbox, a Maildir, an MH folder, a folder of messages, or
"-" for standard input; also compressed with gzip, zstd, bzip2 or xz. What it is
is told by its content.

The text format groups the failed addresses by cause, at most --limit under each.
json is an array, jsonl an object a line, csv a table that a spreadsheet opens
(UTF-8; --bom for spreadsheets that ask for a byte order mark; cells that would
be formulas start with an apostrophe). These are written as they come, and take
no more memory for a large mailbox than for a small one.

Standard output holds the report alone; what could not be read is named on
standard error, a line each, and makes the exit code 1.`,
		Example: `  whybounce bounces.mbox
  whybounce report --format csv -o bounces.csv ~/Maildir
  whybounce report --format jsonl --all - < message.eml
  whybounce report --cause unknown-user,moved --since 2026-01-01 bounces.mbox.gz`,
		RunE: func(cmd *cobra.Command, paths []string) error {
			if len(paths) == 0 {
				return usage(errors.New("no path is given"), "whybounce report PATH…, with - for standard input")
			}
			return a.reportPaths(cmd.Context(), o, paths)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.format, "format", "f", "text", "`format` of the report: "+strings.Join(output.Formats(), ", "))
	f.StringVarP(&o.file, "output", "o", "", "write the report to `FILE`, which changes only once it is whole")
	f.BoolVar(&o.summary, "summary", false, "end with totals that add up: in a text report, else on standard error")
	f.IntVar(&o.limit, "limit", output.DefaultLimit, "text: list at most `N` addresses under a cause; 0 lists all, and holds them in memory")
	f.BoolVar(&o.bom, "bom", false, "csv: start with a byte order mark")
	o.filter.flags(f)
	f.StringArrayVar(&o.rules, "rules", nil, "lay the rules in `DIR` over the built-in ones; may be repeated")
	f.IntVar(&o.workers, "workers", 0, "analyse with `N` threads; 0 is one a processor. The report is the same")
	limitFlags(f, &o.limits)
	complete(cmd, "format", output.Formats()...)
	return cmd
}

// reportPaths is the whole job of report.
func (a *app) reportPaths(ctx context.Context, o *reportOptions, paths []string) error {
	tuneMemory(a.getenv)
	set, err := a.loadRules(o.rules)
	if err != nil {
		return err
	}
	filter, err := o.filter.compile(set)
	if err != nil {
		return err
	}
	if err := checkReport(o); err != nil {
		return err
	}
	file, err := a.create(o.file, paths)
	if err != nil {
		return err
	}
	defer file.discard()
	w, err := output.New(o.format, file, a.outputOptions(o, set, file))
	if err != nil {
		return usage(err, "")
	}
	r := &reporter{app: a, filter: filter, out: w}
	a.progress = a.newProgress(paths, o.format == "text" || !isTerminal(file))
	analyser := &pipeline.Analyser{Rules: set, Limits: o.limits}
	for res := range pipeline.Run(ctx, a.messages(paths), analyser, pipeline.Options{Workers: o.workers}) {
		if err := r.take(res); err != nil {
			a.finishProgress()
			return writeError(file.name, err)
		}
	}
	a.finishProgress()
	if err := ctx.Err(); err != nil {
		return failed(errors.New("interrupted"), "")
	}
	return r.finish(o, file)
}

// tuneMemory lets a run collect garbage less often as long as it stays small.
// The environment outranks it.
func tuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" && getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(40 << 20)
	}
}

// checkReport finds flags that do not fit.
func checkReport(o *reportOptions) error {
	switch {
	case o.limit < 0:
		return usage(fmt.Errorf("--limit is %d", o.limit), "0 lists all addresses")
	case o.workers < 0:
		return usage(fmt.Errorf("--workers is %d", o.workers), "0 is one a processor")
	case o.bom && o.format != "csv":
		return usage(errors.New("--bom is for --format csv"), "")
	}
	return nil
}

func (a *app) outputOptions(o *reportOptions, set *rules.Set, file *outFile) output.Options {
	return output.Options{
		BOM:     o.bom,
		Summary: o.summary,
		Text:    output.TextOptions{Width: terminalWidth(file), Color: a.colors(file), Limit: o.limit, All: o.filter.all || len(o.filter.causes) > 0},
		Cause: func(id string) (string, string) {
			c, _ := set.Cause(id)
			return c.Title, c.Fix
		},
	}
}

// messages opens the paths, one after the other.
func (a *app) messages(paths []string) iter.Seq2[*mailbox.Message, error] {
	return func(yield func(*mailbox.Message, error) bool) {
		for _, path := range paths {
			for m, err := range mailbox.Open(path, mailbox.Options{Stdin: a.stdin}) {
				if !yield(m, err) {
					return
				}
			}
		}
	}
}

// A reporter takes the results of a run.
type reporter struct {
	*app
	filter *filter
	out    output.Writer
	totals output.Totals
	damage bool // some input could not be read
	found  bool // --fail-on found something
}

// take counts a result, tells of its problems and writes the rows to be shown.
func (r *reporter) take(res *pipeline.Result) error {
	r.progress.add(res.Size)
	if res.Err != nil {
		r.damage = true
		if !res.Cut {
			r.totals.Add(output.Unreadable, nil)
		}
		r.warn(problem(res.Source, res.Err.Error()))
		return nil
	}
	r.totals.Add(res.Class, res.Rows)
	r.damaged(res)
	for i := range res.Rows {
		row := &res.Rows[i]
		if !r.filter.shows(row) {
			continue
		}
		r.found = r.found || r.filter.failsOn(row)
		r.totals.Shown++
		if err := r.out.Row(row); err != nil {
			return err
		}
	}
	return nil
}

// damaged tells of the problems of a message that names no recipient, since
// they may be why. Where it shows nothing else either, it is beyond use.
func (r *reporter) damaged(res *pipeline.Result) {
	m := res.Message
	if len(m.Problems) == 0 || len(m.Recipients) > 0 || m.Kind != parser.Bounce && m.Kind != parser.Other {
		return
	}
	what := "damaged, and no recipient found: "
	switch {
	case !m.Damaged && m.Kind == parser.Other:
		return
	case !m.Damaged:
		what = "no recipient found: "
	case m.MessageID == "" && m.Date.IsZero():
		r.damage = true
		what = "damaged beyond use: "
	}
	r.warn(problem(res.Source, what+strings.Join(m.Problems, "; ")))
}

func problem(source, what string) string {
	if source == "" {
		return what
	}
	return source + ": " + what
}

// finish writes the end of the report and settles the exit code.
func (r *reporter) finish(o *reportOptions, file *outFile) error {
	if err := r.out.End(&r.totals); err != nil {
		return writeError(file.name, err)
	}
	if err := file.commit(); err != nil {
		return writeError(file.name, err)
	}
	if o.summary && o.format != "text" {
		io.WriteString(r.stderr, r.totals.Table()) // figures alone
	}
	if r.damage || r.found {
		return incomplete()
	}
	return nil
}

func writeError(name string, err error) error {
	if name == "" {
		name = "standard output"
	}
	return failed(fmt.Errorf("writing %s: %w", name, err), "is the disk full, or the file not yours?")
}
