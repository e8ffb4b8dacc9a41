package mailbox

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestSkipAndStart(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mbox")
	var text string
	for i := range 5 {
		text += fmt.Sprintf("From a@example.org Sat Jan  3 01:05:34 1996\nSubject: %d\n\nbody\n\n", i)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(o Options) (got []string, places []int64) {
		for m, err := range Open(dir, o) {
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(m)
			got = append(got, m.Source()[len(dir)+1:]+" "+string(b[9:10]))
			places = append(places, m.Offset)
		}
		return got, places
	}
	all, places := read(Options{})
	later, laterPlaces := read(Options{Lock: true, Start: func(string, io.ReaderAt) (int64, int) { return places[3], 4 }})
	if !slices.Equal(later, all[3:]) || !slices.Equal(laterPlaces, places[3:]) {
		t.Errorf("got %q at %d, want %q at %d", later, laterPlaces, all[3:], places[3:])
	}
	none, _ := read(Options{Skip: func(p string, info fs.FileInfo, _ Format) bool { return p == path && info.Size() == int64(len(text)) }})
	if len(none) != 0 {
		t.Errorf("got %q", none)
	}
}
