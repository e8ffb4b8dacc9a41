package cli

import (
	"fmt"
	"io"

	"github.com/whybounce/whybounce/internal/output"
)

// An exit is an error with the code to exit with and a hint at what to do.
// Without err, nothing is left to say.
type exit struct {
	code int
	err  error
	hint string
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// usage is an error in the command line.
func usage(err error, hint string) error { return &exit{ExitUsage, err, hint} }

// failed is an error that ended the job.
func failed(err error, hint string) error { return &exit{ExitFailed, err, hint} }

// incomplete is a job done but for what has been told already.
func incomplete() error { return &exit{code: ExitIncomplete} }

// say writes a line to standard error. Whatever it quotes is made fit to be shown.
func (a *app) say(line string) {
	a.progress.clear()
	io.WriteString(a.stderr, output.Clean(line)+"\n") // nowhere to report a failure to
}

// warn tells of something that did not end the job.
func (a *app) warn(what string) { a.say("whybounce: " + what) }
