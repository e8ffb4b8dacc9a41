// Package parser reads one message (RFC 5322, MIME, RFC 6522 reports) and tells
// what it says: its kind, the recipients, and what it knows of the returned mail.
package parser
