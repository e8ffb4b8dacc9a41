package parser

import (
	"strconv"
	"strings"

	"github.com/whybounce/whybounce/parser/layouts"
)

// signOf gives the words by which a robot's answer was told, and where they stand:
// the field that says so, or the line of the text that people read first.
func signOf(doc *document, kind Kind) (text, origin string) {
	kinds, err := layouts.BuiltinKinds()
	if err != nil {
		return "", ""
	}
	subject := ""
	for i := range doc.header {
		f := &doc.header[i]
		switch {
		case kinds.OfField(f.name, f.value) == string(kind), strings.EqualFold(f.name, "Auto-Submitted") && !hasFoldPrefix(f.value, "no"):
			return f.name + ": " + f.value, "header field " + f.name
		case subject == "" && strings.EqualFold(f.name, "Subject"):
			subject = f.value
		}
	}
	for n, line := range doc.prose {
		if line = strings.TrimSpace(line); line != "" {
			return line, "body line " + strconv.Itoa(n+1)
		}
	}
	return subject, "subject"
}
