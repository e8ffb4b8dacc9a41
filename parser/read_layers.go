package parser

import (
	"errors"
	"fmt"
	"strings"
)

// A layer is a way to read a condensed message.
type layer struct {
	name string
	read func([]byte) (*part, error)
}

// layers are tried in order: the next one where one fails or finds less than
// there is. What the condenser writes it need not read again: it notes where all
// things stand; the libraries read where that fails. A test holds that they find the
// same.
var layers = [...]layer{
	{"condensed", nil},
	{"go-message", readGoMessage},
	{"enmime", readEnmime},
}

// A part is an entity of a condensed message as a layer sees it.
type part struct {
	header  header // of a message; of a part, nothing
	media   string
	report  string
	encoded bool   // body is a message that was not condensed
	body    string // without parts
	// inside is the first part of a multipart, next the part behind this one.
	inside, next *part
	// message is what a part holds that is a message; nil where it was not read yet.
	message *part
}

// add puts a part behind those that p has; last is the last of them.
func (p *part) add(last, child *part) *part {
	if last == nil {
		p.inside = child
	} else {
		last.next = child
	}
	return child
}

// try reads with the layer what c wrote. A panic inside is an error.
func (l layer) try(c *condenser) (p *part, err error) {
	defer guard(&p, &err)
	if l.read == nil {
		return c.result(), nil
	}
	return l.read(c.out)
}

// tryBytes reads with the layer, which is a library, a message that stands in b.
func (l layer) tryBytes(b []byte) (p *part, err error) {
	defer guard(&p, &err)
	return l.read(b)
}

func guard(p **part, err *error) {
	if r := recover(); r != nil {
		*p, *err = nil, fmt.Errorf("panic: %v", r)
	}
}

var errPartsMissing = errors.New("parts are missing")

// lacks returns an error where p holds fewer parts than the condenser met.
func (p *part) lacks(c *condenser) error {
	if p == nil || strings.HasPrefix(p.media, "multipart/") && p.inside == nil && c.parts > 0 {
		return errPartsMissing
	}
	return nil
}

// typed sets what the Content-Type says.
func (p *part) typed(value string) {
	switch value {
	case "", "text/plain; charset=utf-8", addedType:
		p.media = "text/plain"
		return
	case "message/delivery-status", "message/rfc822", "text/html; charset=utf-8":
		p.media, _, _ = strings.Cut(value, ";")
		return
	}
	t := parseContentType([]byte(value))
	p.media, p.report = t.media, t.report
	if p.media == "" {
		p.media = "text/plain"
	}
	p.encoded = strings.Contains(value, encodedParam)
}

// cutHeader cuts s at its first empty line.
func cutHeader(s string) (head, body string) {
	if strings.HasPrefix(s, "\n") {
		return "", s[1:]
	}
	head, body, _ = strings.Cut(s, "\n\n")
	return strings.TrimSuffix(head, "\n"), body
}

// condensedHeader reads fields, each of which is one line; ascii tells that they hold no
// other characters, and none that switch character sets.
func condensedHeader(head string, ascii bool) header {
	if head == "" {
		return nil
	}
	clean := ascii && !strings.Contains(head, "=?")
	h := make(header, 0, strings.Count(head, "\n")+1)
	for head != "" {
		line := head
		if end := strings.IndexByte(head, '\n'); end >= 0 {
			line, head = head[:end], head[end+1:]
		} else {
			head = ""
		}
		colon := strings.IndexByte(line, ':')
		if colon < 0 {
			continue
		}
		name, value := line[:colon], trimText(line[colon+1:])
		if !clean {
			value = decodeHeader(value)
		}
		h = append(h, field{trimText(name), value})
	}
	return h
}

// trimText cuts spaces and tabs off both ends of s.
func trimText(s string) string {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	return trimEnd(s)
}

// trimEnd cuts spaces and tabs off the end of s.
func trimEnd(s string) string {
	for len(s) > 0 && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}
