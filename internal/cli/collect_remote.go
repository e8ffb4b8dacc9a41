package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/remote"
)

// remoteFlags say how to reach mailboxes on a server.
type remoteFlags struct {
	remote.Config
	watch bool
}

func (o *remoteFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.Password.File, "password-file", "", "the password is the first line of `FILE`")
	f.StringVar(&o.Password.Command, "password-command", "", "the password is the first line that `COMMAND` prints")
	f.StringVar(&o.Password.Env, "password-env", "", "the password is in the environment variable `NAME`")
	f.StringVar(&o.Token.File, "token-file", "", "an OAuth 2 token is the first line of `FILE`")
	f.StringVar(&o.Token.Command, "token-command", "", "an OAuth 2 token is the first line that `COMMAND` prints")
	f.StringVar(&o.Token.Env, "token-env", "", "an OAuth 2 token is in the environment variable `NAME`")
	f.StringVar(&o.Auth, "auth", "", "log in by `plain`, login, xoauth2 or oauthbearer; default: the best that is offered")
	f.StringArrayVar(&o.Folders, "folder", nil, "read the IMAP `FOLDER`, too; may be repeated")
	f.StringVar(&o.CAFile, "ca", "", "trust the certificates in `FILE` (PEM) instead of the system's")
	f.BoolVar(&o.Cleartext, "cleartext", false, "do without encryption where imap:// or pop3:// offers none")
	f.DurationVar(&o.Timeout, "timeout", time.Minute, "wait so long for a mail server to answer")
	f.BoolVar(&o.watch, "watch", false, "go on, and read what comes as it comes (IMAP: IDLE), until interrupted")
	complete(cmd, "auth", "plain", "login", "xoauth2", "oauthbearer")
}

// A remoteFeed reads a mailbox on a server.
type remoteFeed struct {
	url    string
	config remote.Config
	after  remote.After
	again  bool

	source remote.Source
	ledger *ledger.Ledger
	err    error // of the ledger, met while asked what is known
	gone   []*feedItem
	broken map[string]bool // folders in which a message could not be read: their marks stay
}

func newRemoteFeed(url string, o *remoteFlags, then after, again bool) *remoteFeed {
	return &remoteFeed{url: url, config: o.Config, after: remote.After{Do: then.verb, Folder: then.folder}, again: again}
}

// items implements feed.
func (f *remoteFeed) items(ctx context.Context, l *ledger.Ledger) iter.Seq2[*feedItem, error] {
	return func(yield func(*feedItem, error) bool) {
		f.ledger, f.gone, f.broken = l, nil, make(map[string]bool)
		if f.source == nil {
			var err error
			if f.source, err = remote.Open(ctx, f.url, f.config); err != nil {
				yield(nil, err)
				return
			}
		}
		known := remote.Known{Has: f.has}
		if known.Marks = f.marks(); f.err == nil {
			for item, err := range f.source.Fetch(ctx, known) {
				if !f.take(item, err, yield) || f.err != nil {
					break
				}
			}
		}
		if f.err != nil {
			yield(nil, f.err)
			return
		}
		for _, item := range f.gone {
			if !yield(item, nil) {
				return
			}
		}
	}
}

func (f *remoteFeed) take(m *remote.Item, err error, yield func(*feedItem, error) bool) bool {
	if err != nil {
		var e *remote.Error
		if errors.As(err, &e) {
			f.broken[e.Folder] = true
		}
		return yield(nil, err)
	}
	in := &failing{r: m.Reader}
	item := &feedItem{item: f.itemOf(m.ID), source: f.source.Name() + ";" + m.ID.String(), read: in, ref: m.ID}
	item.cut = func() error {
		if in.err != nil {
			f.broken[m.ID.Folder] = true
		}
		return in.err
	}
	if m.ID.UIDL == "" && !f.broken[m.ID.Folder] && f.after.Do == keepMail {
		text, err := json.Marshal(remote.Mark{Validity: m.ID.Validity, UID: m.ID.UID})
		if err == nil {
			item.position = string(text)
		}
	}
	return yield(item, nil)
}

// itemOf is the item of a message: its UIDVALIDITY and UID in its folder, or its UIDL.
func (f *remoteFeed) itemOf(id remote.ID) ledger.Item {
	return ledger.Item{Mailbox: f.mailbox(id.Folder), Key: ledger.HashKey(id.String())}
}

func (f *remoteFeed) mailbox(folder string) string {
	if folder == "" {
		return f.source.Name()
	}
	return f.source.Name() + ";FOLDER=" + folder
}

// has tells the source which messages the ledger knows.
func (f *remoteFeed) has(id remote.ID) bool {
	if f.again {
		return false
	}
	item := f.itemOf(id)
	known, isOurs, err := f.ledger.Known(item.Mailbox, item.Key, 0)
	if err != nil {
		f.err = err
		return true
	}
	if known && isOurs && f.after.Do != keepMail {
		f.gone = append(f.gone, &feedItem{item: item, source: id.String(), known: true, ref: id})
	}
	return known
}

// marks are how far the folders are read. They are of use only where messages stay.
func (f *remoteFeed) marks() map[string]remote.Mark {
	if f.after.Do != keepMail || f.again {
		return nil
	}
	marks := make(map[string]remote.Mark)
	for _, folder := range f.folders() {
		text, err := f.ledger.Position(f.mailbox(folder))
		if err != nil {
			f.err = err
			return nil
		}
		var mark remote.Mark
		if text != "" && json.Unmarshal([]byte(text), &mark) == nil {
			marks[folder] = mark
		}
	}
	return marks
}

// folders are those that may have a mark.
func (f *remoteFeed) folders() []string {
	return append(remote.FoldersOf(f.url), f.config.Folders...)
}

// done implements feed.
func (f *remoteFeed) done(ctx context.Context, items []*feedItem) error {
	if f.after.Do == keepMail || f.source == nil {
		return nil
	}
	var ids []remote.ID
	for _, item := range items {
		if id, ok := item.ref.(remote.ID); ok && (item.known || item.item.Ours) {
			ids = append(ids, id)
		}
	}
	if err := f.after.Apply(ctx, f.source, ids...); err != nil {
		return fmt.Errorf("%s in the ledger, but --after %s failed: %w", counted(len(ids), "message is", "messages are"), f.after.Do, err)
	}
	return nil
}

func (f *remoteFeed) close() error {
	if f.source == nil {
		return nil
	}
	err := f.source.Close()
	f.source = nil
	return err
}

// wait returns when there may be something new.
func (f *remoteFeed) wait(ctx context.Context) error {
	if f.source != nil {
		err := f.source.Wait(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		_ = f.source.Close() // it is broken
		f.source = nil
	}
	select {
	case <-ctx.Done():
	case <-time.After(f.config.Timeout):
	}
	return nil
}

// failing remembers the error that ended a reader.
type failing struct {
	r   io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// remoteCode is the exit code for what is wrong with a mail server, 0 if it is not that.
func remoteCode(err error) int {
	var e *remote.Error
	switch {
	case !errors.As(err, &e):
		return 0
	case errors.Is(err, remote.ErrLogin), errors.Is(err, remote.ErrSecret):
		return ExitNoLogin
	case errors.Is(err, remote.ErrCertificate), errors.Is(err, remote.ErrNoTLS):
		return ExitBadCert
	case errors.Is(err, remote.ErrHost), errors.Is(err, remote.ErrConnect), errors.Is(err, remote.ErrFolder), errors.Is(err, remote.ErrTimeout):
		return ExitNoSource
	}
	return 0
}
