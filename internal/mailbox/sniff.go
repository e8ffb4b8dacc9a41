package mailbox

import (
	"bytes"
	"fmt"
)

// sniffSize is how much of a file is looked at to tell what it is.
const sniffSize = 8 << 10

// textStart is how much of a text without a header is free of NUL.
const textStart = 512

// A magic is what files of a kind start with.
type magic struct {
	at    int
	bytes string
	name  string
	hint  string
}

// foreign lists what is often found among mail, and how to get at mail in it.
func foreign() []magic {
	return []magic{
		{0, "PK\x03\x04", "a zip archive", "unpack it and name the folder"},
		{257, "ustar", "a tar archive", "unpack it and name the folder"},
		{0, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it and name the folder"},
		{0, "Rar!\x1a\x07", "a RAR archive", "unpack it and name the folder"},
		{0, "\x1f\x9d", "compressed by compress", "unpack it with uncompress"},
		{0, "\x04\x22\x4d\x18", "compressed by lz4", "unpack it with lz4 -d"},
		{0, "LZIP\x01", "compressed by lzip", "unpack it with lzip -d"},
		{0, "!BDN", "an Outlook data file", "export its folders as mbox, or convert it with readpst"},
		{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Outlook .msg or Office file", "save the message as .eml"},
		{0, "\x78\x9f\x3e\x22", "a TNEF file", "save the message as .eml"},
		{0, "SQLite format 3\x00", "an SQLite database", ""},
		{0, "%PDF-", "a PDF document", "save the message as .eml"},
		{0, "\x89PNG\r\n\x1a\n", "a PNG image", ""},
		{0, "\xff\xd8\xff", "a JPEG image", ""},
		{0, "GIF8", "a GIF image", ""},
		{0, "\x7fELF", "a program", ""},
		{0, "MZ\x90\x00", "a program", ""},
	}
}

// notMail tells why a file that begins with b cannot be mail; nil if it can.
func notMail(b []byte) *Error {
	for _, m := range foreign() {
		if len(b) > m.at && bytes.HasPrefix(b[m.at:], []byte(m.bytes)) {
			if m.at > 0 && startsHeader(b) {
				continue
			}
			return &Error{Err: fmt.Errorf("%w: it is %s", ErrNotMail, m.name), Hint: m.hint}
		}
	}
	if startsHeader(b) {
		return nil
	}
	odd := 0
	b = bytes.TrimRight(b, "\x00") // as after a crash
	if len(b) == 0 {
		return &Error{Err: fmt.Errorf("%w: it starts with binary data", ErrNotMail)}
	}
	for i, c := range b {
		if c == 0 && i < textStart {
			return &Error{Err: fmt.Errorf("%w: it starts with binary data", ErrNotMail)}
		}
		if c < ' ' && !isEOL(c) && c != '\t' && c != '\f' && c != '\v' && c != '\b' && c != 0x1b && c != 0x0e && c != 0x0f {
			odd++
		}
	}
	if odd*10 > len(b) {
		return &Error{Err: fmt.Errorf("%w: it starts with binary data", ErrNotMail)}
	}
	return nil
}

// startsHeader tells whether one of the first lines is a header field, with
// nothing but text before it.
func startsHeader(b []byte) bool {
	for range 5 {
		text, whole := line(b)
		if len(fieldName(b[:text])) > 0 && whole > text {
			return true
		}
		if text == 0 || whole == text || bytes.IndexByte(b[:text], 0) >= 0 {
			return false
		}
		b = b[whole:]
	}
	return false
}

// leading is how many bytes stand before the first one that says anything: a
// byte order mark and blank lines.
func leading(b []byte) int {
	n := 0
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		n = 3
	}
	for n < len(b) && (isEOL(b[n]) || b[n] == ' ' || b[n] == '\t') {
		n++
	}
	// Blank lines only: a line that starts with white space keeps it.
	for n > 0 && (b[n-1] == ' ' || b[n-1] == '\t') && n < len(b) {
		n--
	}
	return n
}

// startsJSON tells whether b begins an object or an array of JSON.
func startsJSON(b []byte) bool {
	if len(b) == 0 || b[0] != '{' && b[0] != '[' {
		return false
	}
	rest := bytes.TrimLeft(b[1:], " \t\r\n")
	if len(rest) == 0 {
		return false
	}
	if b[0] == '{' {
		return rest[0] == '"' || rest[0] == '}'
	}
	return bytes.IndexByte([]byte(`{["]`), rest[0]) >= 0
}
