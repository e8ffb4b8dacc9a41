//go:build !unix || solaris || illumos

package mailbox

import "os"

// fcntlLock has nothing to take here; the dotlock has to do.
func fcntlLock(*os.File) (bool, error) { return true, nil }

// isDead cannot be told here.
func isDead(int) bool { return false }
