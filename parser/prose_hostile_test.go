package parser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/whybounce/whybounce/parser/layouts"
)

// hostileProse are texts made to be slow: many recipients, phrases, replies, quotes.
func hostileProse() map[string]string {
	fill := func(s string) string { return strings.Repeat(s, (200<<10)/len(s)) }
	var people strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&people, "<u%d@example.com>:\n", i)
	}
	return map[string]string{
		"people":          "The following addresses failed:\n\n" + people.String(),
		"people, reasons": "The following addresses failed:\n\n" + strings.ReplaceAll(people.String(), ":\n", ": 550 5.1.1 no\n"),
		"people, blanks":  strings.ReplaceAll(people.String(), "\n", "\n\n"),
		"at signs":        fill("@"),
		"one long line":   fill("a@b.example "),
		"long address":    fill("a.") + "@" + fill("b."),
		"phrases":         fill("could not be delivered to the following recipients "),
		"phrase lines":    fill("could not be delivered to the following recipients\n"),
		"replies":         fill("550 5.1.1 said: "),
		"reply lines":     fill("550 5.1.1 no\n"),
		"dialogue":        fill(">>> RCPT TO:<a@example.com>\n<<< 550 no\n"),
		"hosts":           fill("host a.example[192.0.2.1] said: 550 no; remote server b.example "),
		"host lines":      fill("host a.example[192.0.2.1]\nsaid\n"),
		"quotes":          fill(`"`) + "@example.com",
		"quoted":          fill("> "),
		"quoted lines":    fill("> > > From: a\n"),
		"fields":          fill("a: b\n"),
		"almost a header": fill("From: a\nTo: b\n\n"),
		"separators":      fill("--- original message\n"),
		"labels":          fill("reason: "),
		"not UTF-8":       fill("\xff\xfe\n@\xff"),
		"nul":             fill("\x00@\x00\n"),
	}
}

// TestProseHostile holds that such texts take no longer than their size warrants.
func TestProseHostile(t *testing.T) {
	const head = "From: MAILER-DAEMON@example.com\nReturn-Path: <>\nSubject: "
	for _, subject := range []string{"failure notice", "Returned mail: x", "Mail delivery failed", "Undelivered Mail Returned to Sender"} {
		for name, text := range hostileProse() {
			doc := exampleDocument(layouts.Example{Header: head + subject, Text: text})
			begin := time.Now()
			got := readProse(doc)
			if spent := time.Since(begin); spent > 3*time.Second {
				t.Errorf("%s: %s, %d recipients", name, spent, len(got.recipients))
			} else if testing.Verbose() {
				t.Logf("%s: %s, %d recipients", name, spent, len(got.recipients))
			}
			if len(got.recipients) > maxRecipients {
				t.Errorf("%s: %d recipients", name, len(got.recipients))
			}
		}
	}
}
