package layouts

// A Layout is how one mail server lays out a bounce in prose.
type Layout struct {
	ID     string   // the name of its file
	Name   string   // the server's name
	Source string   // where the format is known from
	Beats  []string // ids of layouts that it goes before where both match
	When   When
	Report Report
	Action Action
	// Examples hold the layout to what it promises; the parser's tests run them.
	Examples []Example
	Rejects  []Example

	index int16 // in the set
}

// When says which messages follow a layout: each list that is not empty must hold,
// and it holds where one of its patterns matches. From and Subject are matched
// against those fields, Header against "Name: value" of any field but trace fields
// and those of the addressees ("From: x" and "Subject: x": x anywhere in it), Body against the text. Any white space is one space.
type When struct{ From, Subject, Header, Body []*Pattern }

// Report says where in the text what stands. All lists may be empty: the general
// grammar then finds out.
type Report struct {
	Start     []*Pattern // the report starts after such a line
	End       []*Pattern // the returned message starts with such a line
	Recipient []*Pattern // such a line names a recipient
	Reason    []*Pattern // such a line holds the reason, or parts of it
	Skip      []*Pattern // such a line says nothing
	// ReasonFrom says where the reason stands: "after" its recipient (the default),
	// "before" it, or "shared" by all recipients.
	ReasonFrom string
	// Domain completes recipients that are named by their local part alone.
	Domain string
}

// Action holds the phrases that tell what became of the recipients; the general
// grammar's phrases are asked after them.
type Action struct{ Failed, Delayed, Delivered []*Pattern }

// An Example is a message and what must be read from it; a reject has no Want.
type Example struct {
	Header string
	Text   string
	Want   []Want
}

// A Want is a recipient expected of an example. Empty fields are not compared,
// except Final, which always is.
type Want struct {
	Address  string `toml:"address"`
	Original string `toml:"original"`
	Action   string `toml:"action"`
	Status   string `toml:"status"`
	Reply    string `toml:"reply"`
	Stage    string `toml:"stage"`
	Host     string `toml:"host"`
	Reason   string `toml:"reason"`
}
