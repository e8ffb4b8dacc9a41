// Package mailbox opens sources of mail: single messages, mbox in its four
// dialects, Maildir, MH folders and trees of .eml files, plain or compressed.
// It only ever reads.
package mailbox

import (
	"fmt"
	"io"
)

// A Message is one message of a source. Its bytes are streamed: it is valid
// until the next one is asked for.
type Message struct {
	// Path is the file that holds the message, "-" for standard input.
	Path string
	// Number counts the messages of a file that holds several, from 1; 0 for a lone one.
	Number int
	// Offset is where the message starts in its file, in bytes (after decompression).
	Offset int64
	// Reader gives the bytes of the message, without an mbox separator line.
	io.Reader
}

// Source names the message as reports do: "path", or "path#3" in an mbox.
func (m *Message) Source() string {
	if m.Number == 0 {
		return m.Path
	}
	return fmt.Sprintf("%s#%d", m.Path, m.Number)
}
