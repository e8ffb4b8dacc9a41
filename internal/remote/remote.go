// Package remote reads mailboxes on a server: IMAP (RFC 3501, 9051, with IDLE,
// MOVE and UIDPLUS where the server has them) and POP3 (RFC 1939, 2449, 2595,
// 5034). Reading changes nothing there; Seen, Move and Delete do, for the
// messages they are given and no others.
//
// Connections are encrypted and the server's certificate is verified, unless
// told otherwise. Every step has a timeout. Secrets come from a file, a command
// or the environment and appear in no error.
package remote

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

// An ID names a message on a server for good.
type ID struct {
	Folder   string // IMAP
	Validity uint32 // IMAP: the UIDVALIDITY of the folder
	UID      uint32 // IMAP
	UIDL     string // POP3
}

// String gives the ID as a key: "INBOX;UIDVALIDITY=1;UID=2" as in RFC 5092, or "UIDL=x".
func (id ID) String() string {
	if id.UIDL != "" {
		return "UIDL=" + id.UIDL
	}
	return fmt.Sprintf("%s;UIDVALIDITY=%d;UID=%d", id.Folder, id.Validity, id.UID)
}

// An Item is a message on a server. Its bytes are streamed: it is valid until
// the next one is asked for. A Read that fails means that the message is not
// whole; it has to be fetched again another time.
type Item struct {
	ID   ID
	Size int64     // as the server tells it; 0 if it does not
	Date time.Time // when it arrived; zero if the server does not tell
	io.Reader
}

// A Mark says that everything up to a UID has been read.
type Mark struct{ Validity, UID uint32 }

// Known is what the caller has read already. Both may be nil. A Mark counts only
// while the folder's UIDVALIDITY stays the same; when it changes, all
// messages of the folder are new.
type Known struct {
	Marks map[string]Mark    // by folder; IMAP only
	Has   func(ID) bool      // asked for every message after the mark
	Note  func(string, Mark) // told of the folder's state before its messages: UIDVALIDITY, and the mark that counts
}

// A Source is an open mailbox. It is not for use by several goroutines at once.
// Seen, Move and Delete may be called while Fetch is running: what is then
// unread of the current message is lost.
type Source interface {
	// Name is the mailbox as URL, without secrets.
	Name() string
	// Fetch gives the messages that are not known, oldest first. An error is
	// always an *Error; one that ends a folder does not end the others.
	Fetch(context.Context, Known) iter.Seq2[*Item, error]
	// Wait returns when there may be new messages.
	Wait(context.Context) error
	// Seen marks messages as read. Messages that are gone are passed over, here and below.
	Seen(context.Context, ...ID) error
	// Move moves messages to another folder, which must exist.
	Move(ctx context.Context, folder string, ids ...ID) error
	// Delete deletes messages; by POP3 this takes effect with Close or Wait.
	Delete(context.Context, ...ID) error
	// Close ends the session in good order.
	Close() error
}

// A Config says how to reach a mailbox.
type Config struct {
	// Password and Token are the secrets; a Token is for XOAUTH2 and OAUTHBEARER.
	Password, Token Secret
	// Auth is the way to log in: "plain", "login", "xoauth2" or "oauthbearer";
	// "" for the best that the server offers and the secrets allow.
	Auth string
	// Folders are read beside the one that the URL names. IMAP only.
	Folders []string
	// CAFile holds certificates (PEM) that are trusted instead of the system's.
	CAFile string
	// Cleartext allows a connection without encryption where the URL says
	// imap or pop3 and the server offers none.
	Cleartext bool
	// Timeout is how long to wait for the server to say anything; default one minute.
	Timeout time.Duration
	// Poll is how often Wait looks where the server cannot tell; default one minute.
	Poll time.Duration
}

// IsURL tells whether an argument is for this package and not a path.
func IsURL(s string) bool {
	scheme, _, ok := strings.Cut(s, "://")
	switch strings.ToLower(scheme) {
	case "imap", "imaps", "pop3", "pop3s":
		return ok
	}
	return false
}

// Open connects to a mailbox and logs in:
// imaps://user@host/FOLDER, imap:// for STARTTLS, pop3s://user@host, pop3:// for STLS.
func Open(ctx context.Context, url string, c Config) (Source, error) {
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.Poll <= 0 {
		c.Poll = time.Minute
	}
	a, err := parseAddress(url)
	if err != nil {
		return nil, err
	}
	if a.pop3() {
		return openPOP3(ctx, a, c)
	}
	return openIMAP(ctx, a, c)
}

// An After says what becomes of a message that has been read.
type After struct {
	Do     string // "keep", "seen", "move" or "delete"
	Folder string // for "move"
}

// ParseAfter reads keep, seen, delete or move=FOLDER.
func ParseAfter(s string) (After, error) {
	do, folder, _ := strings.Cut(s, "=")
	switch {
	case do == "move" && folder != "", s == "keep", s == "seen", s == "delete":
		return After{do, folder}, nil
	}
	return After{}, fmt.Errorf("%s is not one of keep, seen, move=FOLDER, delete", printable(s))
}

// Apply does it.
func (a After) Apply(ctx context.Context, s Source, ids ...ID) error {
	if len(ids) == 0 {
		return nil
	}
	switch a.Do {
	case "seen":
		return s.Seen(ctx, ids...)
	case "move":
		return s.Move(ctx, a.Folder, ids...)
	case "delete":
		return s.Delete(ctx, ids...)
	}
	return nil
}
