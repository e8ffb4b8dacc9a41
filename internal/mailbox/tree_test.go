package mailbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// sources gives the names of what was read, below dir.
func sources(t *testing.T, dir string, o Options) (names, problems []string) {
	t.Helper()
	messages, problems := all(t, dir, o)
	for _, m := range messages {
		names = append(names, string(m.Format)+" "+strings.TrimPrefix(m.Source, dir+"/"))
	}
	for i := range problems {
		problems[i] = strings.ReplaceAll(problems[i], dir+"/", "")
	}
	return names, problems
}

func TestTree(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, msg1, dir, "b.txt")
	writeFile(t, msg1, dir, "a", "z.eml")
	writeFile(t, sep1+msg1+"\n"+sep2+msg2, dir, "a", "box")
	writeFile(t, msg1, dir, ".hidden")
	writeFile(t, msg1, dir, ".git", "x")
	writeFile(t, "", dir, "c.eml")
	writeFile(t, "\x89PNG\r\n\x1a\n\x00\x00", dir, "d.eml")
	writeFile(t, "ab\x00\x01\x02", dir, "e.eml")
	names, problems := sources(t, dir, Options{})
	equal(t, "names", names, []string{"mbox a/box#1", "mbox a/box#2", "eml a/z.eml", "eml b.txt"})
	equal(t, "problems", problems, []string{
		"c.eml: it is empty", "d.eml: not mail: it is a PNG image", "e.eml: not mail: it starts with binary data"})
}

func TestMaildir(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, msg1, dir, "cur", "2.x.host,S=20:2,S")
	writeFile(t, sep1+msg1+"\n"+sep2+msg2, dir, "cur", "1.x.host:2,")
	writeFile(t, msg1, dir, "new", "3.x.host")
	writeFile(t, msg1, dir, "tmp", "4.x.host")
	writeFile(t, msg1, dir, "dovecot-uidlist")
	writeFile(t, msg1, dir, ".Junk", "cur", "5")
	writeFile(t, msg1, dir, "Sub", "cur", "6:2,FS")
	writeFile(t, msg1, dir, "Sub", "new", "7")
	want := []string{"maildir new/3.x.host", "maildir cur/1.x.host:2,", "maildir cur/2.x.host,S=20:2,S", "maildir Sub/new/7", "maildir Sub/cur/6:2,FS"}
	names, problems := sources(t, dir, Options{})
	equal(t, "names", names, want)
	equal(t, "problems", problems, []string(nil))
	for m := range Open(filepath.Join(dir, "cur"), Options{}) {
		if m.Format != Maildir || strings.Contains(m.BaseName, ":") {
			t.Errorf("cur: got %s, base name %q", m.Format, m.BaseName)
		}
	}
	for m := range Open(filepath.Join(dir, "cur", "2.x.host,S=20:2,S"), Options{}) {
		if m.Format != Maildir || m.BaseName != "2.x.host,S=20" {
			t.Errorf("a file: got %s, base name %q", m.Format, m.BaseName)
		}
	}
}

// A message whose flags change, or that is taken over into cur, while its
// folder is being read is found again.
func TestMaildirMoves(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, msg1, dir, "cur", "1.h:2,")
	flagged := writeFile(t, msg2, dir, "cur", "2.h:2,")
	writeFile(t, msg2, dir, "new", "0.h")
	moved := writeFile(t, msg2, dir, "new", "3.h")
	var names []string
	for m, err := range Open(dir, Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, m.BaseName)
		switch m.BaseName {
		case "0.h":
			err = os.Rename(moved, filepath.Join(dir, "cur", "3.h:2,"))
		case "1.h":
			err = os.Rename(flagged, filepath.Join(dir, "cur", "2.h:2,S"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "names", names, []string{"0.h", "3.h", "1.h", "2.h", "3.h"})
}

func TestEmptyMaildir(t *testing.T) {
	dir := t.TempDir()
	for _, part := range []string{"cur", "new", "tmp"} {
		os.Mkdir(filepath.Join(dir, part), 0o755)
	}
	names, problems := sources(t, dir, Options{})
	if len(names)+len(problems) > 0 {
		t.Errorf("got %q, %q", names, problems)
	}
}

func TestMH(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"1", "2", "10", ",3", ".mh_sequences"} {
		writeFile(t, msg1, dir, n)
	}
	writeFile(t, msg1, dir, "sub", "4")
	writeFile(t, msg1, dir, "sub", "30")
	writeFile(t, msg1, dir, "archive", "2024")
	writeFile(t, sep1+msg1, dir, "archive", "2025") // content decides
	names, problems := sources(t, dir, Options{})
	equal(t, "names", names, []string{"mh 1", "mh 2", "mh 10", "mh archive/2024", "mbox archive/2025#1", "mh sub/4", "mh sub/30"})
	equal(t, "problems", problems, []string(nil))
}

