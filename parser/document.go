package parser

// A document is one message after reading and before understanding: headers
// unfolded and decoded, texts in UTF-8, reports apart from prose. It is bounded
// by Limits. The reading layers make it; understanding it needs no MIME.
type document struct {
	header header
	// prose is the human-readable text in lines, without line ends: text/plain
	// parts in order, or HTML rendered as text where there is no plain text.
	// Line n of it is reported as "body line n+1".
	prose []string
	// statuses are the message/delivery-status parts, UTF-8, in order.
	statuses []string
	// pasted tells that statuses were found in the prose, not in a part of their own.
	pasted bool
	// feedback are the message/feedback-report parts (RFC 5965).
	feedback []string
	// dispositions are the message/disposition-notification parts (RFC 8098).
	dispositions []string
	// json are JSON payloads: application/json parts, or the message itself.
	json []string
	// attached are the messages inside this one: message/rfc822 (whole) and
	// text/rfc822-headers (header only), in order.
	attached []*document
	// mediaType is the Content-Type of the message, lower case, without parameters.
	mediaType string
	// reportType is its report-type parameter, lower case.
	reportType string
	// layer is the reading layer that made this: "condensed", "go-message" or "enmime".
	layer string
	// problems met while reading.
	problems []string
	// to is whom the message was sent to, once addressed is set.
	to        []string
	addressed bool
	// harmed tells that they name more than texts that were cut.
	harmed bool
}

// A header is a list of fields in order.
type header []field

// A field is a header field: its name as written and its value, unfolded,
// encoded words decoded, UTF-8.
type field struct{ name, value string }
