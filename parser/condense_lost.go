package parser

import (
	"bytes"
	"strings"
)

// Lengths of lines in encoded text (RFC 2045 section 6.7 and 6.8).
const (
	lostLine    = 40 // base64 without a break that text hardly has
	lostQuoted  = 60 // from which a soft line break looks like one
	maxQuoted   = 78
	uuencodeMax = 45 // bytes that a line of uuencode holds
)

// recoverLost decodes the body from start on where it is encoded and its header
// does not say so: a gateway dropped the Content-Transfer-Encoding, or it is uuencode,
// which MIME does not know.
func (c *condenser) recoverLost(start int) {
	body := c.out[start:]
	switch {
	case isLostBase64(body):
		var d base64Decoder
		text := make([]byte, 0, len(body))
		for line := range bytes.Lines(body) {
			text = d.append(text, bytes.TrimSpace(line))
		}
		if text = d.flush(text); looksLikeText(text) {
			c.out = append(c.out[:start], text...)
			c.damage("base64 that is not announced: decoded")
		}
	case isLostQuoted(body):
		text := make([]byte, 0, len(body))
		for line := range bytes.Lines(body) {
			whole := len(line)
			line = bytes.TrimRight(line, "\r\n")
			var soft bool
			if text, soft = appendQuoted(text, line); !soft && len(line) < whole {
				text = append(text, '\n')
			}
		}
		c.out = append(c.out[:start], text...)
		c.damage("quoted-printable that is not announced: decoded")
	}
	c.uudecode(start)
}

// isLostBase64 tells whether body is base64 and nothing else.
func isLostBase64(body []byte) bool {
	body = bytes.TrimSpace(body)
	first, _, _ := bytes.Cut(body, []byte{'\n'})
	first = bytes.TrimSpace(first)
	if len(first) < lostLine || bytes.IndexByte(first, ' ') >= 0 || !isBase64(first) {
		return false
	}
	chars := 0
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		if bytes.IndexByte(line, ' ') >= 0 || !isBase64(line) {
			return false
		}
		chars += len(line)
	}
	return chars%4 == 0
}

// isLostQuoted tells whether body is quoted-printable: a line is broken softly at
// the length at which encoders do, and each "=" encodes something.
func isLostQuoted(body []byte) bool {
	if bytes.IndexByte(body, '=') < 0 || !bytes.Contains(body, []byte("=\n")) {
		return false
	}
	broken := false
	for line := range bytes.Lines(body) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) > maxQuoted {
			return false
		}
		for rest := line; ; {
			i := bytes.IndexByte(rest, '=')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
			switch {
			case len(rest) == 0:
				broken = broken || len(line) >= lostQuoted
			case len(rest) < 2 || unhex(rest[0]) < 0 || unhex(rest[1]) < 0:
				return false
			}
		}
	}
	return broken
}

// uudecode decodes what stands between "begin 644 name" and "end" in the body from
// start on, and drops it where it is no text.
func (c *condenser) uudecode(start int) {
	for from := start; ; {
		begin, first := uuBegin(c.out[from:])
		if begin < 0 {
			return
		}
		begin, first = from+begin, from+first
		text, length := uuText(c.out[first:])
		if length == 0 {
			from = first
			continue
		}
		rest := bytes.Clone(c.out[first+length:])
		c.out = c.out[:begin]
		if looksLikeText(text) {
			c.out = append(c.out, text...)
		}
		from = len(c.out)
		c.out = append(c.out, rest...)
	}
}

// uuBegin finds the line that begins uuencoded data, and the line after it.
func uuBegin(b []byte) (begin, first int) {
	const word = "begin "
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(word))
		if i < 0 {
			return -1, -1
		}
		i += at
		at = i + len(word)
		end := bytes.IndexByte(b[at:], '\n')
		if end < 0 {
			return -1, -1
		}
		mode, name, ok := strings.Cut(string(b[at:at+min(end, 80)]), " ")
		if ok && (i == 0 || b[i-1] == '\n') && len(mode) >= 3 && strings.Trim(mode, "01234567") == "" && strings.TrimSpace(name) != "" {
			return i, at + end + 1
		}
	}
}

// uuText decodes lines of uuencode, and returns how many bytes they and their end
// take: 0 where there are none.
func uuText(b []byte) (text []byte, length int) {
	for line := range bytes.Lines(b) {
		data := bytes.TrimRight(line, "\r\n")
		if len(data) == 0 || string(data) == "end" {
			return text, length + len(line)
		}
		n := int(data[0]-' ') & 0x3f
		if data[0] < ' ' || data[0] > '`' || n > uuencodeMax || len(data) < 1+(n*8+5)/6 {
			return text, length
		}
		length += len(line)
		for at := 1; n > 0; at += 4 {
			var group [4]byte
			for i := range group {
				if at+i < len(data) {
					group[i] = (data[at+i] - ' ') & 0x3f
				}
			}
			out := [3]byte{group[0]<<2 | group[1]>>4, group[1]<<4 | group[2]>>2, group[2]<<6 | group[3]}
			text = append(text, out[:min(n, 3)]...)
			n -= 3
		}
	}
	return text, length
}
