//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// blocks returns the code blocks of a page in a language.
func blocks(t *testing.T, page, language string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, part := range strings.Split(string(text), "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		found = append(found, block)
	}
	if len(found) == 0 {
		t.Fatalf("%s has no block of %s", page, language)
	}
	return found
}

// home makes a home as docs/cron.md has it.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	makeMaildir(t, filepath.Join(dir, "Maildir"), mailOf(20))
	if err := os.WriteFile(filepath.Join(dir, "subscribers.txt"), []byte(strings.Repeat("somebody@example.org\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestCrontab runs the lines of the crontab in docs/cron.md as cron does.
func TestCrontab(t *testing.T) {
	dir := home(t)
	lines := 0
	for _, line := range strings.Split(blocks(t, "../../docs/cron.md", "crontab")[0], "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 6 || strings.ContainsAny(strings.Join(fields[:5], ""), "abcdefghijklmnopqrstuvwxyz") {
			t.Fatalf("%q is no line of a crontab", line)
		}
		cmd := exec.Command("/bin/sh", "-c", strings.Join(fields[5:], " "))
		cmd.Env = append(os.Environ(), "HOME="+dir)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%s: %v: cron would send\n%s", line, err, out)
		}
		lines++
	}
	if lines != 2 {
		t.Errorf("%d lines were run", lines)
	}
	text, err := os.ReadFile(filepath.Join(dir, "leaving.txt"))
	if err != nil || !strings.Contains(string(text), "user0@example.com\n") {
		t.Errorf("%v: %q", err, text)
	}
	if moved, _ := filepath.Glob(filepath.Join(dir, "Maildir/.Done/cur/*")); len(moved) != 19 {
		t.Errorf("%d messages were moved", len(moved))
	}
}

// TestSystemdTimer runs what the service in docs/cron.md starts.
func TestSystemdTimer(t *testing.T) {
	dir := home(t)
	units := blocks(t, "../../docs/cron.md", "ini")
	if len(units) != 2 || !strings.Contains(units[1], "[Timer]\nOnCalendar=") {
		t.Fatalf("these are not a service and a timer: %q", units)
	}
	_, rest, found := strings.Cut(units[0], "\nExecStart=/usr/local/bin/whybounce ")
	if !found {
		t.Fatal("the service starts nothing")
	}
	command, _, _ := strings.Cut(rest, "\n")
	out, err := exec.Command("whybounce", strings.Fields(strings.ReplaceAll(command, "%h", dir))...).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "20 new messages: 19 failures, 1 other message; ") {
		t.Errorf("%v: %s", err, out)
	}
	verify(t, units)
}

// verify lets systemd look at the units, where it is installed.
func verify(t *testing.T, units []string) {
	t.Helper()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd is not installed: its own check of the units is skipped")
		return
	}
	bin, err := exec.LookPath("whybounce")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args := []string{"verify", "--user"}
	for i, name := range []string{"whybounce.service", "whybounce.timer"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(units[i], "/usr/local/bin/whybounce", bin)), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := exec.Command(analyze, args...)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil && strings.Contains(string(out), "whybounce") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestProcmail feeds a message as procmail does.
func TestProcmail(t *testing.T) {
	dir := home(t)
	recipe := blocks(t, "../../docs/cron.md", "procmail")[0]
	_, command, found := strings.Cut(recipe, "\n| ")
	if !found {
		t.Fatal("the recipe pipes nothing")
	}
	for range 2 {
		cmd := exec.Command("/bin/sh", "-c", command)
		cmd.Env = append(os.Environ(), "HOME="+dir)
		cmd.Stdin = strings.NewReader(fate(4))
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if _, out := code(t, "ledger", "info", "--ledger", filepath.Join(dir, "bounces.db")); !strings.Contains(out, "events     1\n") {
		t.Error(out)
	}
}
