package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Messages up to batchBytes in all are fetched together into memory; a larger one is streamed.
const (
	batchBytes = 1 << 20
	batchMax   = 64
)

// Fetch gives the messages that are not known.
func (s *imapSource) Fetch(ctx context.Context, k Known) iter.Seq2[*Item, error] {
	return func(yield func(*Item, error) bool) {
		for _, folder := range s.folders() {
			more := true
			err := s.fetchFolder(ctx, folder, k, func(it *Item) bool {
				more = yield(it, nil)
				return more
			})
			if !more || err != nil && !yield(nil, s.in(ctx, folder, err)) || s.dead() || ctx.Err() != nil {
				return
			}
		}
	}
}

// in makes an error name its folder.
func (s *imapSource) in(ctx context.Context, folder string, err error) error {
	var e *Error
	if errors.As(s.failed(ctx, err), &e) && e.Folder == "" {
		with := *e
		with.Folder = folder
		return &with
	}
	return s.failed(ctx, err)
}

// waiting does something that expects answers.
func (s *imapSource) waiting(ctx context.Context, f func() error) error {
	defer s.conn.wait(ctx)()
	return f()
}

// fetchFolder yields the new messages of a folder, in the order of their UIDs.
func (s *imapSource) fetchFolder(ctx context.Context, folder string, k Known, yield func(*Item) bool) error {
	var found imap.UIDSet
	var mark Mark
	err := s.waiting(ctx, func() error {
		if err := s.open(ctx, folder, false, true); err != nil {
			return err
		}
		if mark = k.Marks[folder]; mark.Validity != s.data.UIDValidity {
			mark = Mark{Validity: s.data.UIDValidity}
		}
		if k.Note != nil {
			k.Note(folder, mark)
		}
		if s.data.NumMessages == 0 || s.data.UIDNext != 0 && uint64(mark.UID)+1 >= uint64(s.data.UIDNext) {
			return nil
		}
		var err error
		found, err = s.search(mark.UID)
		return err
	})
	if err != nil {
		return err
	}
	for uids := range chunks(found, mark.UID) {
		if k.Has != nil {
			uids = slices.DeleteFunc(uids, func(uid imap.UID) bool { return k.Has(s.id(folder, mark.Validity, uid)) })
		}
		if more, err := s.fetchChunk(ctx, folder, mark.Validity, uids, yield); err != nil || !more {
			return err
		}
	}
	return nil
}

func (s *imapSource) id(folder string, validity uint32, uid imap.UID) ID {
	return ID{Folder: folder, Validity: validity, UID: uint32(uid)}
}

// search finds the messages after a UID.
func (s *imapSource) search(after uint32) (imap.UIDSet, error) {
	criteria := &imap.SearchCriteria{}
	if after > 0 {
		var set imap.UIDSet
		set.AddRange(imap.UID(after)+1, 0)
		criteria.UID = []imap.UIDSet{set}
	}
	var o *imap.SearchOptions
	if s.cl.Caps().Has(imap.CapESearch) {
		o = &imap.SearchOptions{ReturnAll: true} // ranges instead of a number a message
	}
	data, err := s.cl.UIDSearch(criteria, o).Wait()
	if err != nil {
		return nil, err
	}
	set, _ := data.All.(imap.UIDSet)
	return set, nil
}

// chunks gives the UIDs of a set after one of them, setMax at a time, without
// ever writing out what the server claims to have.
func chunks(set imap.UIDSet, after uint32) iter.Seq[[]imap.UID] {
	return func(yield func([]imap.UID) bool) {
		var uids []imap.UID
		for _, r := range set {
			for uid := uint64(max(r.Start, imap.UID(after)+1, 1)); uid <= uint64(r.Stop); uid++ {
				if uids = append(uids, imap.UID(uid)); len(uids) == setMax {
					if !yield(uids) {
						return
					}
					uids = nil
				}
			}
		}
		if len(uids) > 0 {
			yield(uids)
		}
	}
}

// fetchChunk yields some messages. Those that are gone are passed over.
func (s *imapSource) fetchChunk(ctx context.Context, folder string, validity uint32, uids []imap.UID, yield func(*Item) bool) (bool, error) {
	var items []*Item
	err := s.waiting(ctx, func() (err error) {
		items, err = s.describe(folder, validity, uids)
		return err
	})
	if err != nil {
		return false, err
	}
	for len(items) > 0 {
		n, size := 0, int64(0)
		for n < len(items) && n < batchMax && size+items[n].Size <= batchBytes {
			size += items[n].Size
			n++
		}
		if n == 0 {
			if more, err := s.streamOne(ctx, items[0], yield); err != nil || !more {
				return more, err
			}
			items = items[1:]
			continue
		}
		if more, err := s.yieldBatch(ctx, items[:n], yield); err != nil || !more {
			return more, err
		}
		items = items[n:]
	}
	return true, nil
}

