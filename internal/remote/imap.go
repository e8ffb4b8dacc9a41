package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// setMax is how many messages one command names at most.
const setMax = 500

// idleMax is how long an IDLE lasts: a connection that died unnoticed, and
// routers that forget it, are found out by then.
const idleMax = 9 * time.Minute

// An imapSource is a session with an IMAP server.
type imapSource struct {
	address
	Config
	conn     *conn
	cl       *imapclient.Client
	news     chan struct{} // the selected folder grew
	selected string
	writable bool
	data     *imap.SelectData
	stream   *body // of a large message that is being read
}

func openIMAP(ctx context.Context, a address, c Config) (Source, error) {
	s := &imapSource{address: a, Config: c, news: make(chan struct{}, 1)}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	if err := s.logIn(ctx); err != nil {
		s.cl.Close()
		return nil, err
	}
	return s, nil
}

// connect opens the connection and makes it a secure one.
func (s *imapSource) connect(ctx context.Context) error {
	under, over, conf, err := s.dial(ctx, s.address)
	if err != nil {
		return err
	}
	s.conn = under
	defer under.wait(ctx)()
	options := s.options(conf)
	if s.tls() {
		s.cl = imapclient.New(over, options)
		return s.greet(ctx)
	}
	s.cl, err = imapclient.NewStartTLS(over, options)
	var status *imap.Error
	if !errors.As(err, &status) {
		return s.failed(ctx, err)
	}
	if !s.Cleartext {
		return errNoTLS(s.address)
	}
	if under, over, _, err = s.dial(ctx, s.address); err != nil {
		return err
	}
	s.conn = under
	defer under.wait(ctx)()
	s.cl = imapclient.New(over, options)
	return s.greet(ctx)
}

func (s *imapSource) options(conf *tls.Config) *imapclient.Options {
	grew := func(m *imapclient.UnilateralDataMailbox) {
		if m.NumMessages != nil {
			select {
			case s.news <- struct{}{}:
			default:
			}
		}
	}
	return &imapclient.Options{TLSConfig: conf, UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: grew}}
}

// greet waits for the server to begin.
func (s *imapSource) greet(ctx context.Context) error {
	if err := s.cl.WaitGreeting(); err != nil {
		s.cl.Close()
		return s.failed(ctx, err)
	}
	return nil
}

// failed makes an *Error of what a command ended with; nil stays nil.
func (s *imapSource) failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	} else if status := (*imap.Error)(nil); !errors.As(err, &status) && s.conn.timedOut() {
		err = ErrTimeout
	}
	return s.explain(err)
}

func (s *imapSource) logIn(ctx context.Context) error {
	defer s.conn.wait(ctx)()
	caps := s.cl.Caps()
	if caps == nil {
		return s.failed(ctx, ErrLost)
	}
	offers := func(name string) bool { return caps.Has(imap.AuthCap(name)) }
	l, err := s.newLogin(ctx, s.address, offers, !caps.Has(imap.CapLoginDisabled))
	if err != nil {
		return err
	}
	if l.client != nil {
		err = s.cl.Authenticate(l.client)
	} else {
		err = s.cl.Login(l.user, l.secret).Wait()
	}
	var status *imap.Error
	switch {
	case !errors.As(err, &status):
		return s.failed(ctx, err)
	case status.Code == imap.ResponseCodePrivacyRequired:
		return errNoTLS(s.address)
	case status.Code == imap.ResponseCodeUnavailable, status.Code == imap.ResponseCodeLimit, status.Code == imap.ResponseCodeInUse:
		e := l.refused(s.address, status.Text)
		return &Error{Source: e.Source, Err: fmt.Errorf("%w: for now: %w", ErrRefused, e.Err), Hint: "try again later"}
	}
	return l.refused(s.address, status.Text)
}

// Name is the URL.
func (s *imapSource) Name() string { return s.address.String() }

// dead tells whether the connection has ended.
func (s *imapSource) dead() bool {
	select {
	case <-s.cl.Closed():
		return true
	default:
		return false
	}
}

// open selects a folder, to read or to write.
func (s *imapSource) open(ctx context.Context, folder string, write, again bool) error {
	if s.selected == folder && !again && (s.writable || !write) {
		return nil
	}
	write = write || s.writable && s.selected == folder
	s.selected = ""
	data, err := s.choose(folder, write)
	if err != nil {
		return s.noFolder(ctx, folder, err)
	}
	s.selected, s.writable, s.data = folder, write, data
	return nil
}

// choose tries the name as it is, then with the server's own sign between folders.
func (s *imapSource) choose(folder string, write bool) (*imap.SelectData, error) {
	o := &imap.SelectOptions{ReadOnly: !write}
	data, err := s.cl.Select(folder, o).Wait()
	if native := s.native(folder, err); native != folder {
		return s.cl.Select(native, o).Wait()
	}
	return data, err
}

// native writes a folder's name as the server does, if the server refused it as it is.
func (s *imapSource) native(folder string, err error) string {
	var status *imap.Error
	if !errors.As(err, &status) || !strings.Contains(folder, "/") {
		return folder
	}
	list, err := s.cl.List("", "", nil).Collect()
	if err != nil || len(list) == 0 || list[0].Delim == 0 {
		return folder
	}
	return strings.ReplaceAll(folder, "/", string(list[0].Delim))
}

