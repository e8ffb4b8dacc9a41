package cli

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/rules"
)

// maxReply is how much of a reply is read; the longest line of SMTP is 512 bytes.
const maxReply = 64 << 10

type explainOptions struct {
	format string
	rules  []string
}

func (a *app) explainCommand() *cobra.Command {
	o := &explainOptions{}
	cmd := &cobra.Command{
		Use:   "explain [flags] [TEXT | -]",
		Short: "Explain a server's reply, or a code",
		Long: `Explain a server's reply, an enhanced status code (5.1.1) or a reply code (550).

With "-", or without TEXT where standard input is no terminal, it explains
standard input, a reply a line; empty lines are passed over.

The keys of the JSON form are input, cause, list_action, permanent, status,
reply, title, fix and evidence.`,
		Example: `  whybounce explain '550 5.7.1 Message rejected due to content restrictions'
  whybounce explain 5.2.2
  grep -h status=bounced mail.log | whybounce explain --format csv -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.explain(o, args)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.format, "format", "f", "text", "`format` of the answer: "+strings.Join(output.Formats(), ", "))
	f.StringArrayVar(&o.rules, "rules", nil, "lay the rules in `DIR` over the built-in ones; may be repeated")
	complete(cmd, "format", output.Formats()...)
	return cmd
}

func (a *app) explain(o *explainOptions, args []string) error {
	text := strings.Join(args, " ")
	stdin := text == "-" || len(args) == 0 && !a.stdinIsTerminal()
	if strings.TrimSpace(text) == "" && !stdin {
		return usage(errors.New("no reply is given"), `whybounce explain '550 5.1.1 user unknown', or - for standard input`)
	}
	set, err := a.loadRules(o.rules)
	if err != nil {
		return err
	}
	w, err := newExplanations(o.format, a.stdout, output.TextOptions{Width: terminalWidth(a.stdout), Color: a.colors(a.stdout)})
	if err != nil {
		return usage(err, "")
	}
	if stdin {
		err = a.explainLines(set, w)
	} else {
		err = w.write(text, set.ExplainReply(text))
	}
	if err == nil {
		err = w.end()
	}
	var e *exit
	if err != nil && !errors.As(err, &e) {
		return writeError("", err)
	}
	return err
}

// explainLines explains standard input, a reply a line.
func (a *app) explainLines(set *rules.Set, w *explanations) error {
	in := bufio.NewReaderSize(a.stdin, maxReply)
	for {
		line, err := in.ReadSlice('\n')
		reply := strings.TrimRight(string(line), "\r\n")
		for errors.Is(err, bufio.ErrBufferFull) { // what is beyond maxReply is passed over
			_, err = in.ReadSlice('\n')
		}
		if strings.TrimSpace(reply) != "" {
			if err := w.write(reply, set.ExplainReply(reply)); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return failed(fmt.Errorf("reading standard input: %w", err), "")
		}
	}
}

// explanations writes what explain says, in one of the formats.
type explanations struct {
	format string
	out    *bufio.Writer
	table  *csv.Writer
	text   output.TextOptions
	n      int
	buf    []byte
}

func newExplanations(format string, w io.Writer, o output.TextOptions) (*explanations, error) {
	if _, err := output.New(format, io.Discard, output.Options{}); err != nil {
		return nil, err
	}
	e := &explanations{format: format, out: bufio.NewWriter(w), text: o}
	if format == "csv" {
		e.table = csv.NewWriter(e.out)
		return e, e.table.Write([]string{"input", "cause", "list_action", "permanent", "status", "reply", "title", "fix",
			"evidence_text", "evidence_origin", "evidence_rule"})
	}
	return e, nil
}

// write writes one explanation.
func (e *explanations) write(input string, v rules.Verdict) error {
	b := e.buf[:0]
	first := e.n == 0
	e.n++
	switch e.format {
	case "csv":
		record := []string{input, v.Cause, string(v.ListAction), strconv.FormatBool(v.Permanent), v.Status, v.Reply, v.Title, v.Fix,
			v.Evidence.Text, v.Evidence.Origin, v.Evidence.Rule}
		for i, s := range record {
			record[i] = output.Cell(s)
		}
		return e.table.Write(record)
	case "jsonl":
		b = append(output.AppendExplanation(b, input, &v), '\n')
	case "json":
		if first {
			b = append(b, "[\n"...)
		} else {
			b = append(b, ",\n"...)
		}
		b = output.AppendExplanation(b, input, &v)
	default:
		if !first {
			b = append(b, '\n')
		}
		b = output.AppendExplanationText(b, input, &v, e.text)
	}
	e.buf = b
	_, err := e.out.Write(b)
	return err
}

// end writes what is left.
func (e *explanations) end() error {
	switch {
	case e.table != nil:
		e.table.Flush()
	case e.format == "json" && e.n == 0:
		e.out.WriteString("[]\n")
	case e.format == "json":
		e.out.WriteString("\n]\n")
	}
	return e.out.Flush()
}
