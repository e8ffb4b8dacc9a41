package output

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"github.com/whybounce/whybounce/rules"
)

var update = flag.Bool("update", false, "write the golden files anew")

func textRows() []Row {
	row := func(to, cause string, o rules.Outcome, a rules.ListAction, fix, words string) Row {
		return Row{Source: "in.mbox#1", Kind: "bounce", Recipient: to, Outcome: o, Cause: cause, ListAction: a, Title: "About " + cause, Fix: fix, Diagnostic: words}
	}
	rows := []Row{
		row("full@example.net", "mailbox-full", rules.OutcomeFailed, rules.Keep, "Wait.", "552 5.2.2 Mailbox full"),
		row("late@example.net", "mailbox-full", rules.OutcomeDelayed, rules.Keep, "Wait.", "452 4.2.2 Mailbox full"),
		row("a.rather.long.address.for.a.column@example.net", "unknown-user", rules.OutcomeFailed, rules.Remove, "Take it off.", "550 5.1.1 No such user here"),
		row("ok@example.net", "delivered", rules.OutcomeDelivered, rules.Keep, "Nothing to do.", "250 OK"),
		row("evil@example.net", "unknown-user", rules.OutcomeFailed, rules.Review, "Look at it.", "550 "+hostile),
		{Source: "in.mbox#9", Kind: "other", Original: Original{Subject: "Hello"}},
	}
	for i := range 8 {
		rows = append(rows, row(fmt.Sprintf("user%d@example.net", i%6), "unknown-user", rules.OutcomeFailed, rules.Remove, "Take it off.",
			"550 5.1.1 漢字 "+strings.Repeat("no such user here ", 12)))
	}
	return rows
}

func TestText(t *testing.T) {
	for name, o := range map[string]TextOptions{
		"plain":    {Limit: DefaultLimit},
		"limited":  {Limit: 3},
		"terminal": {Width: 72, Color: true, Limit: DefaultLimit},
	} {
		got := write(t, "text", Options{Text: o}, textRows()...)
		if !o.Color {
			mustBeSafe(t, name, strings.ReplaceAll(got, "\n", ""))
		}
		golden(t, name+".golden", got)
	}
}

func TestTextKeepsToTheWidth(t *testing.T) {
	got := write(t, "text", Options{Text: TextOptions{Width: 60}}, textRows()...)
	for line := range strings.Lines(got) {
		if w := uniseg.StringWidth(strings.TrimRight(line, "\n")); w > 60 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d columns: %q", w, line)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestTotalsAddUp(t *testing.T) {
	var totals Totals
	for c := Failures; c < classes; c++ {
		for range int(c) + 1 {
			totals.Add(c, nil)
		}
	}
	totals.Add(Failures, textRows())
	if got, want := totals.Read(), 8*9/2+1; got != want {
		t.Errorf("%d messages, want %d", got, want)
	}
	if got := totals.Line(); !strings.Contains(got, "37 messages: 2 failures, 2 complaints, 3 delays, 4 deliveries, 5 auto-replies") {
		t.Errorf("the line: %s", got)
	}
	golden(t, "totals.golden", totals.Table())
}

func BenchmarkJSON(b *testing.B) {
	row := sampleRow()
	var line []byte
	b.ReportAllocs()
	for b.Loop() {
		line = row.AppendJSON(line[:0])
	}
}