func (s *imapSource) noFolder(ctx context.Context, folder string, err error) error {
	var status *imap.Error
	if !errors.As(err, &status) {
		return s.failed(ctx, err)
	}
	return &Error{Source: s.Name(), Folder: folder, Err: fmt.Errorf("%w: %s", ErrFolder, said(status.Text)),
		Hint: "check its name, as the mail program shows it under its account"}
}

// Seen marks messages as read.
func (s *imapSource) Seen(ctx context.Context, ids ...ID) error {
	return s.each(ctx, ids, func(set imap.UIDSet) error { return s.flag(set, imap.FlagSeen) })
}

// Delete deletes messages. Where the server cannot expunge these alone they
// stay, marked as deleted.
func (s *imapSource) Delete(ctx context.Context, ids ...ID) error {
	return s.each(ctx, ids, func(set imap.UIDSet) error {
		if err := s.flag(set, imap.FlagDeleted); err != nil || !s.cl.Caps().Has(imap.CapUIDPlus) {
			return err
		}
		return s.cl.UIDExpunge(set).Close()
	})
}

// Move moves messages to another folder. Without MOVE they are copied first,
// and deleted only when that has succeeded.
func (s *imapSource) Move(ctx context.Context, folder string, ids ...ID) error {
	return s.each(ctx, ids, func(set imap.UIDSet) error {
		move := s.moveTo
		if !s.cl.Caps().Has(imap.CapMove) {
			move = s.copyTo
		}
		err := move(set, folder)
		if native := s.native(folder, err); native != folder {
			err = move(set, native)
		}
		var status *imap.Error
		if errors.As(err, &status) && (status.Code == imap.ResponseCodeTryCreate || status.Code == imap.ResponseCodeNonExistent) {
			return &Error{Source: s.Name(), Folder: folder, Err: ErrFolder, Hint: "create it first"}
		}
		return err
	})
}

func (s *imapSource) moveTo(set imap.UIDSet, folder string) error {
	_, err := s.cl.Move(set, folder).Wait()
	return err
}

func (s *imapSource) copyTo(set imap.UIDSet, folder string) error {
	if !s.cl.Caps().Has(imap.CapUIDPlus) {
		return fmt.Errorf("%w: it can neither move messages nor expunge single ones", ErrUnsupported)
	}
	if _, err := s.cl.Copy(set, folder).Wait(); err != nil {
		return err
	}
	if err := s.flag(set, imap.FlagDeleted); err != nil {
		return err
	}
	return s.cl.UIDExpunge(set).Close()
}

func (s *imapSource) flag(set imap.UIDSet, f imap.Flag) error {
	return s.cl.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{f}}, nil).Close()
}

// each does something to messages, folder by folder.
func (s *imapSource) each(ctx context.Context, ids []ID, do func(imap.UIDSet) error) error {
	defer s.conn.wait(ctx)()
	if err := s.stream.finish(); err != nil {
		return s.failed(ctx, err)
	}
	for len(ids) > 0 {
		first := ids[0]
		var uids []imap.UID
		var rest []ID
		for _, id := range ids {
			if id.Folder == first.Folder && id.Validity == first.Validity && len(uids) < setMax {
				uids = append(uids, imap.UID(id.UID))
			} else {
				rest = append(rest, id)
			}
		}
		if err := s.open(ctx, first.Folder, true, false); err != nil {
			return err
		}
		if s.data.UIDValidity != first.Validity {
			return &Error{Source: s.Name(), Folder: first.Folder, Err: ErrValidity, Hint: "nothing was done to its messages; run it again"}
		}
		slices.Sort(uids)
		if err := do(imap.UIDSetNum(uids...)); err != nil {
			return s.failed(ctx, err)
		}
		ids = rest
	}
	return nil
}

// Wait returns when the folder grows (IDLE, RFC 2177), or after a while. With
// several folders, or without IDLE, it just waits.
func (s *imapSource) Wait(ctx context.Context) error {
	if len(s.folders()) > 1 || !s.cl.Caps().Has(imap.CapIdle) {
		return pause(ctx, s.Poll)
	}
	done := s.conn.wait(ctx)
	err := s.open(ctx, s.folder, false, false)
	var idle *imapclient.IdleCommand
	if err == nil {
		idle, err = s.cl.Idle()
	}
	done()
	if err != nil {
		return s.failed(ctx, err)
	}
	timer := time.NewTimer(idleMax)
	defer timer.Stop()
	select {
	case <-s.news:
	case <-timer.C:
	case <-s.cl.Closed():
		return s.failed(ctx, ErrLost)
	case <-ctx.Done():
	}
	defer s.conn.wait(context.WithoutCancel(ctx))()
	err = errors.Join(idle.Close(), idle.Wait())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.failed(ctx, err)
}

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close logs out.
func (s *imapSource) Close() error {
	if s.dead() {
		return nil
	}
	done := s.conn.wait(context.Background())
	err := s.stream.finish()
	if err == nil {
		err = s.cl.Logout().Wait()
	}
	err = s.failed(context.Background(), err)
	done()
	s.cl.Close()
	return err
}

// folders are the folders to read, each once.
func (s *imapSource) folders() []string {
	all := []string{s.folder}
	for _, f := range s.Folders {
		if !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}
