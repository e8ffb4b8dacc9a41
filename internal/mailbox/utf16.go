package mailbox

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// What an editor makes of a mail is unpacked too.
const (
	utf16LE = "UTF-16LE"
	utf16BE = "UTF-16BE"
)

// utf16Order tells in which order the bytes of UTF-16 stand, by the mark that b
// begins with, or by the NUL at every other byte of ASCII; "" if b is no UTF-16.
func utf16Order(b []byte) string {
	switch {
	case len(b) < 2:
		return ""
	case b[0] == 0xff && b[1] == 0xfe, alternates(b, 1):
		return utf16LE
	case b[0] == 0xfe && b[1] == 0xff, alternates(b, 0):
		return utf16BE
	}
	return ""
}

// alternates tells whether b is ASCII but for the NUL at every other byte.
func alternates(b []byte, nul int) bool {
	for i, c := range b {
		if (i%2 == nul) != (c == 0) || c > '~' {
			return false
		}
	}
	return len(b) >= 16
}

// A utf16Reader makes UTF-8 of UTF-16.
type utf16Reader struct {
	r     io.Reader
	order binary.ByteOrder
	out   [3 * 512]byte
	rest  []byte // of out
	high  rune   // the first half of a surrogate pair, or 0
}

func newUTF16(name string, r io.Reader) io.Reader {
	if name == utf16LE {
		return &utf16Reader{r: r, order: binary.LittleEndian}
	}
	return &utf16Reader{r: r, order: binary.BigEndian}
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.rest) == 0 {
		var in [512]byte
		n, err := io.ReadFull(u.r, in[:])
		if n == 0 {
			return 0, err
		}
		u.decode(in[:n&^1])
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF && len(u.rest) == 0 {
			return 0, err
		}
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// decode makes UTF-8 of in.
func (u *utf16Reader) decode(in []byte) {
	out := u.out[:0]
	for ; len(in) >= 2; in = in[2:] {
		c := rune(u.order.Uint16(in))
		switch {
		case u.high != 0:
			c, u.high = utf16.DecodeRune(u.high, c), 0
		case 0xd800 <= c && c < 0xdc00:
			u.high = c
			continue
		case c == '\ufeff':
			continue
		}
		out = utf8.AppendRune(out, c)
	}
	u.rest = out
}
