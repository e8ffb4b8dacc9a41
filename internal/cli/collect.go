package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/pipeline"
	"github.com/whybounce/whybounce/internal/remote"
	"github.com/whybounce/whybounce/parser"
)

// collectOptions are the flags of collect.
type collectOptions struct {
	ledgerFlags
	proofFlags
	remoteFlags
	after   string
	policy  string
	summary bool
	again   bool
	rules   []string
	limits  parser.Limits
}

func (a *app) collectCommand() *cobra.Command {
	o := &collectOptions{}
	cmd := &cobra.Command{
		Use:   "collect --ledger FILE [flags] SOURCE...",
		Short: "Read what is new in bounce mailboxes into a ledger",
		Long: `Read what is new in bounce mailboxes into a ledger, which remembers every failure
and decides by its policy who leaves the list. The ledger is made on first use.

A SOURCE is a path of any kind that report reads, or a mailbox on a server:
imaps://user@host/FOLDER (imap:// for STARTTLS) or pop3s://user@host (pop3:// for
STLS). A password comes from a file, a command or the environment. What the ledger knows is passed
over: a file of a Maildir by its base name, an mbox from where the last run
stopped, a message on a server by its UID or UIDL. Whatever is read twice, in two mailboxes or after a move, counts once.

--after says what becomes of a bounce, complaint or auto-reply once the ledger has
it on disk: keep (the default), seen (Maildir: the flag S), move=FOLDER (a folder
of the Maildir, or a path) or delete. Other mail is left alone, and so is an mbox.

Without --summary nothing is printed but trouble, so that cron mails only that.

With --key, --message-ids or --own-domain, only bounces that are proven to answer
mail of ours can take an address off the list, from now on; the ledger remembers
that ("whybounce ledger verified off" ends it).

Exit codes beside the usual ones: 4 another process holds the ledger; 5 it is
damaged; 6 a newer version made it; 7 it cannot be written; 8 the disk is full;
9 the clock is wrong; 12 a source is not there, or its server does not answer;
13 the login is refused; 14 the server's certificate does not verify.`,
		Example: `  whybounce collect --ledger bounces.db ~/Maildir
  whybounce collect --ledger bounces.db --summary --after move=Done ~/Maildir
  whybounce collect --ledger bounces.db --key verp.key /var/mail/bounces
  whybounce collect --ledger bounces.db --password-file pw imaps://bounces@mail.example.org/INBOX`,
		RunE: func(cmd *cobra.Command, sources []string) error {
			if len(sources) == 0 {
				return usage(errors.New("no source is given"), "whybounce collect --ledger FILE MAILBOX…")
			}
			return a.collect(cmd.Context(), o, sources)
		},
	}
	o.ledgerFlags.add(cmd, true)
	f := cmd.Flags()
	f.StringVar(&o.after, "after", keepMail, "what becomes of a message that the ledger has: keep, seen, move=`FOLDER` or delete")
	f.BoolVar(&o.summary, "summary", false, "print one line that says what was new")
	f.StringVar(&o.policy, "policy", "", "let the policy `NAME` or file decide from now on; see whybounce policy")
	o.proofFlags.add(cmd)
	o.remoteFlags.add(cmd)
	f.BoolVar(&o.again, "again", false, "read what is known, too; it does not count twice")
	f.StringArrayVar(&o.rules, "rules", nil, "lay the rules in `DIR` over the built-in ones; may be repeated")
	limitFlags(f, &o.limits)
	return cmd
}

// collect is the whole job of collect.
func (a *app) collect(ctx context.Context, o *collectOptions, sources []string) (err error) {
	feeds, err := a.feeds(o, sources)
	if err != nil {
		return err
	}
	verifier, err := o.verifier()
	if err != nil {
		return err
	}
	set, err := a.loadRules(o.rules)
	if err != nil {
		return err
	}
	l, err := a.openLedger(ctx, &o.ledgerFlags, ledger.Collect, true)
	if err != nil {
		return err
	}
	defer closing(l, &err)
	if err := a.usePolicy(ctx, l, o.policy); err != nil {
		return err
	}
	if verifier.on() {
		if err := l.SetVerified(ctx, true); err != nil {
			return ledgerError(err)
		}
	}
	c := &collector{app: a, ledger: l, analyser: &pipeline.Analyser{Rules: set, Limits: o.limits}, again: o.again,
		maker: &eventMaker{verifier: verifier, rulesVersion: set.Version(), now: a.clock()}}
	return c.all(ctx, feeds, o.summary, o.watch)
}

// all reads all feeds.
func (c *collector) all(ctx context.Context, feeds []feed, summary, watch bool) error {
	if err := c.ledger.CheckClock(); err != nil {
		return ledgerError(err)
	}
	for _, f := range feeds {
		if err := c.one(ctx, f, watch); err != nil {
			return ledgerError(err)
		}
	}
	result, err := c.ledger.Settle(context.WithoutCancel(ctx))
	if err != nil {
		return ledgerError(err)
	}
	c.tally.result.Add(result)
	if summary {
		if _, err := fmt.Fprintln(c.stdout, c.summary(c.ledger.Verified())); err != nil {
			return writeError("", err)
		}
	}
	switch {
	case ctx.Err() != nil && !watch:
		return failed(errors.New("interrupted; what was read is in the ledger"), "")
	case c.code != 0:
		return &exit{code: c.code}
	case c.trouble:
		return incomplete()
	}
	return nil
}

// one reads a feed, once or, when watching, until it is interrupted.
func (c *collector) one(ctx context.Context, f feed, watch bool) error {
	for {
		err := c.collect(ctx, f)
		server, isServer := f.(*remoteFeed)
		if err != nil || !watch || !isServer || ctx.Err() != nil {
			if closeErr := f.close(); err == nil && closeErr != nil && ctx.Err() == nil {
				c.warnOf(closeErr)
			}
			return err
		}
		if err := server.wait(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return f.close()
		}
	}
}

// feeds makes a feed of each source.
func (a *app) feeds(o *collectOptions, sources []string) ([]feed, error) {
	then, err := parseAfter(o.after)
	if err != nil {
		return nil, err
	}
	if o.watch && (len(sources) != 1 || !remote.IsURL(sources[0])) {
		return nil, usage(errors.New("--watch is for one mailbox on a server"), "run whybounce once for each")
	}
	var feeds []feed
	for _, source := range sources {
		if remote.IsURL(source) {
			if err := remote.CheckURL(source); err != nil {
				return nil, usage(err, "")
			}
			feeds = append(feeds, newRemoteFeed(source, &o.remoteFlags, then, o.again))
			continue
		}
		if scheme, _, found := strings.Cut(source, "://"); found {
			if _, err := os.Stat(source); err != nil {
				return nil, usage(fmt.Errorf("there is no reading from %s://", scheme), "write imaps://user@host/FOLDER, pop3s://user@host, or a path")
			}
		}
		if source == "-" && then.verb != keepMail {
			return nil, usage(errors.New("--after can do nothing to standard input"), "")
		}
		feeds = append(feeds, &fileFeed{path: source, after: then, again: o.again, stdin: a.stdin})
	}
	return feeds, nil
}
