package parser

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
	"github.com/jhillyerd/enmime/v2"
)

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
		body, err := io.ReadAll(e.Body)
		if err != nil {
			return nil, fmt.Errorf("body: %w", err)
		}
		p.body = string(body)
		return p, nil
	}
	var last *part
	for {
		child, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			return nil, err
		}
		q, err := fromEntity(child, false)
		if err != nil {
			return nil, err
		}
		last = p.add(last, q)
	}
}

// readEnmime reads with enmime. Its header is a map without order, so the header
// fields are read off the bytes.
func readEnmime(b []byte) (*part, error) {
	root, err := enmime.NewParser(enmime.DisableCharacterDetection(true)).ReadParts(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	p := fromEnmime(root)
	head, _ := cutHeader(string(b))
	p.header = condensedHeader(head, isASCIIString(head))
	return p, nil
}

func fromEnmime(e *enmime.Part) *part {
	p := &part{body: string(e.Content)}
	p.typed(e.Header.Get("Content-Type"))
	var last *part
	for child := e.FirstChild; child != nil; child = child.NextSibling {
		last = p.add(last, fromEnmime(child))
	}
	return p
}
