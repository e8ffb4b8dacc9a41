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
// aside. A package that is not listed may import none, and be imported by none.
var mayImport = map[string][]string{
	"dsn":                  {},
	"internal/prebuilt":    {},
	"internal/dfa":         {},
	"internal/remote":      {},
	"internal/sift":        {"internal/prebuilt"},
	"internal/policy":      {"rules"},
	"parser":               {"dsn", "parser/layouts", "internal/sift", "internal/dfa"},
	"parser/layouts":       {"internal/sift", "internal/prebuilt", "internal/dfa"},
	"rules":                {"dsn", "internal/sift", "internal/prebuilt", "internal/dfa"},
	"internal/mailbox":     {},
	"internal/output":      {"dsn", "rules"},
	"internal/ledger":      {"dsn", "rules", "internal/policy"},
	"internal/verp":        {},
	"internal/subscribers": {},
	"internal/pipeline":    {"dsn", "parser", "rules", "internal/mailbox", "internal/output"},
	"internal/cli": {"dsn", "parser", "rules", "internal/mailbox", "internal/output", "internal/pipeline",
		"internal/ledger", "internal/policy", "internal/verp", "internal/subscribers", "internal/remote"},
	"cmd/whybounce": {"internal/cli"},
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
		if !known && len(pkg.GoFiles) > 0 && !tool(name) {
			t.Errorf("%s: say in mayImport what it may import", name)
			continue
		}
		for _, imp := range pkg.Imports {
			if ours, ok := strings.CutPrefix(imp, module); ok {
				if !slices.Contains(allowed, ours) && !tool(name) {
					t.Errorf("%s must not import %s", name, ours)
				}
				continue
			}
			for prefix, by := range onlyImportedBy {
				if (imp == prefix || strings.HasPrefix(imp, prefix+"/")) && !slices.Contains(by, name) && !tool(name) {
					t.Errorf("%s must not import %s; %v may", name, imp, by)
				}
			}
			if name == "dsn" && strings.Contains(imp, ".") {
				t.Errorf("dsn imports %s; it may import the standard library alone", imp)
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
