package dsn

// An Action says what became of a recipient (RFC 3464 section 2.3.3).
type Action string

// The actions of RFC 3464. The empty Action means that the message does not say.
const (
	Failed    Action = "failed"
	Delayed   Action = "delayed"
	Delivered Action = "delivered"
	Relayed   Action = "relayed"
	Expanded  Action = "expanded"
)

// A Stage is the point of the SMTP dialogue at which a server spoke.
type Stage string

// The stages of a dialogue (RFC 5321, 3207, 4954). The empty Stage means unknown.
// StageData covers both the DATA command and the end of the data.
const (
	StageConnect  Stage = "connect"
	StageHelo     Stage = "helo"
	StageStartTLS Stage = "starttls"
	StageAuth     Stage = "auth"
	StageMail     Stage = "mail"
	StageRcpt     Stage = "rcpt"
	StageData     Stage = "data"
	StageQuit     Stage = "quit"
)

// A Recipient is one recipient's fate as a message tells it, whether in a
// delivery-status group or in prose. All strings are UTF-8 without line breaks.
type Recipient struct {
	// Final is the final recipient: a bare address, without type or brackets.
	Final string
	// Original is the original recipient where the message names one, else "".
	Original string
	// Action is what became of the recipient.
	Action Action
	// Status is an enhanced status code that stands in the message ("5.1.1"), or "".
	Status string
	// Reply is an SMTP reply code that stands in the message ("550"), or "".
	Reply string
	// Stage is the point of the SMTP dialogue at which the server spoke.
	Stage Stage
	// RemoteServer is the server that spoke to the reporting server, or "".
	RemoteServer string
	// ReportingServer is the server that wrote the report, or "".
	ReportingServer string
	// Software is the id of the layout that the message follows ("exim"), or "".
	Software string
	// Diagnostic holds the words given as the reason for this recipient, on one line.
	Diagnostic string
	// Origin says where Diagnostic (or, without one, the address) stands:
	// "delivery-status group 2", "body line 14", "subject".
	Origin string
	// Context holds what else the message says about this recipient: a heading, the
	// paragraph around it, the transcript. It is asked where Diagnostic does not tell.
	Context string
	// ContextOrigin says where Context stands.
	ContextOrigin string
	// Sender is the address that the mail was sent from, where it is known, or "".
	// Words about it are not about the recipient.
	Sender string
}
