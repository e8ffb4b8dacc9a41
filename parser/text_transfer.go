package parser

import "bytes"

// A transfer is a content transfer encoding (RFC 2045 section 6).
type transfer int

const (
	identity transfer = iota
	quotedPrintable
	base64Transfer
)

// parseTransfer reads a Content-Transfer-Encoding value. What is not known is
// taken as no encoding at all.
func parseTransfer(value []byte) transfer {
	value = bytes.ToLower(bytes.Trim(value, " \t\n\"';"))
	switch {
	case bytes.HasPrefix(value, []byte("quoted")):
		return quotedPrintable
	case bytes.HasPrefix(value, []byte("base64")), bytes.HasPrefix(value, []byte("base-64")):
		return base64Transfer
	}
	return identity
}

// appendQuoted appends the decoded line to dst, and tells whether the line goes on
// (a soft line break). An "=" that encodes nothing stands for itself.
func appendQuoted(dst, line []byte) (_ []byte, soft bool) {
	line = bytes.TrimRight(line, " \t")
	for {
		i := bytes.IndexByte(line, '=')
		if i < 0 {
			return append(dst, line...), false
		}
		dst = append(dst, line[:i]...)
		line = line[i+1:]
		if len(line) == 0 {
			return dst, true
		}
		if len(line) >= 2 && unhex(line[0]) >= 0 && unhex(line[1]) >= 0 {
			dst = append(dst, byte(unhex(line[0])<<4|unhex(line[1])))
			line = line[2:]
		} else {
			dst = append(dst, '=')
		}
	}
}

// A base64Decoder decodes lines one after the other.
type base64Decoder struct {
	bits  uint32
	count int // sextets in bits
}

// base64Bad marks a byte that does not belong to base64, base64Skip white space
// and padding.
const (
	base64Bad  = -1
	base64Skip = -2
)

func sextet(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	case c == '=' || c == ' ' || c == '\t':
		return base64Skip
	}
	return base64Bad
}

// isBase64 tells whether line holds nothing but base64, maybe in groups with
// spaces between them.
func isBase64(line []byte) bool {
	line = trimSpace(line)
	for i, c := range line {
		switch sextet(c) {
		case base64Bad:
			return false
		case base64Skip:
			if c != '=' && i%4 != 0 {
				return false
			}
		}
	}
	return true
}

// append appends the decoded line to dst, leaving out what is not base64.
func (d *base64Decoder) append(dst, line []byte) []byte {
	for _, c := range line {
		if c == '=' {
			dst = d.flush(dst)
			continue
		}
		v := sextet(c)
		if v < 0 {
			continue
		}
		d.bits = d.bits<<6 | uint32(v)
		if d.count++; d.count == 4 {
			dst = append(dst, byte(d.bits>>16), byte(d.bits>>8), byte(d.bits))
			d.bits, d.count = 0, 0
		}
	}
	return dst
}

// flush appends what the last, incomplete group holds.
func (d *base64Decoder) flush(dst []byte) []byte {
	switch d.count {
	case 2:
		dst = append(dst, byte(d.bits>>4))
	case 3:
		dst = append(dst, byte(d.bits>>10), byte(d.bits>>2))
	}
	d.bits, d.count = 0, 0
	return dst
}
