package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocs runs every ```console block of the documentation and compares what
// it prints. The blocks of a page run in order, in one folder that has samples
// in it. A line "…" stands for any lines. With -update, what has no "…" in it is
// written anew.
func TestDocs(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("skipped: the documentation's commands need bash")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md")) {
		t.Run(filepath.Base(page), func(t *testing.T) { runPage(t, root, page) })
	}
}

var consoleBlock = regexp.MustCompile("(?sm)^```console\n(.*?)^```$")

func runPage(t *testing.T, root, page string) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"samples", "rules"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	anew := consoleBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		body := consoleBlock.FindStringSubmatch(block)[1]
		var out strings.Builder
		for _, step := range steps(body) {
			out.WriteString(step.run(t, dir))
		}
		return "```console\n" + out.String() + "```"
	})
	if *update && anew != string(text) {
		if err := os.WriteFile(page, []byte(anew), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A step is a command and what it prints.
type step struct{ prompt, command, want string }

// steps splits a block: "$ " starts a command, "> " goes on with it.
func steps(block string) []step {
	var out []step
	for line := range strings.Lines(block) {
		switch {
		case strings.HasPrefix(line, "$ "):
			out = append(out, step{prompt: line, command: line[2:]})
		case len(out) == 0:
			out = append(out, step{command: "false", want: line}) // a block must start with a command
		case strings.HasPrefix(line, "> ") && out[len(out)-1].want == "":
			last := &out[len(out)-1]
			last.prompt += line
			last.command += line[2:]
		default:
			out[len(out)-1].want += line
		}
	}
	return out
}

// run runs a step and gives its text, with the output as it is now.
func (s step) run(t *testing.T, dir string) string {
	command := strings.ReplaceAll(s.command, "go run ./cmd/whybounce", "whybounce")
	cmd := exec.Command("bash", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	got, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Errorf("%s: %v", s.command, err)
	}
	if matches(string(got), s.want) {
		return s.prompt + s.want
	}
	if *update && !strings.Contains(s.want, "…") {
		return s.prompt + string(got)
	}
	t.Errorf("$ %s\nprints\n%s\nthe page says\n%s", s.command, got, s.want)
	return s.prompt + s.want
}

// matches compares output with what is wanted, where a line "…" stands for any
// lines, and "…" within a line for any words.
func matches(got, want string) bool {
	pattern := regexp.QuoteMeta("\n" + want)
	pattern = strings.ReplaceAll(pattern, "\n…\n", "\n(?s:.*\n)?")
	pattern = strings.ReplaceAll(pattern, "…", ".*")
	return regexp.MustCompile("^" + pattern + "$").MatchString("\n" + got)
}

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		got, want string
		ok        bool
	}{
		{"a\nb\n", "a\nb\n", true},
		{"a\nb\n", "a\n", false},
		{"a\nb\nc\n", "a\n…\nc\n", true},
		{"a\nb\nc\n", "a\n…\nd\n", false},
		{"x\nb\nc\n", "a\n…\nc\n", false},
		{"a\nb\nc\nd\ne\n", "a\n…\nc\n…\ne\n", true},
		{"a\nb\nd\ne\n", "a\n…\nc\n…\ne\n", false},
		{"a\nb\n", "a\n…\n", true},
		{"a\n", "a\n…\n", true},
		{"a 12 b\nc\n", "a … b\nc\n", true},
		{"a 12\nb\nc\n", "a … b\nc\n", false},
		{"a.c\n", "abc\n", false},
	} {
		if matches(tt.got, tt.want) != tt.ok {
			t.Errorf("matches(%q, %q) is not %v", tt.got, tt.want, tt.ok)
		}
	}
}

// TestLinks: what the documentation links to is there.
func TestLinks(t *testing.T) {
	root := "../.."
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	for _, page := range append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", filepath.Base(page), m[1])
			}
		}
	}
}

// TestDependenciesAreExplained: every direct dependency has its line in CONTRIBUTING.md.
func TestDependenciesAreExplained(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		f := strings.Fields(line)
		if len(f) == 2 && strings.Contains(f[0], ".") && strings.HasPrefix(f[1], "v") && !strings.Contains(string(page), fmt.Sprintf("`%s`", f[0])) {
			t.Errorf("CONTRIBUTING.md does not say what %s is for", f[0])
		}
	}
}

// TestExampleIsThatOfTheReadme: the Go code of README.md is compiled, in example_test.go.
func TestExampleIsThatOfTheReadme(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?sm)^```go\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if len(blocks) == 0 {
		t.Error("README.md shows no Go code")
	}
	for _, b := range blocks {
		for line := range strings.Lines(b[1]) {
			if !strings.Contains(string(code), strings.TrimSpace(line)) {
				t.Errorf("example_test.go lacks the line %q", line)
			}
		}
	}
}
