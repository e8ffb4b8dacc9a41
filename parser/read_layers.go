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
// there is. What the condenser writes is so regular that it is read directly, at
// a fraction of what a library that must expect anything takes; the libraries
// read where that fails. A test holds that go-message finds the same.
var layers = [...]layer{
	{"condensed", readCondensed},
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
	parts   []*part
}

// try reads with the layer. A panic inside is an error.
func (l layer) try(b []byte) (p *part, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	return l.read(b)
}

var errPartsMissing = errors.New("parts are missing")

// lacks returns an error where p holds fewer parts than the condenser met.
func (p *part) lacks(c *condenser) error {
	if p == nil || strings.HasPrefix(p.media, "multipart/") && len(p.parts) == 0 && c.parts > 0 {
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

// readCondensed reads what the condenser wrote. It never fails.
func readCondensed(b []byte) (*part, error) {
	return condensedPart(string(b), true), nil
}

// condensedPart reads an entity: its header where it is a message, its parts or
// its body.
func condensedPart(s string, isMessage bool) *part {
	p := &part{}
	head, body := cutHeader(s)
	value, typed := strings.CutPrefix(head[strings.LastIndexByte(head, '\n')+1:], "Content-Type: ")
	if !typed {
		value = ""
	}
	p.typed(value)
	if isMessage {
		p.header = condensedHeader(head)
	}
	if !strings.HasPrefix(p.media, "multipart/") {
		p.body = body
		return p
	}
	p.split(body, value)
	return p
}

// cutHeader cuts s at its first empty line.
func cutHeader(s string) (head, body string) {
	if strings.HasPrefix(s, "\n") {
		return "", s[1:]
	}
	head, body, _ = strings.Cut(s, "\n\n")
	return strings.TrimSuffix(head, "\n"), body
}

// condensedHeader reads fields, each of which is one line.
func condensedHeader(head string) header {
	if head == "" {
		return nil
	}
	clean := isASCIIString(head) && !strings.Contains(head, "=?")
	h := make(header, 0, strings.Count(head, "\n")+1)
	for line := range strings.SplitSeq(head, "\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.Trim(value, " \t")
		if !clean {
			value = decodeHeader(value)
		}
		h = append(h, field{strings.TrimRight(name, " \t"), value})
	}
	return h
}

// split reads the parts of a multipart, whose Content-Type is value.
func (p *part) split(body, value string) {
	_, boundary, _ := strings.Cut(value, "boundary=\"")
	boundary, _, _ = strings.Cut(boundary, "\"")
	delimiter := "\n--" + boundary
	rest, ok := strings.CutPrefix(body, delimiter[1:]+"\n")
	for ok && boundary != "" {
		var content string
		content, rest, ok = strings.Cut(rest, delimiter)
		p.parts = append(p.parts, condensedPart(content, false))
		if !ok || strings.HasPrefix(rest, "--") {
			return
		}
		rest = strings.TrimPrefix(rest, "\n")
	}
}
