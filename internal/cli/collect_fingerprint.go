package cli

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"strings"

	"github.com/whybounce/whybounce/internal/ledger"
)

// A fingerprint is a hash of a message that stays the same on its way from
// mailbox to mailbox: without the fields that servers and mail readers add, and
// whatever the line ends and the quoting of "From " in an mbox.
type fingerprint struct {
	h       hash.Hash
	start   []byte // of the present line, until enough of it is known
	decided bool   // what becomes of the line
	skip    bool   // the line, or the field that it goes on, does not count
	body    bool
	cr      bool // the last byte was a CR
	blank   int  // line ends not yet hashed: those at the end do not count
}

// enough of a line tells what field it is.
const enough = 40

func newFingerprint() *fingerprint { return &fingerprint{h: sha256.New()} }

// Write takes the next bytes of the message.
func (f *fingerprint) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if f.cr && p[0] == '\n' {
			f.cr, p = false, p[1:]
			continue
		}
		f.cr = false
		end := bytes.IndexAny(p, "\r\n")
		if end < 0 {
			f.text(p)
			break
		}
		f.text(p[:end])
		f.endLine()
		f.cr = p[end] == '\r'
		p = p[end+1:]
	}
	return n, nil
}

// text takes a piece of a line.
func (f *fingerprint) text(p []byte) {
	if f.decided {
		f.hash(p)
		return
	}
	f.start = append(f.start, p...)
	if len(f.start) >= enough {
		f.decide()
	}
}

// decide sees by the start of a line whether it counts.
func (f *fingerprint) decide() {
	f.decided = true
	line := f.start
	switch {
	case f.body:
		if unquoted := bytes.TrimLeft(line, ">"); bytes.HasPrefix(unquoted, []byte("From ")) {
			line = unquoted
		}
	case line[0] != ' ' && line[0] != '\t':
		name, _, _ := bytes.Cut(line, []byte(":"))
		f.skip = isTrace(strings.ToLower(strings.TrimSpace(string(name))))
	}
	f.hash(line)
	f.start = f.start[:0]
}

func (f *fingerprint) hash(p []byte) {
	if f.skip && !f.body || len(p) == 0 {
		return
	}
	for ; f.blank > 0; f.blank-- {
		f.h.Write([]byte{'\n'})
	}
	f.h.Write(p)
}

func (f *fingerprint) endLine() {
	if !f.decided && len(f.start) > 0 {
		f.decide()
	}
	if !f.decided && !f.body {
		f.body, f.skip = true, false // a blank line ends the header
	}
	f.decided = false
	if f.body || !f.skip {
		f.blank++
	}
}

// key ends the message.
func (f *fingerprint) key() ledger.Key {
	if !f.decided && len(f.start) > 0 {
		f.decide()
	}
	return ledger.Key(f.h.Sum(nil)[:16])
}

// isTrace tells which fields are added on the way or by a mail reader. Extension
// fields count as such.
func isTrace(name string) bool {
	switch name {
	case "received", "return-path", "delivered-to", "envelope-to", "status", "lines", "content-length",
		"authentication-results", "received-spf", "arc-seal", "arc-message-signature", "arc-authentication-results":
		return true
	}
	return strings.HasPrefix(name, "x-")
}
