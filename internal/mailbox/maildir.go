package mailbox

import (
	"os"
	"path/filepath"
	"strings"
)

// isMaildir tells whether a folder is a Maildir: it has cur and new.
func isMaildir(path string) bool {
	return isDir(filepath.Join(path, "cur")) && isDir(filepath.Join(path, "new"))
}

// isMaildirPart tells whether a folder is the cur or new of a Maildir.
func isMaildirPart(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	base := filepath.Base(abs)
	return (base == "cur" || base == "new") && isMaildir(filepath.Dir(abs))
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// maildir reads new, then cur: a message that another program moves from one to
// the other meanwhile is met twice rather than not at all. Folders beside them
// are read too, save tmp and the hidden ones of Maildir++.
func (s *session) maildir(path string, inside []string) bool {
	for _, part := range []string{"new", "cur"} {
		onlyFiles := func(e entry) bool { return e.mode.IsDir() }
		if _, ok := s.entries(filepath.Join(path, part), Maildir, inside, onlyFiles); !ok {
			return false
		}
	}
	onlyFolders := func(e entry) bool {
		return e.name == "cur" || e.name == "new" || e.name == "tmp" || !isDir(filepath.Join(path, e.name))
	}
	_, ok := s.entries(path, "", inside, onlyFolders)
	return ok
}

// uniquePart is a Maildir file's name without its flags.
func uniquePart(name string) string {
	base, _, _ := strings.Cut(name, ":2,")
	return base
}

// findMoved finds a Maildir file whose flags changed, or that was moved to cur,
// since its folder was listed.
func findMoved(path string) string {
	base := uniquePart(filepath.Base(path))
	cur := filepath.Join(filepath.Dir(filepath.Dir(path)), "cur")
	f, err := os.Open(cur)
	if err != nil {
		return ""
	}
	defer f.Close()
	for {
		names, err := f.Readdirnames(1024)
		for _, n := range names {
			if uniquePart(n) == base {
				return filepath.Join(cur, n)
			}
		}
		if err != nil {
			return ""
		}
	}
}
