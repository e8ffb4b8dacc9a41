package layouts

import (
	"embed"
	"io/fs"
	"sync"
)

//go:embed *.toml
var files embed.FS

// Files returns the files of the built-in layouts.
func Files() fs.FS { return files }

var builtin = sync.OnceValues(func() (*Set, error) { return Load(files) })

// Builtin returns the built-in layouts, loaded once.
func Builtin() (*Set, error) { return builtin() }
