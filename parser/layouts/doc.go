// Package layouts holds what is known of how mail servers lay out the bounces
// that they write in prose. It is data: one TOML file a server, and general.toml
// with the words that any bounce may use, in many languages. The package loads
// and checks it, and finds in one pass over a text which of it applies; reading
// recipients out of the text is the parser's work.
//
// A layout needs little: what tells the server, which lines name a recipient, and
// an example. The general grammar finds the rest.
//
//	name   = "Example MTA"
//	source = "example-mta 2.1, bounce.c"       # where the format is known from
//	beats  = ["qmail"]                         # layouts it goes before where both match
//
//	[when]                                     # each key must hold: one of its patterns matches
//	from = ['mailer-daemon']                   # in From
//	subject = ['delivery failed']              # in Subject
//	header = ['X-Mailer: Example']             # in any other field, as "Name: value"
//	body = ['this is the example mta at']      # in the text, white space folded to one space
//
//	[report]                                   # all optional, matched against lines as they stand
//	start = ['^failed recipients:']            # the report starts after such a line
//	end = ['^--- the message']                 # and ends before such a line
//	recipient = ['^  <{address}>: {reason}']   # such a line names a recipient
//	reason = ['^  server said: {reason}']      # such a line holds the reason
//	skip = ['^please do not reply']            # such a line says nothing
//	domain      = "example.com"                # of recipients named by their local part alone
//	reason_from = "after"                      # "before" the recipient, or "shared" by all
//
//	[action]                                   # asked before the general words
//	delayed = ['will be tried again']
//
//	[[example]]                                # must be read as it says
//	header = """From: mailer-daemon@example.net"""
//	text = """…"""
//	want = [{address = "anna@example.com", reply = "550", reason = "550 no such user"}]
//
//	[[reject]]                                 # must not follow this layout
//	header = """…"""
//	text = """…"""
//
// Patterns are RE2, case-insensitive. {address}, {original}, {name}, {host}, {ip}
// and {reason} stand for what they say; groups of the names address, original,
// host, reply, status, stage, action and reason may be written out, and domain, which
// completes an address behind it ("anna at example.com"). The literals that a pattern
// needs are derived from it and sift the text before it runs.
//
// After a change, run go generate ./parser/layouts and go test ./parser.
package layouts