func TestPathErrors(t *testing.T) {
	dir := t.TempDir()
	loop := filepath.Join(dir, "loop")
	os.Symlink("loop", loop)
	empty := filepath.Join(dir, "empty")
	os.Mkdir(empty, 0o755)
	tests := []struct {
		path, text string
		is         error
	}{
		{filepath.Join(dir, "none"), "no such file or directory; check the path", fs.ErrNotExist},
		{"", "check the path", fs.ErrNotExist},
		{loop, "the link leads to itself", nil},
		{empty, "it is empty", ErrEmpty},
		{os.DevNull, "it is a device", ErrSpecial},
		{"-", "there is no standard input", ErrEmpty},
		{filepath.Join(dir, "a\x1b]0;x\a"), `a\x1b]0;x\a": no such file`, fs.ErrNotExist},
	}
	for _, tt := range tests {
		_, problems := all(t, tt.path, Options{})
		if len(problems) != 1 || !strings.Contains(problems[0], tt.text) {
			t.Errorf("%q: got %q, want %q", tt.path, problems, tt.text)
		}
		for _, err := range Open(tt.path, Options{}) {
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%q: %v is not %v", tt.path, err, tt.is)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	other := t.TempDir()
	writeFile(t, msg1, dir, "a", "m.eml")
	writeFile(t, msg2, other, "n.eml")
	os.Symlink("..", filepath.Join(dir, "a", "up"))
	os.Symlink(other, filepath.Join(dir, "b"))
	os.Symlink(filepath.Join(other, "n.eml"), filepath.Join(dir, "c.eml"))
	os.Symlink("nowhere", filepath.Join(dir, "d.eml"))
	os.Symlink("e.eml", filepath.Join(dir, "e.eml"))
	os.Symlink(other, filepath.Join(dir, "f"))
	names, problems := sources(t, dir, Options{})
	equal(t, "names", names, []string{"eml a/m.eml", "eml b/n.eml", "eml c.eml"})
	equal(t, "problems", problems, []string{
		"a/up: the link leads back to a folder above it; remove the link",
		"d.eml: no such file or directory; check the path",
		"e.eml: the link leads to itself; remove the link",
	})
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("the user may read everything")
	}
	dir := t.TempDir()
	os.Chmod(writeFile(t, msg1, dir, "a.eml"), 0)
	writeFile(t, msg1, dir, "b", "m.eml")
	os.Chmod(filepath.Join(dir, "b"), 0)
	defer os.Chmod(filepath.Join(dir, "b"), 0o755)
	writeFile(t, msg1, dir, "c.eml")
	names, problems := sources(t, dir, Options{})
	equal(t, "names", names, []string{"eml c.eml"})
	if len(problems) != 2 || !strings.HasPrefix(problems[0], "a.eml: permission denied; make it") || !strings.HasPrefix(problems[1], "b: permission") {
		t.Errorf("got %q", problems)
	}
}

// A folder with more names than are held at a time comes in order all the same.
func TestListInPieces(t *testing.T) {
	dir := t.TempDir()
	for i := range 300 {
		writeFile(t, "x", dir, fmt.Sprintf("%03d", i*7%300))
	}
	var names []string
	for after := (entry{}); ; {
		got, more, err := list(dir, after, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got {
			names = append(names, e.name)
		}
		if !more {
			break
		}
		after = got[len(got)-1]
	}
	if len(names) != 300 {
		t.Fatalf("got %d names", len(names))
	}
	for i := 1; i < len(names); i++ {
		if byName(entry{name: names[i-1]}, entry{name: names[i]}) >= 0 {
			t.Fatalf("%s before %s", names[i-1], names[i])
		}
	}
}
