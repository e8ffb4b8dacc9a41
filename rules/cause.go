package rules

// A Cause is a reason for which mail fails.
type Cause struct {
	ID        string     // "unknown-user"
	Title     string     // what happened, in a few words
	Fix       string     // what a list owner does about it
	Act       string     // who must act: "list owner", "sender", "recipient", "remote", "nobody"
	Action    ListAction // the default list action
	Permanent bool       // whether it is permanent by default

	// The nearest words of others, for those who change over.
	Sisimai   string
	PowerMTA  string
	SparkPost string

	fixWith   string // the fix where a rule's named groups fill its gaps
	fixReview string // the fix where a rule or a code asks for a look, and the cause does not
	fixLater  string // the fix where the failure may still pass, and the cause is final
	final     bool   // whether its phrases are final by default, even with a 4xx code
}

// causeIDs are the causes in the order of the documentation. The list is closed:
// rule files fill it and cannot add to it.
var causeIDs = [...]string{
	"unknown-user", "unknown-domain", "bad-address", "moved", "disabled-mailbox",
	"no-mail-accepted", "suppressed", "mailbox-full", "recipient-refused",
	"relay-denied", "login-required", "sender-refused", "sender-unauthenticated",
	"blocked", "bad-reputation", "no-reverse-dns", "rate-limited", "greylisted",
	"protocol-error", "tls-failed", "policy-refused", "spam-content", "virus-found",
	"message-too-large", "content-refused", "malformed-message", "expired",
	"network-error", "dns-error", "routing-loop", "server-error", "server-full",
	"delivery-program-failed", "auto-reply", "complaint", "delivered", "unknown",
}

// The causes that the engine itself decides on.
const (
	causeDelivered = "delivered"
	causeMoved     = "moved"
	causeUnknown   = "unknown"
)

// finalByDefault says whether a cause's phrases are final unless its file says otherwise.
func finalByDefault(id string) bool { return id == "unknown-user" || id == "unknown-domain" }

// causeIndex gives the place of a cause in causeIDs, or -1.
func causeIndex(id string) int {
	for i := range causeIDs {
		if causeIDs[i] == id {
			return i
		}
	}
	return -1
}

// Causes gives the causes in the order of the documentation.
func (s *Set) Causes() []Cause { return append([]Cause(nil), s.causes...) }

// Cause gives the cause of that id.
func (s *Set) Cause(id string) (Cause, bool) {
	if i := causeIndex(id); i >= 0 && i < len(s.causes) {
		return s.causes[i], true
	}
	return Cause{}, false
}
