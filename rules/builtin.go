package rules

import (
	"embed"
	"io/fs"
	"sync"
)

// files are the built-in rules as their authors write them.
//
//go:embed codes.toml causes/*.toml providers/*.toml
var files embed.FS

// Builtin gives the built-in rules.
func Builtin() (*Set, error) { return builtin() }

var builtin = sync.OnceValues(func() (*Set, error) { return loadSet(files) })

// loadSet loads a whole set of rule files.
func loadSet(fsys fs.FS) (*Set, error) {
	src, problems := load(fsys, false)
	set, problems := finish(src, problems)
	if err := problemsError(problems); err != nil {
		return nil, err
	}
	return set, nil
}
