// Package prebuilt is a small binary form for data that a generator writes and a
// program embeds: numbers as varints, strings with their length. Reading it copies
// no text, and damaged data gives an error, not a panic.
package prebuilt

import (
	"encoding/binary"
	"errors"
)

// ErrDamaged says that data is cut short or was not written by an Encoder.
var ErrDamaged = errors.New("damaged prebuilt data")

// An Encoder writes values one after the other.
type Encoder struct{ buf []byte }

// Bytes gives what was written.
func (e *Encoder) Bytes() []byte { return e.buf }

// Int writes a number that is not negative.
func (e *Encoder) Int(n int) { e.buf = binary.AppendUvarint(e.buf, uint64(n)) }

// Bool writes a truth value.
func (e *Encoder) Bool(b bool) {
	n := 0
	if b {
		n = 1
	}
	e.Int(n)
}

// String writes a string.
func (e *Encoder) String(s string) {
	e.Int(len(s))
	e.buf = append(e.buf, s...)
}

// Strings writes a list of strings.
func (e *Encoder) Strings(list []string) {
	e.Int(len(list))
	for _, s := range list {
		e.String(s)
	}
}

// A Decoder reads values in the order in which an Encoder wrote them. After the
// first error every value is zero.
type Decoder struct {
	rest  string
	err   error
	texts []string // room for the lists of strings to come
}

// NewDecoder reads data. The strings that it gives are parts of data.
func NewDecoder(data string) *Decoder { return &Decoder{rest: data} }

// Err gives ErrDamaged if a value could not be read.
func (d *Decoder) Err() error { return d.err }

// Done gives an error if a value could not be read or if data is left.
func (d *Decoder) Done() error {
	if d.rest != "" {
		d.fail()
	}
	return d.err
}

func (d *Decoder) fail() {
	d.rest, d.err = "", ErrDamaged
}

// Int reads a number below 2^31.
func (d *Decoder) Int() int {
	var n uint64
	for i := 0; i < len(d.rest) && i < 5; i++ {
		c := d.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			if n >= 1<<31 {
				break
			}
			d.rest = d.rest[i+1:]
			return int(n)
		}
	}
	d.fail()
	return 0
}

// Len reads the length of a list whose elements take at least size bytes each.
func (d *Decoder) Len(size int) int {
	n := d.Int()
	if n > len(d.rest)/max(size, 1) {
		d.fail()
		return 0
	}
	return n
}

// Below reads a number that must be smaller than n.
func (d *Decoder) Below(n int) int {
	v := d.Int()
	if v >= n {
		d.fail()
		return 0
	}
	return v
}

// Bool reads a truth value.
func (d *Decoder) Bool() bool { return d.Below(2) == 1 }

// String reads a string.
func (d *Decoder) String() string {
	n := d.Int()
	if n > len(d.rest) {
		d.fail()
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// roomForTexts is how many strings of lists are allocated at once.
const roomForTexts = 256

// Strings reads a list of strings; an empty one is nil.
func (d *Decoder) Strings() []string {
	n := d.Len(1)
	if n == 0 {
		return nil
	}
	if n > len(d.texts) {
		d.texts = make([]string, max(n, roomForTexts))
	}
	out := d.texts[:n:n]
	d.texts = d.texts[n:]
	for i := range out {
		out[i] = d.String()
	}
	return out
}
