//go:build unix && !solaris && !illumos

package mailbox

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// fcntlLock tries to take a lock to read; false while another program writes.
// A file system that has no locks is no reason not to read.
func fcntlLock(f *os.File) (bool, error) {
	l := syscall.Flock_t{Type: syscall.F_RDLCK, Whence: io.SeekStart}
	err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &l)
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EACCES):
		return false, nil
	case errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.EINVAL):
		return true, nil
	}
	return err == nil, err
}

// isDead tells whether no process has this id.
func isDead(pid int) bool {
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
