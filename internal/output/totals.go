package output

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/whybounce/whybounce/rules"
)

// A Class says how a message ended. Every message ends in exactly one.
type Class int

// The classes of messages.
const (
	Failures    Class = iota // a bounce that names a failure
	Complaints               // a spam complaint
	Delays                   // a bounce that tells of delays, and of no failure
	Deliveries               // a bounce that tells of successes alone
	AutoReplies              // a robot answered
	Challenges               // a robot asks for a confirmation
	Others                   // ordinary mail
	Unreadable               // could not be read
	classes
)

var classNames = [classes]string{
	"failures", "complaints", "delays", "deliveries", "auto-replies", "challenges", "other mail", "unreadable",
}

// Totals count what was read and what became of it, whatever is shown.
type Totals struct {
	Messages   [classes]int
	Recipients map[rules.Outcome]int
	Actions    map[rules.ListAction]int // of failed recipients and complaints
	Shown      int                      // rows that passed the filters
	Problems   int                      // things that could not be read and are no messages
}

// Add counts a message and its rows.
func (t *Totals) Add(c Class, rows []Row) {
	if t.Recipients == nil {
		t.Recipients = make(map[rules.Outcome]int)
		t.Actions = make(map[rules.ListAction]int)
	}
	t.Messages[c]++
	for i := range rows {
		r := &rows[i]
		if r.Outcome == "" {
			continue
		}
		t.Recipients[r.Outcome]++
		if r.Outcome == rules.OutcomeFailed || r.Outcome == rules.OutcomeComplaint {
			t.Actions[r.ListAction]++
		}
	}
}

// Read is the number of messages in all.
func (t *Totals) Read() int {
	n := 0
	for _, m := range t.Messages {
		n += m
	}
	return n
}

// Line is the summary in one line.
func (t *Totals) Line() string {
	var b strings.Builder
	b.WriteString(count(t.Read(), "message"))
	sep := ": "
	for c, n := range t.Messages {
		if n > 0 {
			fmt.Fprintf(&b, "%s%s %s", sep, thousands(n), className(Class(c), n))
			sep = ", "
		}
	}
	failed := t.Recipients[rules.OutcomeFailed] + t.Recipients[rules.OutcomeComplaint]
	if failed > 0 {
		fmt.Fprintf(&b, ". %s", count(failed, "recipient"))
		sep = ": "
		for _, a := range [...]rules.ListAction{rules.Remove, rules.Keep, rules.Fix, rules.Review} {
			if n := t.Actions[a]; n > 0 {
				fmt.Fprintf(&b, "%s%s to %s", sep, thousands(n), a)
				sep = ", "
			}
		}
	}
	b.WriteByte('.')
	return b.String()
}

// Table is the summary in full, a figure a line; the parts add up to the sums.
func (t *Totals) Table() string {
	var b strings.Builder
	line := func(indent, name string, n int) {
		fmt.Fprintf(&b, "%-16s%9s\n", indent+name, thousands(n))
	}
	line("", "messages", t.Read())
	for c, n := range t.Messages {
		line("  ", classNames[c], n)
	}
	outcomes := [...]rules.Outcome{rules.OutcomeFailed, rules.OutcomeComplaint, rules.OutcomeDelayed, rules.OutcomeDelivered}
	sum := 0
	for _, o := range outcomes {
		sum += t.Recipients[o]
	}
	line("", "recipients", sum)
	for _, o := range outcomes {
		line("  ", string(o), t.Recipients[o])
		if o == rules.OutcomeComplaint {
			for _, a := range [...]rules.ListAction{rules.Remove, rules.Keep, rules.Fix, rules.Review} {
				line("    ", "to "+string(a), t.Actions[a])
			}
		}
	}
	line("", "rows shown", t.Shown)
	return b.String()
}

func className(c Class, n int) string {
	name := classNames[c]
	if n != 1 || c == Others || c == Unreadable {
		return name
	}
	if c == AutoReplies {
		return "auto-reply"
	}
	if c == Deliveries {
		return "delivery"
	}
	return strings.TrimSuffix(name, "s")
}

// count gives "1 message" or "1,234 messages".
func count(n int, what string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(what, "ss"):
		what += "es"
	default:
		what += "s"
	}
	return thousands(n) + " " + what
}

// thousands writes n with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