// describe asks for the sizes of messages.
func (s *imapSource) describe(folder string, validity uint32, uids []imap.UID) ([]*Item, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	if err := s.open(context.Background(), folder, false, false); err != nil {
		return nil, err
	}
	if s.data.UIDValidity != validity {
		return nil, ErrValidity
	}
	found, err := s.cl.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}).Collect()
	if err != nil && !isGone(err) {
		return nil, err
	}
	var items []*Item
	for _, m := range found {
		if slices.Contains(uids, m.UID) {
			items = append(items, &Item{ID: s.id(folder, validity, m.UID), Size: m.RFC822Size, Date: m.InternalDate})
		}
	}
	slices.SortFunc(items, func(a, b *Item) int { return int(int64(a.ID.UID) - int64(b.ID.UID)) })
	return items, nil
}

// isGone recognises the answer that some of the messages were expunged
// meanwhile (RFC 5530).
func isGone(err error) bool {
	var status *imap.Error
	return errors.As(err, &status) && (status.Code == "EXPUNGEISSUED" || status.Code == imap.ResponseCodeNonExistent)
}

// fetch starts to fetch whole messages, without marking them as read.
func (s *imapSource) fetch(items ...*Item) (*imapclient.FetchCommand, error) {
	if err := s.open(context.Background(), items[0].ID.Folder, false, false); err != nil {
		return nil, err
	}
	if s.data.UIDValidity != items[0].ID.Validity {
		return nil, ErrValidity
	}
	var set imap.UIDSet
	for _, it := range items {
		set.AddNum(imap.UID(it.ID.UID))
	}
	o := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}
	return s.cl.Fetch(set, o), nil
}

// yieldBatch fetches small messages, then yields them; the connection is free by then.
func (s *imapSource) yieldBatch(ctx context.Context, items []*Item, yield func(*Item) bool) (bool, error) {
	var texts map[imap.UID][]byte
	var large map[imap.UID]bool
	err := s.waiting(ctx, func() (err error) {
		texts, large, err = s.collect(items)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, it := range items {
		uid := imap.UID(it.ID.UID)
		if large[uid] {
			if more, err := s.streamOne(ctx, it, yield); err != nil || !more {
				return more, err
			}
			continue
		}
		text, ok := texts[uid]
		if !ok {
			continue
		}
		it.Size, it.Reader = int64(len(text)), bytes.NewReader(text)
		if !yield(it) {
			return false, nil
		}
		delete(texts, uid)
	}
	return true, nil
}

// collect reads messages into memory. What turns out larger than the server
// said is left for later.
func (s *imapSource) collect(items []*Item) (texts map[imap.UID][]byte, large map[imap.UID]bool, err error) {
	cmd, err := s.fetch(items...)
	if err != nil {
		return nil, nil, err
	}
	texts, large = map[imap.UID][]byte{}, map[imap.UID]bool{}
	room := int64(4 * batchBytes)
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		uid, lit := literal(m)
		switch {
		case lit == nil:
		case lit.Size() > room:
			large[uid] = true
		default:
			b := make([]byte, lit.Size())
			if _, err := io.ReadFull(lit, b); err != nil {
				s.cl.Close() // cmd must not be touched: see body.Read
				return nil, nil, ErrLost
			}
			room -= lit.Size()
			texts[uid] = b
			io.Copy(io.Discard, lit) // tells the client that it is through
		}
	}
	if err := cmd.Close(); err != nil && !isGone(err) {
		return nil, nil, err
	}
	return texts, large, nil
}

// literal finds the text of a message; nil if it is gone.
func literal(m *imapclient.FetchMessageData) (uid imap.UID, lit imap.LiteralReader) {
	for item := m.Next(); item != nil; item = m.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal != nil {
				return uid, item.Literal
			}
		}
	}
	return uid, nil
}

// streamOne yields a large message as it comes in.
func (s *imapSource) streamOne(ctx context.Context, it *Item, yield func(*Item) bool) (more bool, err error) {
	defer s.conn.wait(ctx)()
	cmd, err := s.fetch(it)
	if err != nil {
		return false, err
	}
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		_, lit := literal(m)
		if lit == nil {
			continue
		}
		s.stream = &body{lit: lit, left: lit.Size(), cmd: cmd}
		it.Size, it.Reader = lit.Size(), s.stream
		more = yield(it)
		err = s.stream.finish()
		s.stream = nil
		return more, err
	}
	if err := cmd.Close(); err != nil && !isGone(err) {
		return false, err
	}
	return true, nil
}

// A body is the text of a message on its way.
type body struct {
	lit  io.Reader
	left int64
	cmd  *imapclient.FetchCommand
	err  error
}

// Read stops at the first error: the client, which then goes on by itself, is
// not to be disturbed.
func (b *body) Read(p []byte) (int, error) {
	switch {
	case b.err != nil:
		return 0, b.err
	case b.lit == nil:
		return 0, errors.New("the message is no longer being read")
	}
	n, err := b.lit.Read(p)
	b.left -= int64(n)
	if err == io.EOF && b.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	return n, err
}

// finish passes over what is left, so that the connection is free.
func (b *body) finish() error {
	if b == nil || b.lit == nil {
		return nil
	}
	wasRead := b.err == io.EOF
	_, err := io.Copy(io.Discard, b)
	b.lit = nil
	if err != nil {
		return err
	}
	if !wasRead {
		b.err = nil // what is read from now on is read too late
	}
	if err := b.cmd.Close(); err != nil && !isGone(err) {
		return err
	}
	return nil
}
