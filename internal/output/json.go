package output

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"

	"github.com/whybounce/whybounce/rules"
)

// AppendJSON appends the row as one JSON object without a line end: the keys of
// the contract in their order, as encoding/json writes them without HTML
// escaping, except that characters which cannot be seen are escaped too.
func (r *Row) AppendJSON(b []byte) []byte {
	b = appendMember(b, `{"source":`, r.Source)
	b = appendMember(b, `,"kind":`, r.Kind)
	b = appendMember(b, `,"recipient":`, r.Recipient)
	b = appendMember(b, `,"original_recipient":`, r.OriginalRecipient)
	b = appendMember(b, `,"outcome":`, string(r.Outcome))
	b = appendMember(b, `,"cause":`, r.Cause)
	b = appendMember(b, `,"list_action":`, string(r.ListAction))
	b = strconv.AppendBool(append(b, `,"permanent":`...), r.Permanent)
	b = appendMember(b, `,"status":`, r.Status)
	b = appendMember(b, `,"reply":`, r.Reply)
	b = appendMember(b, `,"stage":`, r.Stage)
	b = appendMember(b, `,"title":`, r.Title)
	b = appendMember(b, `,"fix":`, r.Fix)
	b = appendMember(b, `,"diagnostic":`, r.Diagnostic)
	b = appendEvidence(append(b, `,"evidence":`...), &r.Evidence)
	b = appendMember(b, `,"reporting_server":`, r.ReportingServer)
	b = appendMember(b, `,"remote_server":`, r.RemoteServer)
	b = appendMember(b, `,"date":`, r.Date)
	b = appendMember(b, `,"message_id":`, r.MessageID)
	b = r.Original.appendJSON(append(b, `,"original":`...))
	b = appendList(append(b, `,"problems":`...), r.Problems)
	return append(b, '}')
}

func appendEvidence(b []byte, e *rules.Evidence) []byte {
	b = appendMember(b, `{"text":`, e.Text)
	b = appendMember(b, `,"origin":`, e.Origin)
	b = appendMember(b, `,"rule":`, e.Rule)
	return append(b, '}')
}

func (o *Original) appendJSON(b []byte) []byte {
	b = appendMember(b, `{"message_id":`, o.MessageID)
	b = appendMember(b, `,"from":`, o.From)
	b = appendMember(b, `,"subject":`, o.Subject)
	b = appendMember(b, `,"date":`, o.Date)
	b = appendMember(b, `,"list_id":`, o.ListID)
	return append(b, '}')
}

func appendMember(b []byte, key, value string) []byte {
	return AppendString(append(b, key...), value)
}

func appendList(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, s)
	}
	return append(b, ']')
}

// AppendString appends s as a JSON string: UTF-8 as it is, invalid bytes as
// U+FFFD, everything that hides or controls as an escape.
func AppendString(b []byte, s string) []byte {
	b = append(append(b, '"'), s...)
	start := len(b) - len(s)
	if n := plainLen(b[start:]); n < len(s) {
		b = appendEscaping(b[:start+n], s[n:])
	}
	return append(b, '"')
}

// plainLen is the length of the start of b that stands in a JSON string as it is:
// printable ASCII without quotes and backslashes, looked at in words of eight bytes.
func plainLen(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		w := binary.LittleEndian.Uint64(b[n:])
		control, del := w-' '*ones, w+ones
		quote, backslash := (w^'"'*ones)-ones, (w^'\\'*ones)-ones
		if (w|control|del|quote|backslash)&highs != 0 {
			break
		}
	}
	for n < len(b) && plainJSON[b[n]] {
		n++
	}
	return n
}

// appendEscaping appends s with escapes where it needs them.
func appendEscaping(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		run := i
		for run < len(s) && plainJSON[s[run]] {
			run++
		}
		if b, i = append(b, s[i:run]...), run; i == len(s) {
			break
		}
		if s[i] < utf8.RuneSelf {
			b = appendByte(b, s[i])
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, `\ufffd`...)
		case hidden(r):
			b = appendEscaped(b, r)
		default:
			b = append(b, s[i:i+size]...)
		}
		i += size
	}
	return b
}

// plainJSON are the bytes that stand in a JSON string as they are: those of ASCII.
var plainJSON = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// appendByte appends an ASCII character that needs an escape.
func appendByte(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return appendEscaped(b, rune(c))
}
