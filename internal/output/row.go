package output

import "github.com/whybounce/whybounce/rules"

// A Row is one line of a report: one recipient of one message, or a message
// without recipients. Its JSON form is the contract with users: every key
// always present, in this order.
type Row struct {
	Source            string           `json:"source"`
	Kind              string           `json:"kind"`
	Recipient         string           `json:"recipient"`
	OriginalRecipient string           `json:"original_recipient"`
	Outcome           rules.Outcome    `json:"outcome"`
	Cause             string           `json:"cause"`
	ListAction        rules.ListAction `json:"list_action"`
	Permanent         bool             `json:"permanent"`
	Status            string           `json:"status"`
	Reply             string           `json:"reply"`
	Stage             string           `json:"stage"`
	Title             string           `json:"title"`
	Fix               string           `json:"fix"`
	Diagnostic        string           `json:"diagnostic"`
	Evidence          rules.Evidence   `json:"evidence"`
	ReportingServer   string           `json:"reporting_server"`
	RemoteServer      string           `json:"remote_server"`
	Date              string           `json:"date"`
	MessageID         string           `json:"message_id"`
	Original          Original         `json:"original"`
	Problems          []string         `json:"problems"`
}

// Original describes the returned message.
type Original struct {
	MessageID string `json:"message_id"`
	From      string `json:"from"`
	Subject   string `json:"subject"`
	Date      string `json:"date"`
	ListID    string `json:"list_id"`
}
