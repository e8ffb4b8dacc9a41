package rules

import (
	"embed"
	"io/fs"
	"sync"
)

//go:generate go test -run ^TestPrebuilt$ -update .

// prebuiltSet is the built-in set as encode writes it.
//
//go:embed builtin.bin
var prebuiltSet string

// files are the built-in rules as their authors write them. They are read to show or
// check rules, not to explain.
//
//go:embed codes.toml causes/*.toml providers/*.toml
var files embed.FS

// Builtin gives the built-in rules.
func Builtin() (*Set, error) { return builtin() }

var builtin = sync.OnceValues(func() (*Set, error) { return decodeSet(prebuiltSet) })

// loadSet loads a whole set of rule files.
func loadSet(fsys fs.FS) (*Set, error) {
	src, problems := load(fsys, false)
	set, problems := finish(src, problems)
	if err := problemsError(problems); err != nil {
		return nil, err
	}
	return set, nil
}

// builtinDocs are the built-in rules with what only their files hold, by id.
var builtinDocs = sync.OnceValue(func() map[string]Rule {
	src, _ := load(files, false)
	docs := make(map[string]Rule, len(src.rules))
	for i := range src.rules {
		docs[src.rules[i].ID] = src.rules[i].Rule
	}
	return docs
})

// fillDocs adds to built-in rules what the prebuilt form leaves out.
func (s *Set) fillDocs(list []Rule) {
	if !s.docs {
		return
	}
	docs := builtinDocs()
	for i := range list {
		if r := &list[i]; !r.User {
			d := docs[r.ID]
			r.Pattern, r.Source, r.File, r.Line, r.Match, r.Reject = d.Pattern, d.Source, d.File, d.Line, d.Match, d.Reject
		}
	}
}
