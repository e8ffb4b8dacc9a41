package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What may become of a message that the ledger has.
const (
	keepMail   = "keep"
	seenMail   = "seen"
	moveMail   = "move"
	deleteMail = "delete"
)

// An after says what becomes of a message that was read.
type after struct {
	verb   string
	folder string // to move it to
}

func parseAfter(text string) (after, error) {
	verb, folder, has := strings.Cut(text, "=")
	switch {
	case verb == moveMail && folder != "":
		return after{verb, folder}, nil
	case !has && (verb == keepMail || verb == seenMail || verb == deleteMail):
		return after{verb: verb}, nil
	}
	return after{}, usage(fmt.Errorf("--after %s is not known", text), "write keep, seen, move=FOLDER or delete")
}

// done implements feed: it takes away the files that are bounces.
func (f *fileFeed) done(_ context.Context, items []*feedItem) error {
	var errs []error
	for _, item := range items {
		if item.path == "" || !item.item.Ours && !item.known {
			continue
		}
		err := f.after.file(item.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // gone: so be it
			errs = append(errs, fmt.Errorf("%s: is in the ledger, but --after %s failed: %w", item.source, f.after.verb, err))
		}
	}
	return errors.Join(errs...)
}

// file does it to one file.
func (a after) file(path string) error {
	if a.verb == keepMail {
		return nil
	}
	path = found(path)
	dir, base := filepath.Dir(path), filepath.Base(path)
	inMaildir := filepath.Base(dir) == "cur" || filepath.Base(dir) == "new"
	switch {
	case a.verb == deleteMail:
		return os.Remove(path)
	case a.verb == seenMail && inMaildir:
		return rename(path, filepath.Join(filepath.Dir(dir), "cur", withSeen(base)))
	case a.verb == moveMail && inMaildir:
		return a.moveInMaildir(path, filepath.Dir(dir), base)
	case a.verb == moveMail:
		if err := os.MkdirAll(a.folder, 0o700); err != nil {
			return err
		}
		return rename(path, filepath.Join(a.folder, base))
	}
	return nil // a lone file has no flags
}

// moveInMaildir moves a message into another Maildir, by its path or, without a
// slash, a folder of this one (Maildir++).
func (a after) moveInMaildir(path, maildir, base string) error {
	folder := a.folder
	if !strings.ContainsRune(folder, filepath.Separator) {
		folder = filepath.Join(maildir, "."+strings.TrimPrefix(folder, "."))
	}
	for _, part := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(folder, part), 0o700); err != nil {
			return err
		}
	}
	if !strings.Contains(base, ":2,") {
		base += ":2,"
	}
	return rename(path, filepath.Join(folder, "cur", base))
}

// rename moves a file and never replaces another one.
func rename(from, to string) error {
	if from == to {
		return nil
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s is there already", to)
	}
	return os.Rename(from, to)
}

// withSeen adds the flag S to a Maildir file's name; flags stand in ASCII order.
func withSeen(base string) string {
	name, flags, _ := strings.Cut(base, ":2,")
	letters := []byte(flags)
	if !slices.Contains(letters, 'S') {
		letters = append(letters, 'S')
		slices.Sort(letters)
	}
	return name + ":2," + string(letters)
}

// maildirBase is what stays the same of a Maildir file's name.
func maildirBase(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ":2,")
	return name
}

// found finds a Maildir file again whose flags were changed meanwhile.
func found(path string) string {
	if _, err := os.Lstat(path); err == nil {
		return path
	}
	base := maildirBase(path)
	for _, part := range []string{"cur", "new"} {
		dir := filepath.Join(filepath.Dir(filepath.Dir(path)), part)
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if maildirBase(e.Name()) == base {
				return filepath.Join(dir, e.Name())
			}
		}
	}
	return path
}
