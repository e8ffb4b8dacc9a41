package parser

import "io"

// Read reads one message and says what it means. A damaged message gives a
// Message with Problems; the error is for input that cannot be read at all.
func Read(r io.Reader, limits Limits) (*Message, error) {
	doc, err := readDocument(r, limits)
	if err != nil {
		return nil, err
	}
	return understand(doc), nil
}

// understand says what a document means.
func understand(doc *document) *Message {
	return &Message{Kind: Other, Problems: doc.problems}
}
