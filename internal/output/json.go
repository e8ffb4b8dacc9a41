package output

import (
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
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plainJSON[c] {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			b = appendByte(b, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(append(b, s[start:i]...), `\ufffd`...)
			start = i + size
		} else if hidden(r) {
			b = appendEscaped(append(b, s[start:i]...), r)
			start = i + size
		}
		i += size
	}
	return append(append(b, s[start:]...), '"')
}

// plainJSON are the ASCII characters that stand in a JSON string as they are.
var plainJSON = func() (t [utf8.RuneSelf]bool) {
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
