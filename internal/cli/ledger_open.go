package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/policy"
)

// The exit codes of the commands on a ledger: each kind of trouble has its own,
// for scripts that act on it.
const (
	ExitBusy        = 4  // another process holds the ledger
	ExitDamaged     = 5  // the ledger is damaged
	ExitNewer       = 6  // a newer version made the ledger
	ExitReadOnly    = 7  // the ledger cannot be written
	ExitDiskFull    = 8  // the disk is full
	ExitClock       = 9  // the clock is wrong
	ExitMassRemoval = 10 // more addresses would leave than is plausible
	ExitBadList     = 11 // a subscriber list is not what it should be
	ExitNoSource    = 12 // a mailbox is not there, or its server cannot be reached
	ExitNoLogin     = 13 // a mail server refused the login
	ExitBadCert     = 14 // a mail server's certificate does not verify
)

// ledgerFlags are the flags that all commands on a ledger have.
type ledgerFlags struct {
	path string
	wait time.Duration
}

const ledgerVariable = "WHYBOUNCE_LEDGER"

func (o *ledgerFlags) add(cmd *cobra.Command, writes bool) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.path, "ledger", "", "the ledger's `FILE`; default $"+ledgerVariable)
	if writes {
		f.DurationVar(&o.wait, "wait", time.Minute, "wait so long for another process that uses the ledger")
	}
}

// openLedger opens the ledger that the flags name.
func (a *app) openLedger(ctx context.Context, o *ledgerFlags, mode ledger.Mode, create bool) (*ledger.Ledger, error) {
	path, err := a.ledgerPath(o)
	if err != nil {
		return nil, err
	}
	l, err := ledger.Open(ctx, path, ledger.Options{Mode: mode, Create: create, Wait: o.wait, Now: a.clock})
	if err != nil {
		return nil, ledgerError(err)
	}
	return l, nil
}

func (a *app) ledgerPath(o *ledgerFlags) (string, error) {
	if o.path == "" {
		o.path = a.getenv(ledgerVariable)
	}
	if o.path == "" {
		return "", usage(errors.New("no ledger is named"), "name its file: --ledger FILE, or set "+ledgerVariable)
	}
	return o.path, nil
}

// clock is the time of all commands on a ledger.
func (a *app) clock() time.Time { return time.Now() }

// ledgerError gives an error of the ledger its exit code.
func ledgerError(err error) error {
	var known *exit
	if err == nil || errors.As(err, &known) {
		return err
	}
	code := ExitFailed
	switch ledger.ProblemOf(err) {
	case ledger.Busy:
		code = ExitBusy
	case ledger.Damaged:
		code = ExitDamaged
	case ledger.Newer:
		code = ExitNewer
	case ledger.ReadOnly:
		code = ExitReadOnly
	case ledger.DiskFull:
		code = ExitDiskFull
	case ledger.Clock:
		code = ExitClock
	}
	var e *ledger.Error
	if errors.As(err, &e) {
		return &exit{code, fmt.Errorf("ledger %s: %w", e.Path, e.Err), e.Hint}
	}
	return &exit{code, err, ""}
}

// loadPolicy reads a policy by its name or from a file.
func (a *app) loadPolicy(name string) (*policy.Policy, error) {
	if slices.Contains(policy.Names(), name) {
		return policy.Builtin(name)
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage(fmt.Errorf("there is neither a policy nor a file called %q", name), "the policies are "+strings.Join(policy.Names(), ", "))
	}
	if err != nil {
		return nil, failed(err, "")
	}
	p, err := policy.Parse(name, text)
	if err != nil {
		return nil, usage(err, "whybounce policy show prints one with its keys")
	}
	set, err := a.loadRules(nil)
	if err != nil {
		return nil, err
	}
	for _, cause := range p.Causes() {
		if _, known := set.Cause(cause); !known {
			a.warn(fmt.Sprintf("policy %s: there is no cause %q; see whybounce causes", name, cause))
		}
	}
	return p, nil
}

// usePolicy makes a policy that of the ledger, where one is named.
func (a *app) usePolicy(ctx context.Context, l *ledger.Ledger, name string) error {
	if name == "" {
		return ledgerError(l.Resume(ctx))
	}
	p, err := a.loadPolicy(name)
	if err != nil {
		return err
	}
	return ledgerError(l.SetPolicy(ctx, p))
}

// closing closes a ledger that was written, and makes that error the command's.
func closing(l *ledger.Ledger, err *error) {
	if closeErr := l.Close(); closeErr != nil && *err == nil {
		*err = ledgerError(closeErr)
	}
}
