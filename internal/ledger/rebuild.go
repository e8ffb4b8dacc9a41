package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Saved counts what a rebuild saved and what it could not.
type Saved struct {
	Events, Lost int64 // Lost is an estimate where the file does not say
	Messages     int64
	// Old is where the damaged file was put.
	Old string
}

// Rebuild makes a new ledger of all that is whole in a damaged one, and puts it
// in its place; the old file is kept. Cut short, it leaves the old one in place.
func Rebuild(ctx context.Context, path string, o Options) (Saved, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if _, err := os.Stat(path); err != nil {
		return Saved{}, openError(path, err)
	}
	lock, err := acquire(ctx, path, o.Wait)
	if err != nil {
		return Saved{}, err
	}
	defer lock.release()
	fresh, copied := path+".rebuilt", path+".salvage"
	defer discard(copied)
	defer discard(fresh)
	discard(fresh)
	next, err := Open(ctx, fresh, Options{Mode: Collect, Create: true, Now: o.Now})
	if err != nil {
		return Saved{}, err
	}
	saved, err := rescue(ctx, next, path, copied)
	if err = errors.Join(err, next.Close()); err != nil {
		return Saved{}, err
	}
	saved.Old = fmt.Sprintf("%s.damaged-%s", path, o.Now().UTC().Format("20060102T150405"))
	return saved, swap(path, fresh, saved.Old)
}

// discard removes a database and what SQLite puts beside it.
func discard(path string) {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
		_ = os.Remove(path + suffix)
	}
}

// swap puts the new file in the place of the old one, and keeps that. At no
// moment is there no ledger, nor an old log beside the new file.
func swap(path, fresh, old string) error {
	if err := os.Link(path, old); err != nil {
		return fmt.Errorf("keeping the damaged ledger as %s: %w", old, err)
	}
	if err := os.Rename(path+"-wal", old+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keeping the log of the damaged ledger: %w", err)
	}
	_ = os.Remove(path + "-shm")
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("putting the rebuilt ledger in place: %w", err)
	}
	return syncDirectory(filepath.Dir(path))
}

// rescue copies the damaged file, since opening it may change it, and takes over
// what is whole.
func rescue(ctx context.Context, next *Ledger, path, copied string) (Saved, error) {
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(path+suffix, copied+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return Saved{}, fmt.Errorf("copying the damaged ledger: %w", err)
		}
	}
	old, err := openDamaged(ctx, copied)
	if err != nil {
		if err = graft(next, copied); err == nil {
			old, err = openDamaged(ctx, copied)
		}
	}
	if err != nil {
		return Saved{}, fmt.Errorf("nothing in it can be read (%w): move it away and collect again from mailboxes and backups", err)
	}
	defer old.abandon()
	r := &rescuer{old: old, next: next, words: make(map[int64]string), emails: make(map[int64]string), mailboxes: make(map[int64]string)}
	err = r.run(ctx)
	return r.saved, err
}

func openDamaged(ctx context.Context, path string) (*Ledger, error) {
	o := Options{Mode: Write, Now: time.Now, noCheck: true}
	if _, err := inspect(path, &o); err != nil {
		return nil, err
	}
	l, err := Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if err := l.checkSchema(); err != nil {
		l.abandon()
		return nil, err
	}
	return l, nil
}

// graft gives a file whose first page is damaged the first page of a new ledger:
// since both were made by the same statements, their tables start at the same pages.
func graft(from *Ledger, to string) error {
	if err := from.exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	page := make([]byte, pageSize)
	donor, err := os.Open(from.path)
	if err != nil {
		return err
	}
	defer donor.Close()
	if _, err := io.ReadFull(donor, page); err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	pages := info.Size() / pageSize
	binary.BigEndian.PutUint32(page[28:], uint32(pages))
	copy(page[92:96], page[24:28])                    // the number of pages is to be believed
	copy(page[32:40], []byte{0, 0, 0, 0, 0, 0, 0, 0}) // no free pages are known
	if err := file.Truncate(pages * pageSize); err != nil {
		return err
	}
	_, err = file.WriteAt(page, 0)
	return errors.Join(err, file.Sync())
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
