package parser

import (
	"time"

	"github.com/whybounce/whybounce/dsn"
)

// A Kind says what a message is.
type Kind string

// The kinds of message.
const (
	Bounce    Kind = "bounce"
	AutoReply Kind = "auto-reply"
	Challenge Kind = "challenge"
	Complaint Kind = "complaint"
	Other     Kind = "other"
)

// A Message is what one mail says. A damaged mail gives a Message with Problems.
type Message struct {
	Kind Kind
	// Date is when the message was written; zero where it does not say.
	Date time.Time
	// MessageID is the Message-ID of this message, without angle brackets.
	MessageID string
	// To are the addresses that this message itself was sent to, the envelope's
	// recipient (Delivered-To, X-Original-To, Envelope-To) before the To field's:
	// for a bounce that is the return path of the mail that failed.
	To []string
	// ReportingServer is the host that wrote the report, or "".
	ReportingServer string
	// Software is the id of the layout that the message follows, or "".
	Software string
	// Recipients are the recipients that the message speaks of, each one once,
	// in the order of the message.
	Recipients []dsn.Recipient
	// Original is what the message tells of the mail that came back.
	Original Original
	// Sign holds the words that make the message an answer by a robot, where it is
	// one, and SignOrigin says where they stand: "header field Auto-Submitted".
	Sign, SignOrigin string
	// Text is the head of the human-readable text, for messages without recipients.
	Text string
	// Problems are the damages met and the limits reached, in the order met.
	Problems []string
	// Damaged tells that Problems name more than texts that were cut.
	Damaged bool
}

// Original describes the mail that was returned.
type Original struct {
	MessageID string
	From      string
	To        []string // the addresses of its To, Cc and envelope fields
	// ReturnPath is its envelope sender, where the message tells it.
	ReturnPath string
	Subject    string
	Date       time.Time
	ListID     string
}

// Limits bound what Read holds in memory. A zero field means its default.
type Limits struct {
	Depth       int // MIME levels; default 64
	Parts       int // MIME parts in all; default 1,000
	Fields      int // header fields in a part; default 1,000
	PartHeader  int // bytes of header in a part; default 1 MiB
	TotalHeader int // bytes of header in all parts; default 4 MiB
	Text        int // bytes of text kept of a part, head and tail together; default 128 KiB
}
