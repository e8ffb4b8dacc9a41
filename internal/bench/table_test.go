package bench

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/whybounce/whybounce/internal/mailbox"
)

var (
	table  = flag.Bool("table", false, "measure, and print the table of docs/performance.md")
	tableM = flag.Int64("mb", 100, "with -table: megabytes of mail")
	rounds = flag.Int("rounds", 3, "with -table: how often each is run; the median counts")
)

// walkEnv, where set, makes this test binary walk an mbox with go-message and exit:
// so both sides of the table are whole processes.
const walkEnv = "WHYBOUNCE_BENCH_WALK"

func TestMain(m *testing.M) {
	if path := os.Getenv(walkEnv); path != "" {
		if err := walkAll(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// walkAll reads an mbox with go-message alone.
func walkAll(path string) error {
	for m, err := range mailbox.Open(path, mailbox.Options{}) {
		if err != nil {
			return err
		}
		walkReader(m)
	}
	return nil
}

// TestTable prints what a full report costs beside reading the mail at all.
func TestTable(t *testing.T) {
	if !*table {
		t.Skip("measures for a minute; run it with: go test ./internal/bench -run Table -v -args -table")
	}
	dir := t.TempDir()
	program, mbox := filepath.Join(dir, "whybounce"), filepath.Join(dir, "big.mbox")
	build := exec.Command("go", "build", "-o", program, "../../cmd/whybounce")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	repeat(t, mbox, *tableM*1_000_000)

	walked := func(procs string) *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), walkEnv+"="+mbox, "GOMAXPROCS="+procs)
		return c
	}
	reported := func(procs string) *exec.Cmd {
		c := exec.Command(program, "report", "--format", "jsonl", "--all", "-o", filepath.Join(dir, "out.jsonl"), mbox)
		c.Env = append(os.Environ(), "GOMAXPROCS="+procs)
		return c
	}
	a, b, all := measure(t, walked, "1"), measure(t, reported, "1"), measure(t, reported, "2")
	fmt.Printf("%d MB of mail, medians of %d rounds\n", *tableM, *rounds)
	fmt.Printf("(a) go-message walks every part, one core   %6.2f s CPU\n", a.cpu.Seconds())
	fmt.Printf("(b) whybounce report to JSONL, one core     %6.2f s CPU\n", b.cpu.Seconds())
	fmt.Printf("    b / a                                   %6.2f\n", b.cpu.Seconds()/a.cpu.Seconds())
	fmt.Printf("    wall, one core / two cores              %6.2f\n", b.wall.Seconds()/all.wall.Seconds())
}

type cost struct{ cpu, wall time.Duration }

func measure(t *testing.T, command func(procs string) *exec.Cmd, procs string) cost {
	t.Helper()
	var cpu, wall []time.Duration
	for range *rounds {
		c := command(procs)
		start := time.Now()
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		wall = append(wall, time.Since(start))
		cpu = append(cpu, c.ProcessState.UserTime()+c.ProcessState.SystemTime())
	}
	slices.Sort(cpu)
	slices.Sort(wall)
	return cost{cpu[len(cpu)/2], wall[len(wall)/2]}
}

// repeat writes bounces.mbox again and again, up to size bytes.
func repeat(t testing.TB, path string, size int64) {
	t.Helper()
	raw, err := os.ReadFile("../../samples/bounces.mbox")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for done := int64(0); done < size; done += int64(len(raw)) {
		if _, err := f.Write(raw); err != nil {
			t.Fatal(err)
		}
	}
}
