package ledger

import (
	"time"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/rules"
)

// A Key is a content hash: of an item within its mailbox, or of an event.
type Key [16]byte

// An Item is a place that a message was read from.
type Item struct {
	Mailbox string // the absolute path or the URL of what holds it
	Key     Key    // which one it is in there
	Size    int64  // its size where that is known without reading, else 0
	// Ours tells that the message was understood: a bounce, a complaint, an
	// auto-reply. Only such a message may be moved or deleted.
	Ours bool
}

// A Grade says how well it is proven that a bounce answers mail of ours.
type Grade uint8

// The grades, the better the higher.
const (
	Unverified Grade = iota
	Matched          // the returned message was ours and went to this recipient
	Signed           // the return path carries our signature for this recipient
)

// String gives the word for a grade.
func (g Grade) String() string { return [...]string{"unverified", "matched", "signed"}[min(g, Signed)] }

// An Event is one thing that happened to an address.
type Event struct {
	Key     Key
	Address string // normalized, see Normalize
	At      time.Time
	Kind    policy.EventKind
	Grade   Grade
	// The verdict, and the version of the rules that gave it.
	Cause        string
	Action       rules.ListAction
	Permanent    bool
	Status       string
	Reply        string
	Evidence     rules.Evidence
	RulesVersion string
	// Where it was read, and what it was about.
	Source    string
	Outcome   rules.Outcome
	MessageID string
	Original  Original
	// Recipient is what the message said, to be judged again under newer rules.
	Recipient dsn.Recipient
}

// Original describes the returned message.
type Original struct {
	MessageID string `json:"id,omitempty"`
	From      string `json:"from,omitempty"`
	Subject   string `json:"subject,omitempty"`
	ListID    string `json:"list,omitempty"`
}

// An Entry is one message: where it stood and what it said.
type Entry struct {
	Item   Item
	Events []Event
	// Position, where not "", is remembered as how far its mailbox has been read.
	Position string
}

// A Result counts what recording did.
type Result struct {
	Items    int // messages that were not known
	Events   int // events that were not known
	Known    int // events that had been counted before
	Upgraded int // known events that are better proven now
	Left     int // addresses that newly leave the list
}

// Add adds another result.
func (r *Result) Add(o Result) {
	r.Items += o.Items
	r.Events += o.Events
	r.Known += o.Known
	r.Upgraded += o.Upgraded
	r.Left += o.Left
}
