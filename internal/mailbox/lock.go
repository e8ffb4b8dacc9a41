package mailbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// lockPoll is how often a lock that another program holds is tried again.
const lockPoll = 50 * time.Millisecond

// lock takes the fcntl lock of an mbox, then its dotlock: the order that Debian
// policy 11.6 gives. Where the folder may not be written the first has to do.
func lock(f *os.File, path string, timeout time.Duration) (unlock func(), err error) {
	deadline := time.Now().Add(timeout)
	for {
		held, err := fcntlLock(f)
		if err != nil {
			return nil, err
		}
		if held {
			break
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%w (fcntl), waited %v", ErrLocked, timeout)
		}
		time.Sleep(lockPoll)
	}
	return dotlock(path+".lock", deadline, timeout)
}

// dotlock makes the lock file. A closed file loses its fcntl lock by itself.
func dotlock(name string, deadline time.Time, timeout time.Duration) (func(), error) {
	for {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		switch {
		case err == nil:
			fmt.Fprintf(f, "%d\n", os.Getpid())
			f.Close()
			return func() { os.Remove(name) }, nil
		case !errors.Is(err, fs.ErrExist):
			return func() {}, nil
		case removeStale(name):
			continue
		case time.Now().After(deadline):
			return nil, fmt.Errorf("%w (dotlock), waited %v", ErrLocked, timeout)
		}
		time.Sleep(lockPoll)
	}
}

// staleAfter is how old a lock file without a process id must be to be taken
// for left over, as liblockfile has it.
const staleAfter = 5 * time.Minute

// removeStale removes a lock file that a dead process left behind.
func removeStale(name string) bool {
	f, e := openFile(name)
	if e != nil {
		return errors.Is(e, fs.ErrNotExist)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return false
	}
	b, _ := io.ReadAll(io.LimitReader(f, 32))
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	switch {
	case err == nil && pid > 0 && !isDead(pid):
		return false
	case (err != nil || pid <= 0) && time.Since(st.ModTime()) < staleAfter:
		return false // its process id may not be written yet
	}
	now, err := os.Lstat(name)
	return err == nil && os.SameFile(st, now) && os.Remove(name) == nil
}

func lockHint(path string) string {
	return "try again later; if no program is using the mbox, remove " + quoteName(path+".lock")
}
