package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/whybounce/whybounce/"

// mayImport says which packages of ours a package of ours may import, tests
// aside. Internal packages that are not listed are helpers: any may import
// them, and they import none but helpers.
var mayImport = map[string][]string{
	"dsn":               {},
	"parser":            {"dsn", "parser/layouts"},
	"parser/layouts":    {},
	"rules":             {"dsn"},
	"internal/mailbox":  {},
	"internal/policy":   {"rules"},
	"internal/output":   {"dsn", "rules"},
	"internal/ledger":   {"dsn", "rules", "internal/policy"},
	"internal/pipeline": {"dsn", "parser", "rules", "internal/mailbox", "internal/output"},
	"internal/cli": {"dsn", "parser", "rules", "internal/mailbox", "internal/output", "internal/pipeline",
		"internal/ledger", "internal/policy"},
	"cmd/whybounce": {"internal/cli"},
}

// helper reports whether a package is one that any may import.
func helper(name string) bool {
	_, listed := mayImport[name]
	return !listed && strings.HasPrefix(name, "internal/")
}

// onlyImportedBy says which packages of ours may import a module of others.
var onlyImportedBy = map[string][]string{
	"github.com/emersion/go-message":  {"parser"},
	"github.com/jhillyerd/enmime":     {"parser"},
	"github.com/spf13/pflag":          {"internal/cli"},
	"github.com/spf13/cobra":          {"internal/cli"},
	"github.com/BurntSushi/toml":      {"rules", "parser/layouts", "internal/policy"},
	"github.com/emersion/go-imap":     {"internal/remote"},
	"github.com/emersion/go-sasl":     {"internal/remote"},
	"modernc.org/sqlite":              {"internal/ledger"},
	"github.com/schollz/progressbar":  {"internal/cli"},
	"github.com/klauspost/compress":   {"internal/mailbox", "internal/ledger"},
	"github.com/therootcompany/xz":    {"internal/mailbox"},
	"golang.org/x/net/html":           {"parser"},
	"golang.org/x/text/encoding":      {"parser"},
	"github.com/rogpeppe/go-internal": {}, // tests only
	"C":                               {},
	"unsafe":                          {},
}

// TestImportsRunOneWay holds what ARCHITECTURE and CONTRIBUTING say of imports.
func TestImportsRunOneWay(t *testing.T) {
	for _, pkg := range list(t) {
		name := strings.TrimPrefix(pkg.ImportPath, module)
		allowed, known := mayImport[name]
		if !known && len(pkg.GoFiles) > 0 && !tool(name) && !helper(name) {
			t.Errorf("%s: say in mayImport what it may import", name)
			continue
		}
		for _, imp := range pkg.Imports {
			if name == "dsn" && strings.Contains(imp, ".") {
				t.Errorf("dsn imports %s; it may import the standard library alone", imp)
			}
			if ours, ok := strings.CutPrefix(imp, module); ok {
				if !slices.Contains(allowed, ours) && !helper(ours) && !tool(name) {
					t.Errorf("%s must not import %s", name, ours)
				}
				continue
			}
			for prefix, by := range onlyImportedBy {
				if (imp == prefix || strings.HasPrefix(imp, prefix+"/")) && !slices.Contains(by, name) && !tool(name) {
					t.Errorf("%s must not import %s; %v may", name, imp, by)
				}
			}
		}
	}
}

// tool reports whether a package is a generator or a script, which is not shipped.
func tool(name string) bool {
	return strings.Contains("/"+name+"/", "/gen/") || strings.HasPrefix(name, "scripts/") || strings.HasPrefix(name, "samples")
}

type goPackage struct {
	ImportPath string
	GoFiles    []string
	Imports    []string
}

// list asks the Go tool for all packages of the module.
func list(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,GoFiles,Imports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var pkgs []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}
