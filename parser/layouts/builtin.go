package layouts

import (
	"embed"
	"io/fs"
	"sync"
)

//go:generate go test -run ^TestPrebuilt -update .

// prebuiltSet is the built-in set as encode writes it.
//
//go:embed builtin.bin
var prebuiltSet string

// files are the built-in layouts as their authors write them. They are read to check
// layouts, not to apply them.
//
//go:embed *.toml
var files embed.FS

// Files returns the files of the built-in layouts.
func Files() fs.FS { return files }

var builtin = sync.OnceValues(func() (*Set, error) { return decodeSet(prebuiltSet) })

// Builtin returns the built-in layouts, read once, without their examples.
func Builtin() (*Set, error) { return builtin() }
