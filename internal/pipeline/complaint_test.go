package pipeline

import (
	"testing"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/rules"
)

// A report that authentication failed removes nobody; a reader's complaint does.
func TestComplain(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		words, cause string
		action       rules.ListAction
	}{
		{"Feedback-Type: abuse", "complaint", rules.Remove},
		{"Feedback-Type: auth-failure", "sender-unauthenticated", rules.Fix},
		{"", "complaint", rules.Remove},
	}
	for _, test := range tests {
		var row output.Row
		(&Analyser{Rules: set}).complain(&row, &dsn.Recipient{Final: "anja@example.org", Diagnostic: test.words})
		if row.Cause != test.cause || row.ListAction != test.action || row.Outcome != rules.OutcomeComplaint {
			t.Errorf("%q: %s, %s, %s", test.words, row.Cause, row.ListAction, row.Outcome)
		}
	}
}
