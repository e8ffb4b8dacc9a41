package parser

import "github.com/whybounce/whybounce/dsn"

// proseReport is what the human-readable text of a message says.
type proseReport struct {
	// layout is the id of the layout that matched; "" means the general grammar.
	layout string
	// bounce reports that the text (with the header) says that mail failed, is
	// delayed, or was delivered.
	bounce bool
	// action is what the text says of all its recipients, where it says so.
	action dsn.Action
	// recipients are the recipients that the text names, with Diagnostic, Context,
	// Origin ("body line 14"), Reply, Status, Stage and RemoteServer as it gives them.
	recipients []dsn.Recipient
	// returned is the header of a returned message pasted as text, or nil.
	returned header
	// returnedAt is the line of prose at which the returned message starts,
	// len(prose) where there is none.
	returnedAt int
	// autoReply and challenge say that the text is that of a vacation reply or of a
	// challenge, by phrases in data.
	autoReply, challenge bool
	// reportingServer is the host that the text says it was written by, or "".
	reportingServer string
}
