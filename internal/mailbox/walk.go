package mailbox

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// namesAtOnce is how many names of a folder are held at a time; a larger folder
// is gone through several times, so that the order costs no memory.
const namesAtOnce = 64 << 10

// An entry is a name in a folder.
type entry struct {
	name string
	mode fs.FileMode // type bits only
}

// path reads whatever a path given by the user names.
func (s *session) path(path string) bool {
	if path == "-" {
		if s.Stdin == nil {
			return s.fail(&Error{Path: path, Err: ErrEmpty, Hint: "there is no standard input"})
		}
		return s.read(&source{path: path, r: s.Stdin})
	}
	st, err := os.Stat(path)
	if err != nil {
		return s.fail(openError(path, err))
	}
	if st.IsDir() {
		return s.folder(path, nil)
	}
	format := Format("")
	if isMaildirPart(filepath.Dir(path)) {
		format = Maildir
	}
	return s.file(path, format)
}

// file reads a file, under a lock if asked to.
func (s *session) file(path string, format Format) bool {
	if s.Skip != nil {
		if info, err := os.Stat(path); err == nil && s.Skip(path, info, format) {
			return true
		}
	}
	f, e := openFile(path)
	if e != nil && format == Maildir && errors.Is(e, fs.ErrNotExist) {
		if moved := findMoved(path); moved != "" {
			path = moved
			f, e = openFile(path)
		}
	}
	if e != nil {
		return s.fail(e)
	}
	defer f.Close()
	if s.Lock && format != Maildir && looksLikeMbox(f) {
		unlock, err := lock(f, path, s.LockTimeout)
		if err != nil {
			return s.fail(&Error{Path: path, Err: err, Hint: lockHint(path)})
		}
		defer unlock()
	}
	src := &source{path: path, r: f, at: f, format: format}
	if s.Start != nil && format != Maildir && looksLikeMbox(f) {
		src.begin(s.Start(path, f))
	}
	return s.read(src)
}

func looksLikeMbox(f *os.File) bool {
	var b [5]byte
	n, _ := f.ReadAt(b[:], 0)
	return string(b[:n]) == string(fromSpace)
}

// folder reads a folder and what is in it. above are the real paths of the
// folders that it stands in.
func (s *session) folder(path string, above []string) bool {
	name, err := filepath.EvalSymlinks(path)
	if err == nil {
		name, err = filepath.Abs(name)
	}
	if err != nil {
		return s.fail(openError(path, err))
	}
	if slices.Contains(above, name) {
		return s.fail(&Error{Path: path, Err: ErrLoop, Hint: "remove the link"})
	}
	if s.visited[name] {
		return true
	}
	if s.visited == nil {
		s.visited = map[string]bool{}
	}
	s.visited[name] = true
	inside := append(slices.Clone(above), name)
	if isMaildir(path) {
		return s.maildir(path, inside)
	}
	format := Format("")
	if isMaildirPart(path) {
		format = Maildir
	}
	found, ok := s.entries(path, format, inside, nil)
	if ok && found == 0 && above == nil && format != Maildir {
		return s.fail(&Error{Path: path, Err: ErrEmpty, Hint: "name a folder that holds mail"})
	}
	return ok
}

// entries reads what is in a folder, in order, and tells how much there was.
func (s *session) entries(path string, format Format, inside []string, skip func(entry) bool) (found int, ok bool) {
	mh := false
	for after := (entry{}); ; {
		names, more, err := list(path, after, namesAtOnce)
		if err != nil {
			return found + 1, s.fail(openError(path, err))
		}
		mh = format == "" && (mh || isMH(names))
		for _, n := range names {
			if skip != nil && skip(n) || hidden(n.name, mh) {
				continue
			}
			found++
			f := format
			if mh && isNumber(n.name) {
				f = MH
			}
			if !s.entry(filepath.Join(path, n.name), n.mode, f, inside) {
				return found, false
			}
		}
		if !more {
			return found, true
		}
		after = names[len(names)-1]
	}
}

// entry reads one entry of a folder.
func (s *session) entry(path string, mode fs.FileMode, format Format, inside []string) bool {
	if mode&fs.ModeSymlink != 0 {
		st, err := os.Stat(path)
		if err != nil {
			return s.fail(openError(path, err))
		}
		mode = st.Mode().Type()
	}
	switch {
	case mode.IsDir():
		return s.folder(path, inside)
	case mode.IsRegular():
		return s.file(path, format)
	}
	e := special(path, mode)
	e.Hint = "it was passed over"
	return s.fail(e)
}

// hidden tells which names are no mail: dot files, and what MH marks as deleted.
func hidden(name string, mh bool) bool {
	return strings.HasPrefix(name, ".") || mh && (strings.HasPrefix(name, ",") || strings.HasPrefix(name, "#"))
}

// isMH tells an MH folder: it has .mh_sequences, or all its names are numbers.
func isMH(names []entry) bool {
	numbers, others := 0, 0
	for _, n := range names {
		switch {
		case n.name == ".mh_sequences":
			return true
		case isNumber(n.name):
			numbers++
		case !hidden(n.name, true) && !n.mode.IsDir():
			others++
		}
	}
	return numbers > 0 && others == 0
}

func isNumber(s string) bool { return allDigits(s) && s[0] != '0' }

// byName orders numbers by their value and before other names.
func byName(a, b entry) int {
	an, bn := isNumber(a.name), isNumber(b.name)
	switch {
	case an && bn:
		return cmp.Or(cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	case an:
		return -1
	case bn:
		return 1
	}
	return cmp.Compare(a.name, b.name)
}

// list gives the first names of a folder after a given one, at most limit of
// them, in order, and tells whether there are more.
func list(path string, after entry, limit int) (names []entry, more bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	for {
		batch, err := f.ReadDir(1024)
		for _, d := range batch {
			e := entry{d.Name(), d.Type()}
			if after.name == "" || byName(e, after) > 0 {
				names = append(names, e)
			}
		}
		if len(names) >= 2*limit || err != nil {
			slices.SortFunc(names, byName)
			if len(names) > limit {
				names, more = names[:limit], true
			}
		}
		if err == io.EOF {
			return names, more, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
}
