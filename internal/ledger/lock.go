package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// A holder is who works on a ledger.
type holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

func (h holder) String() string {
	return fmt.Sprintf("process %d on %s since %s", h.PID, h.Host, h.Since.Format(time.RFC3339))
}

// A lock is the right to collect into a ledger. The system takes it back when the
// process ends, however it ends; the file beside the ledger stays.
type lock struct{ file *os.File }

func lockPath(path string) string { return path + ".lock" }

// acquire waits for the lock, up to wait.
func acquire(ctx context.Context, path string, wait time.Duration) (*lock, error) {
	file, err := os.OpenFile(lockPath(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, openError(path, err)
	}
	deadline := time.Now().Add(wait)
	for {
		got, err := tryLock(file)
		if err != nil {
			file.Close()
			return nil, &Error{Failed, path, fmt.Errorf("locking %s: %w", lockPath(path), err), "keep the ledger on a local disk"}
		}
		if got {
			break
		}
		if !time.Now().Before(deadline) {
			file.Close()
			return nil, busy(path, errors.New("another process collects into it"))
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	l := &lock{file}
	l.sign()
	return l, nil
}

// sign writes down who holds the lock. That it cannot, on a full disk, is no harm.
func (l *lock) sign() {
	host, _ := os.Hostname()
	text, err := json.Marshal(holder{os.Getpid(), host, time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return
	}
	if l.file.Truncate(0) == nil {
		_, _ = l.file.WriteAt(append(text, '\n'), 0)
	}
}

func (l *lock) release() {
	_ = l.file.Truncate(0)
	_ = l.file.Close()
}

// busy makes the error for a ledger that somebody else holds, and says who.
func busy(path string, err error) error {
	who := "another process"
	if text, readErr := os.ReadFile(lockPath(path)); readErr == nil {
		var h holder
		if json.Unmarshal(text, &h) == nil && h.PID != 0 {
			who = h.String()
		}
	}
	return &Error{Busy, path, fmt.Errorf("is held by %s: %w", who, err), "run the command again later, or wait longer with --wait"}
}
