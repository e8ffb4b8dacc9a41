package mailbox

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What an *Error may wrap, beside errors of the system such as fs.ErrNotExist.
var (
	// ErrEmpty: the file holds nothing, or the folder no files.
	ErrEmpty = errors.New("it is empty")
	// ErrNotMail: the file holds something that cannot be mail.
	ErrNotMail = errors.New("not mail")
	// ErrTruncated: compressed or structured data end in the middle.
	ErrTruncated = errors.New("the data end early")
	// ErrDamaged: compressed or structured data are corrupt.
	ErrDamaged = errors.New("the data are damaged")
	// ErrTooLarge: a compressed file expands beyond the limits.
	ErrTooLarge = errors.New("it expands beyond the limit")
	// ErrSpecial: the path is a FIFO, a device or a socket.
	ErrSpecial = errors.New("not a regular file")
	// ErrLoop: a link leads back to a folder that it stands in.
	ErrLoop = errors.New("the link leads back to a folder above it")
	// ErrLocked: another program kept its lock on the mbox.
	ErrLocked = errors.New("another program holds a lock on it")
)

// An Error says which file, or which message of it, could not be read. Its text
// holds no control characters, whatever the file and its name hold.
type Error struct {
	Path   string
	Number int   // the message in the file, from 1; 0 for the file as such
	Offset int64 // where in the file, in bytes after decompression; 0 if that says nothing
	Err    error
	Hint   string // what to do, or ""
}

// Error gives "bounces.mbox#3 at byte 1042: what happened; what to do".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(quoteName(e.Path))
	if e.Number > 0 {
		fmt.Fprintf(&b, "#%d", e.Number)
	}
	if e.Offset > 0 {
		fmt.Fprintf(&b, " at byte %d", e.Offset)
	}
	b.WriteString(": ")
	b.WriteString(printable(errorText(e.Err)))
	if e.Hint != "" {
		b.WriteString("; ")
		b.WriteString(printable(e.Hint))
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// errorText leaves out the operation and the path that fs errors repeat.
func errorText(err error) string {
	if err == nil {
		return "unknown error"
	}
	if pe, ok := err.(*fs.PathError); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// quoteName gives a file name as it is where that is safe to print, else quoted.
func quoteName(name string) string {
	if name == "" {
		return `""`
	}
	if printable(name) == name {
		return name
	}
	return strconv.Quote(name)
}

// printable escapes whatever could do more than show itself.
func printable(s string) string {
	clean := true
	for _, r := range s {
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}
