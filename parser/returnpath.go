package parser

import "github.com/whybounce/whybounce/dsn"

// verpRecipient returns the recipient that a variable envelope return path names: in
// an address the bounce was sent to, or in the return path of the returned message.
func (l *level) verpRecipient(returned header) string {
	for _, a := range l.doc.addressees() {
		if p := dsn.ParseReturnPath(a); p.Recipient != "" {
			return p.Recipient
		}
	}
	for _, name := range [...]string{"Return-Path", "X-Return-Path", "Errors-To", "Sender"} {
		if p := dsn.ParseReturnPath(returned.get(name)); p.Recipient != "" {
			return p.Recipient
		}
	}
	return ""
}
