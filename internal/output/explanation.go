package output

import (
	"bufio"
	"bytes"
	"strconv"

	"github.com/whybounce/whybounce/rules"
)

// AppendExplanation appends what explain says of a reply as one JSON object
// without a line end. Its keys and their order are a contract with users.
func AppendExplanation(b []byte, input string, v *rules.Verdict) []byte {
	b = appendMember(b, `{"input":`, input)
	b = appendMember(b, `,"cause":`, v.Cause)
	b = appendMember(b, `,"list_action":`, string(v.ListAction))
	b = strconv.AppendBool(append(b, `,"permanent":`...), v.Permanent)
	b = appendMember(b, `,"status":`, v.Status)
	b = appendMember(b, `,"reply":`, v.Reply)
	b = appendMember(b, `,"title":`, v.Title)
	b = appendMember(b, `,"fix":`, v.Fix)
	b = appendEvidence(append(b, `,"evidence":`...), &v.Evidence)
	return append(b, '}')
}

// AppendExplanationText appends it as a few lines for people.
func AppendExplanationText(b []byte, input string, v *rules.Verdict, o TextOptions) []byte {
	var text bytes.Buffer
	p := &printer{out: bufio.NewWriter(&text), o: o}
	p.wrapped("", "  ", p.paint(dim, Clean(input)))
	p.wrapped("  ", "    ", p.paint(bold, Clean(v.Cause))+": "+Clean(v.Title))
	when := ""
	if v.Permanent {
		when = " (permanent)"
	}
	if v.ListAction != "" {
		p.wrapped("  "+p.action(v.ListAction)+when+": ", "    ", Clean(v.Fix))
	}
	if e := v.Evidence; e.Rule != "" {
		words := "by " + e.Rule
		if e.Text != "" {
			words = "“" + e.Text + "” " + words
		}
		p.wrapped("  ", "    ", Clean(words))
	}
	p.out.Flush() // into memory: cannot fail
	return append(b, text.Bytes()...)
}
