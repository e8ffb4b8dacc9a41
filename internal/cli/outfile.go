package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// An outFile is where a report goes: standard output, or a file that changes
// only once the report is whole.
type outFile struct {
	io.Writer
	name string   // "" for standard output
	tmp  *os.File // what will become the file; nil once it has, or without one
}

// create opens the output. It must be none of the paths that are read.
func (a *app) create(name string, paths []string) (*outFile, error) {
	if name == "" || name == "-" {
		return &outFile{Writer: a.stdout}, nil
	}
	hint := "is the folder there, and yours to write in?"
	target := name
	if real, err := filepath.EvalSymlinks(name); err == nil {
		target = real
	}
	info, err := os.Stat(target)
	if err == nil {
		if info.IsDir() {
			return nil, usage(fmt.Errorf("%s is a folder", name), "name a file in it")
		}
		for _, p := range paths {
			if in, err := os.Stat(p); err == nil && os.SameFile(in, info) {
				return nil, usage(fmt.Errorf("%s is read and cannot be written as well", name), "choose another name for the report")
			}
		}
		if !info.Mode().IsRegular() { // a pipe or a device
			f, err := os.OpenFile(target, os.O_WRONLY, 0)
			if err != nil {
				return nil, failed(err, hint)
			}
			return &outFile{Writer: f, name: name}, nil
		}
	}
	tmp, err := createBeside(target)
	if err != nil {
		return nil, failed(fmt.Errorf("cannot write %s: %w", name, err), hint)
	}
	if info != nil {
		if err := tmp.Chmod(info.Mode().Perm()); err != nil {
			return nil, failed(err, hint)
		}
	}
	return &outFile{Writer: tmp, name: target, tmp: tmp}, nil
}

// createBeside makes a new file in the folder of name, with the rights that a
// new file has.
func createBeside(name string) (*os.File, error) {
	for i := os.Getpid(); ; i++ {
		f, err := os.OpenFile(filepath.Join(filepath.Dir(name), ".whybounce-"+strconv.Itoa(i)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
}

// commit puts the file in its place.
func (f *outFile) commit() error {
	if f.tmp == nil {
		return nil
	}
	if err := errors.Join(f.tmp.Sync(), f.tmp.Close()); err != nil {
		return err
	}
	tmp := f.tmp.Name()
	if err := os.Rename(tmp, f.name); err != nil {
		return err
	}
	f.tmp = nil
	return nil
}

// discard removes what was not committed.
func (f *outFile) discard() {
	if f.tmp != nil {
		f.tmp.Close()
		os.Remove(f.tmp.Name())
	}
}
