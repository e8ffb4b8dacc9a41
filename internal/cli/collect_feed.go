package cli

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path/filepath"

	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/mailbox"
)

// A feed is a source that a collector reads from.
type feed interface {
	// items yields the messages that are new to the ledger, and those that are known
	// but that --after may still have to take away. An error does not end it.
	items(ctx context.Context, l *ledger.Ledger) iter.Seq2[*feedItem, error]
	// done does what --after says to messages that the ledger has on disk.
	done(ctx context.Context, items []*feedItem) error
	// close ends it.
	close() error
}

// A feedItem is one message of a feed. Its reader is valid until the next one.
type feedItem struct {
	item   ledger.Item
	source string // as reports name it
	// byContent makes the content part of the item's key.
	byContent bool
	// known means that the ledger has it: there is nothing to read.
	known bool
	// read gives the bytes; cut tells afterwards what cut them short.
	read io.Reader
	cut  func() error
	// position, where not "", is how far its mailbox is read with it.
	position string
	// path is the file that is this message and no other, or "".
	path string
	// ref is what the feed itself needs to know.
	ref any
}

// A fileFeed reads a path of any kind.
type fileFeed struct {
	path  string
	after after
	again bool // read what is known, too
	stdin io.Reader

	ledger  *ledger.Ledger
	err     error       // of the ledger, met while skipping
	present ledger.Item // the file that is read
	mbox    io.ReaderAt // the same, where it is an mbox
	many    ledger.Item // the same, where it holds many messages and nothing went wrong
	gone    []*feedItem // known ones, to be taken away
}

func (f *fileFeed) close() error { return nil }

// items implements feed.
func (f *fileFeed) items(ctx context.Context, l *ledger.Ledger) iter.Seq2[*feedItem, error] {
	f.ledger = l
	options := mailbox.Options{Stdin: f.stdin, Lock: true, Skip: f.skip, Start: f.start}
	return func(yield func(*feedItem, error) bool) {
		for m, err := range mailbox.Open(f.path, options) {
			if !f.take(m, err, yield) || ctx.Err() != nil || f.err != nil {
				break
			}
		}
		if f.err != nil {
			yield(nil, f.err)
			return
		}
		f.endFile("", yield)
		for _, item := range f.gone {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// take passes on what the mailbox gave.
func (f *fileFeed) take(m *mailbox.Message, err error, yield func(*feedItem, error) bool) bool {
	if err != nil {
		f.many = ledger.Item{} // to be read again
		if errors.Is(err, mailbox.ErrEmpty) {
			return true // nothing new
		}
		return yield(nil, err)
	}
	if !f.endFile(m.Path, yield) {
		return false
	}
	item, err := f.item(m)
	return yield(item, err)
}

// endFile passes on that a file of many messages was read to its end.
func (f *fileFeed) endFile(next string, yield func(*feedItem, error) bool) bool {
	last := f.many
	if last.Mailbox == "" || next != "" && last.Mailbox == f.box(next) {
		return true
	}
	f.many = ledger.Item{}
	return yield(&feedItem{item: last, source: last.Mailbox}, nil)
}

// item makes a feedItem of a message.
func (f *fileFeed) item(m *mailbox.Message) (*feedItem, error) {
	item := &feedItem{source: m.Source(), read: m.Reader, cut: m.Err, item: f.present}
	switch {
	case m.Path == "-":
		item.byContent = true
		item.item = ledger.Item{Mailbox: "-"}
	case m.Number == 0:
		item.path = m.Path
	case f.after.verb != keepMail:
		return nil, usage(fmt.Errorf("%s holds many messages: --after can only keep them", m.Path), "deliver into a Maildir, or rotate the mbox away before it is collected")
	default:
		item.byContent = true
		item.item = ledger.Item{Mailbox: f.box(m.Path), Key: ledger.HashKey("at", fmt.Sprint(m.Offset))}
		f.many = f.present
		if m.Format == mailbox.Mbox && f.mbox != nil {
			item.position = place{m.Offset, m.Number, ""}.of(f.mbox)
		}
	}
	return item, nil
}

// box names the mailbox of a path.
func (f *fileFeed) box(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// fileItem is the item of a file: in a Maildir by its base name, elsewhere by its
// name, and in both cases only as long as it is the same size.
func (f *fileFeed) fileItem(path string, info fs.FileInfo, format mailbox.Format) ledger.Item {
	if format == mailbox.Maildir {
		dir := filepath.Dir(filepath.Dir(f.box(path)))
		return ledger.Item{Mailbox: dir, Key: ledger.HashKey("maildir", maildirBase(path)), Size: info.Size()}
	}
	return ledger.Item{Mailbox: f.box(path), Key: ledger.HashKey("file", fmt.Sprint(info.ModTime().UnixNano())), Size: info.Size()}
}

// skip passes over files that the ledger knows, unread.
func (f *fileFeed) skip(path string, info fs.FileInfo, format mailbox.Format) bool {
	if f.err != nil {
		return true
	}
	if !info.Mode().IsRegular() {
		return false
	}
	f.mbox, f.present = nil, f.fileItem(path, info, format)
	if f.again {
		return false
	}
	known, isOurs, err := f.ledger.Known(f.present.Mailbox, f.present.Key, f.present.Size)
	if err != nil {
		f.err = err
		return true
	}
	if known && isOurs && f.after.verb != keepMail {
		f.gone = append(f.gone, &feedItem{item: f.present, source: path, known: true, path: path})
	}
	return known
}

// A place is how far an mbox is read: to the start of its last message, which is
// read again, since it may have been half written.
type place struct {
	Offset int64  `json:"offset"`
	Number int    `json:"number"`
	Sum    string `json:"sum"` // of what stands before it
}

// of completes a place with the sum of what stands before it in an mbox.
func (p place) of(r io.ReaderAt) string {
	p.Sum = sumBefore(r, p.Offset)
	text, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return string(text)
}

// sumBefore is a sum of the beginning of a file and of the bytes before an offset.
func sumBefore(r io.ReaderAt, offset int64) string {
	const piece = 4096
	h := sha256.New()
	size := min(offset, piece)
	for _, at := range []int64{0, offset - size} {
		if _, err := io.Copy(h, io.NewSectionReader(r, at, size)); err != nil {
			return ""
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// start goes on in an mbox where the last run stopped, if what stands before is
// what it was.
func (f *fileFeed) start(path string, r io.ReaderAt) (offset int64, number int) {
	f.mbox = r
	if f.again || f.err != nil {
		return 0, 0
	}
	text, err := f.ledger.Position(f.box(path))
	if err != nil {
		f.err = err
		return 0, 0
	}
	var p place
	if text == "" || json.Unmarshal([]byte(text), &p) != nil || p.Sum == "" || p.Sum != sumBefore(r, p.Offset) {
		return 0, 0
	}
	var head [5]byte
	if _, err := r.ReadAt(head[:], p.Offset); err != nil || string(head[:]) != "From " {
		return 0, 0
	}
	return p.Offset, p.Number
}
