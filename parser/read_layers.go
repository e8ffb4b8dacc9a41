package parser

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
	"github.com/jhillyerd/enmime/v2"
)

// A layer is a way to read a condensed message.
type layer struct {
	name string
	read func([]byte) (*part, error)
}

// layers are tried in order: the next one where one fails or finds less than there
// is.
var layers = [...]layer{
	{"go-message", readGoMessage},
	{"enmime", readEnmime},
	{"raw", readRaw},
}

// A part is an entity of a condensed message as a layer sees it.
type part struct {
	header  header // of a message; of a part, nothing
	media   string
	report  string
	encoded bool   // body is a message that was not condensed
	body    []byte // without parts
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
	if p == nil || p.leaves() == 0 && len(c.out) > 0 {
		return errPartsMissing
	}
	if strings.HasPrefix(p.media, "multipart/") && len(p.parts) == 0 && c.parts > 0 {
		return errPartsMissing
	}
	return nil
}

func (p *part) leaves() int {
	if len(p.parts) == 0 {
		return 1
	}
	n := 0
	for _, child := range p.parts {
		n += child.leaves()
	}
	return n
}

// typed sets what the Content-Type says.
func (p *part) typed(value string) {
	t := parseContentType([]byte(value))
	p.media, p.report = t.media, t.report
	if p.media == "" {
		p.media = "text/plain"
	}
	p.encoded = strings.Contains(value, encodedParam)
}

// readGoMessage reads with go-message.
func readGoMessage(b []byte) (*part, error) {
	br := bufio.NewReader(bytes.NewReader(b))
	h, err := textproto.ReadHeader(br)
	if err != nil {
		return nil, err
	}
	entity, err := message.New(message.Header{Header: h}, br)
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, err
	}
	return fromEntity(entity, true)
}

// fromEntity reads an entity of go-message to its end.
func fromEntity(e *message.Entity, isMessage bool) (*part, error) {
	p := &part{}
	p.typed(e.Header.Get("Content-Type"))
	if isMessage {
		fields := e.Header.Fields()
		p.header = make(header, 0, fields.Len())
		for fields.Next() {
			p.header = append(p.header, field{fields.Key(), decodeHeader(fields.Value())})
		}
	}
	mr := e.MultipartReader()
	if mr == nil {
		return p, p.leaf(e.Body)
	}
	for {
		child, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			return p, err
		}
		q, err := fromEntity(child, false)
		if err != nil {
			return p, err
		}
		p.parts = append(p.parts, q)
	}
}

// leaf reads the body of a part without parts; that of a message is read in turn.
func (p *part) leaf(r io.Reader) (err error) {
	if p.body, err = io.ReadAll(r); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return nil
}

// readEnmime reads with enmime. Its header is a map without order, so the header
// fields are read off the bytes.
func readEnmime(b []byte) (*part, error) {
	root, err := enmime.NewParser(enmime.DisableCharacterDetection(true)).ReadParts(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	p := fromEnmime(root)
	p.header, _ = rawHeader(b)
	return p, nil
}

func fromEnmime(e *enmime.Part) *part {
	p := &part{body: e.Content}
	p.typed(e.Header.Get("Content-Type"))
	for child := e.FirstChild; child != nil; child = child.NextSibling {
		p.parts = append(p.parts, fromEnmime(child))
	}
	return p
}

// readRaw reads line by line: a header, and what stands between the delimiters,
// whatever their order. It never fails.
func readRaw(b []byte) (*part, error) {
	p := &part{}
	var rest []byte
	p.header, rest = rawHeader(b)
	p.typed(p.header.get("Content-Type"))
	stem := []byte("\n--" + boundaryStem)
	pieces := bytes.Split(append([]byte{'\n'}, rest...), stem)
	if len(pieces) == 1 {
		p.body = rest
		return p, nil
	}
	for _, piece := range pieces[1:] {
		_, piece, _ = bytes.Cut(piece, []byte{'\n'})
		h, body := rawHeader(piece)
		child := &part{header: h, body: body}
		child.typed(h.get("Content-Type"))
		if !strings.HasPrefix(child.media, "multipart/") {
			p.parts = append(p.parts, child)
		}
	}
	return p, nil
}

// rawHeader reads the fields that b starts with, and returns what follows the
// empty line.
func rawHeader(b []byte) (h header, rest []byte) {
	for len(b) > 0 {
		line, after, _ := bytes.Cut(b, []byte{'\n'})
		b = after
		if len(line) == 0 {
			break
		}
		name := fieldName(line)
		switch {
		case name != nil:
			value := trimSpace(line[bytes.IndexByte(line, ':')+1:])
			h = append(h, field{string(name), string(value)})
		case len(h) > 0:
			h[len(h)-1].value += " " + string(trimSpace(line))
		}
	}
	for i := range h {
		h[i].value = decodeHeader(h[i].value)
	}
	return h, b
}
