package ledger

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// A Problem is the kind of an Error.
type Problem int

// The problems.
const (
	Failed   Problem = iota // anything else
	Missing                 // there is no such ledger
	Busy                    // another process holds it
	Damaged                 // its bytes are not what was written
	Newer                   // a newer version of the program made it
	ReadOnly                // it cannot be written
	DiskFull                // there is no room, or the disk fails
	Clock                   // the clock is wrong
)

// An Error says what is wrong with a ledger and what to do.
type Error struct {
	Problem Problem
	Path    string
	Err     error
	Hint    string // what to do
}

// Error gives the cause and the way out.
func (e *Error) Error() string {
	text := fmt.Sprintf("ledger %s: %v", e.Path, e.Err)
	if e.Hint != "" {
		text += ": " + e.Hint
	}
	return text
}

// Unwrap returns the error below.
func (e *Error) Unwrap() error { return e.Err }

// ProblemOf returns the kind of problem that err tells of.
func ProblemOf(err error) Problem {
	var e *Error
	if errors.As(err, &e) {
		return e.Problem
	}
	return Failed
}

// damaged makes the error for bytes that are not what was written.
func (l *Ledger) damaged(format string, args ...any) error {
	return damagedFile(l.path, fmt.Errorf(format, args...))
}

func damagedFile(path string, err error) error {
	return &Error{Damaged, path, fmt.Errorf("is damaged: %w", err),
		fmt.Sprintf("nothing was changed; save what is whole with `whybounce ledger rebuild --ledger %s`", path)}
}

// wrap gives an error of SQLite its meaning.
func (l *Ledger) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return wrapFile(l.path, doing, err)
}

func wrapFile(path, doing string, err error) error {
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	err = fmt.Errorf("%s: %w", doing, err)
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return &Error{Failed, path, err, ""}
	}
	switch failure.Code() & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return busy(path, err)
	case lib.SQLITE_READONLY, lib.SQLITE_PERM:
		return readOnly(path, err)
	case lib.SQLITE_FULL:
		return diskFull(path, err)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_FORMAT, lib.SQLITE_MISMATCH:
		return damagedFile(path, err)
	case lib.SQLITE_IOERR:
		return diskFull(path, err)
	case lib.SQLITE_CANTOPEN:
		return &Error{Failed, path, err, "see that the file and its directory exist and may be read and written"}
	}
	return &Error{Failed, path, err, ""}
}

func readOnly(path string, err error) error {
	return &Error{ReadOnly, path, err, "the file and its directory must be writable for the user who collects"}
}

func diskFull(path string, err error) error {
	return &Error{DiskFull, path, err, "the disk is full or failing; make room and run the same command again: nothing was lost"}
}
