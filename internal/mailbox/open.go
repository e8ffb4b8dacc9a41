package mailbox

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// openFile opens a regular file to read; it never waits for the other end of a FIFO.
func openFile(path string) (*os.File, *Error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, openError(path, err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		f.Close()
		return nil, special(path, st.Mode())
	}
	if err != nil {
		f.Close()
		return nil, openError(path, err)
	}
	return f, nil
}

// special refuses what is not a file.
func special(path string, mode fs.FileMode) *Error {
	e := &Error{Path: path, Err: ErrSpecial}
	switch {
	case mode&fs.ModeNamedPipe != 0:
		e.Err = &kindError{ErrSpecial, "it is a FIFO"}
		e.Hint = "name it as standard input: whybounce - < FIFO"
	case mode&fs.ModeSocket != 0:
		e.Err = &kindError{ErrSpecial, "it is a socket"}
	case mode&fs.ModeDevice != 0:
		e.Err = &kindError{ErrSpecial, "it is a device"}
		e.Hint = "to read standard input, name it: -"
	}
	return e
}

// A kindError says more shortly what its sentinel says.
type kindError struct {
	kind error
	text string
}

func (e *kindError) Error() string { return e.text }
func (e *kindError) Unwrap() error { return e.kind }

// openError says what to do about a file that cannot be opened.
func openError(path string, err error) *Error {
	e := &Error{Path: path, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Hint = "check the path"
	case errors.Is(err, fs.ErrPermission):
		e.Hint = "make it readable, or run as the user who owns it"
	case errors.Is(err, syscall.ELOOP):
		e.Err = &kindError{err, "the link leads to itself"}
		e.Hint = "remove the link"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		e.Hint = "raise the limit on open files: ulimit -n"
	case errors.Is(err, syscall.ENXIO):
		e.Err = &kindError{ErrSpecial, "it is a socket"}
	}
	return e
}
