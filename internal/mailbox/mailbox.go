// Package mailbox opens sources of mail: single messages, mbox in its four
// dialects, Maildir, MH folders, trees of mail files and JSON notifications,
// plain or compressed. It only ever reads.
//
// What a file is follows from its content, never from its name:
//   - An mbox starts with a "From " separator line. A later "From " line ends a
//     message where it looks like a separator (sender and date), follows a blank
//     line and is followed by a header; without the blank line a well-known field
//     must follow. Where the first separator of a file has no date that can be
//     read, later ones need none either, but the blank line and a well-known field.
//   - Content-Length (mboxcl, mboxcl2) is believed only where it lands on a
//     separator or on the end of the file. Lines ">From ", ">>From " lose one ">"
//     (mboxrd, and mboxo where it differs), except in messages that turn out to be
//     mboxcl2.
//   - A file of a Maildir is one message, whatever it starts with.
//   - JSON starts with "{" or "[": each value, each line of JSON lines, and each
//     element of an array is a message.
//   - gzip, zstd, bzip2 and xz are unpacked, at most two layers of them.
//   - Anything else that is text is one message; anything else is an error.
//
// Everything is streamed: a message of any size passes through one buffer.
package mailbox

import (
	"io"
	"io/fs"
	"iter"
	"strconv"
	"time"
)

// A Format says what kind of source a message stood in.
type Format string

// The formats of sources.
const (
	EML     Format = "eml"     // a file that is one message
	Mbox    Format = "mbox"    // RFC 4155 and its relatives
	Maildir Format = "maildir" // a file in cur or new
	MH      Format = "mh"      // a numbered file in a folder of them
	JSON    Format = "json"    // a notification as JSON
)

// A Message is one message of a source. Its bytes are streamed: it is valid
// until the next one is asked for.
type Message struct {
	// Path is the file that holds the message, "-" for standard input.
	Path string
	// Number counts the messages of a file that holds several, from 1; 0 for a lone one.
	Number int
	// Offset is where the message starts in its file, in bytes (after
	// decompression); in an mbox that is its separator line.
	Offset int64
	// Format is the kind of source.
	Format Format
	// BaseName is what stays the same of a Maildir file's name when its flags
	// change and when it moves from new to cur; else the file's name.
	BaseName string
	// Reader gives the bytes of the message, without an mbox separator line.
	io.Reader

	cut func() error
}

// Source names the message as reports do: "path", or "path#3" in an mbox.
func (m *Message) Source() string {
	if m.Number == 0 {
		return m.Path
	}
	var digits [20]byte
	return m.Path + "#" + string(strconv.AppendInt(digits[:0], int64(m.Number), 10))
}

// WriteTo writes what is left of the message to w, without a buffer between.
func (m *Message) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, m.Reader)
}

// Err tells, once the message has been read to its end, what cut it short: a
// truncated or damaged file. It is nil for a whole message. The same error
// comes out of the iteration next.
func (m *Message) Err() error {
	if m.cut == nil {
		return nil
	}
	return m.cut()
}

// Options say how sources are read. A zero field means its default.
type Options struct {
	// Stdin is read for the path "-".
	Stdin io.Reader
	// MaxExpanded is the most that one compressed file may expand to, in
	// bytes; default 64 GiB.
	MaxExpanded int64
	// MaxRatio is the most that one compressed file may expand by, once it has
	// given 64 MiB (xz: 32 MiB); default 250. No real mail comes near.
	MaxRatio int
	// MaxWindow is the most memory that a zstd window or an xz dictionary may
	// ask for, in bytes; default 64 MiB.
	MaxWindow int
	// Lock reads an mbox under a fcntl lock and, where the folder may be
	// written, a dotlock. Nothing is locked where the system has no such locks.
	Lock bool
	// LockTimeout is how long to wait for them; default 30 seconds.
	LockTimeout time.Duration
	// Skip, if set, is asked before a file is opened: true passes over it.
	Skip func(path string, info fs.FileInfo, f Format) bool
	// Start, if set, is asked where to begin in a file that starts as an mbox and
	// is not compressed: at the byte where a message starts, which is the nth, or
	// at 0. It is asked under the lock.
	Start func(path string, r io.ReaderAt) (offset int64, number int)
}

const (
	defaultMaxExpanded = 64 << 30
	defaultMaxRatio    = 250
	defaultMaxWindow   = 64 << 20
	defaultLockTimeout = 30 * time.Second
)

func (o Options) withDefaults() Options {
	if o.MaxExpanded <= 0 {
		o.MaxExpanded = defaultMaxExpanded
	}
	if o.MaxRatio <= 0 {
		o.MaxRatio = defaultMaxRatio
	}
	if o.MaxWindow <= 0 {
		o.MaxWindow = defaultMaxWindow
	}
	if o.LockTimeout <= 0 {
		o.LockTimeout = defaultLockTimeout
	}
	return o
}

// Open returns the messages of a path: a file, a folder, or "-" for standard
// input. An error is always an *Error; it ends the file that it names, and the
// rest of the source follows. A message is valid until the next one is asked
// for; what is left unread of it is passed over.
func Open(path string, o Options) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		s := &session{Options: o.withDefaults(), yield: yield}
		defer s.close()
		s.path(path)
	}
}
