// Package dsn holds the meaning of delivery status notifications: the fields of
// RFC 3464 and RFC 6533, the enhanced status codes of RFC 3463 and SMTP replies
// (RFC 5321). It is a leaf: it imports the standard library only, reads no MIME
// and knows no server's phrases.
package dsn
