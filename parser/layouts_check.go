package parser

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// CheckLayouts loads the layouts in a directory, the built-in ones where it is
// nil, and runs their examples. The error names each file at fault and why.
func CheckLayouts(dir fs.FS) error {
	if dir == nil {
		dir = layouts.Files()
	}
	set, err := layouts.Load(dir)
	if err != nil {
		return err
	}
	var faults []error
	for _, l := range set.Layouts() {
		for i, e := range l.Examples {
			if err := checkExample(set, l.ID, e); err != nil {
				faults = append(faults, fmt.Errorf("%s.toml: example %d: %w", l.ID, i+1, err))
			}
		}
		for i, e := range l.Rejects {
			if got := readProseBy(set, exampleDocument(e)); got.layout == l.ID {
				faults = append(faults, fmt.Errorf("%s.toml: reject %d: the layout matches it", l.ID, i+1))
			}
		}
	}
	return errors.Join(faults...)
}

// exampleDocument makes a document of an example.
func exampleDocument(e layouts.Example) *document {
	doc := &document{mediaType: "text/plain", layer: "raw"}
	for _, line := range strings.Split(e.Header, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			doc.header = append(doc.header, field{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	doc.prose = strings.Split(strings.TrimRight(e.Text, "\n"), "\n")
	return doc
}

func checkExample(set *layouts.Set, id string, e layouts.Example) error {
	got := readProseBy(set, exampleDocument(e))
	if got.layout != id {
		return fmt.Errorf("the layout that matches is %q", got.layout)
	}
	if len(got.recipients) != len(e.Want) {
		return fmt.Errorf("%d recipients found, %d wanted: %+v", len(got.recipients), len(e.Want), got.recipients)
	}
	var faults []error
	for i, w := range e.Want {
		if err := checkWant(got.recipients[i], w); err != nil {
			faults = append(faults, fmt.Errorf("recipient %d: %w", i+1, err))
		}
	}
	return errors.Join(faults...)
}

// checkWant compares a recipient with what is wanted of it.
func checkWant(got dsn.Recipient, want layouts.Want) error {
	var faults []error
	compare := func(name, got, want string) {
		if got != want {
			faults = append(faults, fmt.Errorf("%s is %q, want %q", name, got, want))
		}
	}
	compare("address", got.Final, want.Address)
	for _, c := range [...]struct{ name, got, want string }{
		{"original", got.Original, want.Original}, {"action", string(got.Action), want.Action},
		{"status", got.Status, want.Status}, {"reply", got.Reply, want.Reply},
		{"stage", string(got.Stage), want.Stage}, {"host", got.RemoteServer, want.Host},
		{"reason", got.Diagnostic, want.Reason},
	} {
		if c.want != "" {
			compare(c.name, c.got, c.want)
		}
	}
	return errors.Join(faults...)
}
