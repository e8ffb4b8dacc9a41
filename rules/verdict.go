package rules

// An Outcome is what became of a recipient.
type Outcome string

// The outcomes.
const (
	OutcomeFailed    Outcome = "failed"
	OutcomeDelayed   Outcome = "delayed"
	OutcomeDelivered Outcome = "delivered"
	OutcomeComplaint Outcome = "complaint"
)

// A ListAction is what to do with the address on the list.
type ListAction string

// The list actions.
const (
	Remove ListAction = "remove"
	Keep   ListAction = "keep"
	Fix    ListAction = "fix"
	Review ListAction = "review"
)

// A Verdict explains one recipient's fate.
type Verdict struct {
	Cause      string // the id of a cause, "unknown-user"
	Outcome    Outcome
	ListAction ListAction
	Permanent  bool
	Status     string // enhanced status code that stands in the message, or ""
	Reply      string // SMTP reply code that stands in the message, or ""
	Title      string
	Fix        string
	Evidence   Evidence
}

// Evidence is the proof of a verdict.
type Evidence struct {
	Text   string `json:"text"`   // the words that matched, as they stand in the message
	Origin string `json:"origin"` // where they stand: "delivery-status group 2"
	Rule   string `json:"rule"`   // the id of the rule; "status:5.1.1" or "reply:550" where a code decided
}
