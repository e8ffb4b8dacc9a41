package bench

import (
	"bytes"
	"os"
	"testing"

	"github.com/whybounce/whybounce/internal/mailbox"
	"github.com/whybounce/whybounce/internal/pipeline"
	"github.com/whybounce/whybounce/rules"
)

func analyser(tb testing.TB) *pipeline.Analyser {
	tb.Helper()
	set, err := rules.Builtin()
	if err != nil {
		tb.Fatal(err)
	}
	return &pipeline.Analyser{Rules: set}
}

// TestCost guards the cost of a message without measuring time: how often memory is
// asked for, a third more than it is now at most, and that each byte is read once.
func TestCost(t *testing.T) {
	a := analyser(t)
	for _, c := range []struct {
		sample string
		allocs float64
	}{
		{"postfix/remote-user-unknown.eml", 52},
		{"sendmail/transcript-two.eml", 79},
		{"autoreply/vacation.eml", 24},
	} {
		raw, err := os.ReadFile("../../samples/" + c.sample)
		if err != nil {
			t.Fatal(err)
		}
		allocs := testing.AllocsPerRun(50, func() { a.Read(c.sample, bytes.NewReader(raw)) })
		if allocs > c.allocs {
			t.Errorf("%s: %.0f allocations, more than %.0f", c.sample, allocs, c.allocs)
		}
		if read := a.Read(c.sample, bytes.NewReader(raw)).Size; read != int64(len(raw)) {
			t.Errorf("%s: read %d bytes of %d", c.sample, read, len(raw))
		}
	}
}

// TestSameBytes holds that the report is the same bytes in every run, with any number
// of workers.
func TestSameBytes(t *testing.T) {
	a := analyser(t)
	report := func(workers int) []byte {
		var out []byte
		all := mailbox.Open("../../samples", mailbox.Options{})
		for r := range pipeline.Run(t.Context(), all, a, pipeline.Options{Workers: workers}) {
			for i := range r.Rows {
				out = r.Rows[i].AppendJSON(out)
			}
		}
		return out
	}
	want := report(1)
	if len(want) < 100_000 {
		t.Fatalf("only %d bytes of report", len(want))
	}
	for _, workers := range []int{1, 2, 7, 64} {
		if !bytes.Equal(report(workers), want) {
			t.Errorf("%d workers report something else than one", workers)
		}
	}
}
