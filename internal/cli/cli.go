// Package cli is the command line of whybounce: commands, flags, exit codes and
// the wiring of the packages behind them.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes, a contract with scripts.
const (
	ExitDone       = 0 // done
	ExitIncomplete = 1 // done, but some input could not be read, or --fail-on found something
	ExitUsage      = 2 // the command line is wrong
	ExitFailed     = 3 // the job could not be done
)

// An app is one run of the program.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	progress       *progress // cleared before anything else goes to the terminal
}

// Main runs the command line and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv}
	defer func() {
		if p := recover(); p != nil {
			a.say(fmt.Sprintf("error: whybounce crashed: %v", p))
			a.say("hint: this is a bug; please report it with the command line and, if you may, the mail")
			code = ExitFailed
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not heed the first
	return a.run(ctx, args)
}

// run runs the command that the arguments name, report if they name none.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	args, err := withCommand(root, args)
	if err == nil {
		root.SetArgs(args)
		err = root.ExecuteContext(ctx)
	}
	if err == nil {
		return ExitDone
	}
	return a.report(err)
}

// report tells of an error and gives the exit code for it.
func (a *app) report(err error) int {
	var e *exit
	if !errors.As(err, &e) { // cobra's own: arguments that do not fit
		e = usage(err, "see whybounce --help").(*exit)
	}
	if e.err == nil {
		return e.code
	}
	if errors.Is(e.err, syscall.EPIPE) { // the reader of our output has seen enough
		return ExitDone
	}
	a.say("error: " + e.err.Error())
	if e.hint != "" {
		a.say("hint: " + e.hint)
	}
	return e.code
}
