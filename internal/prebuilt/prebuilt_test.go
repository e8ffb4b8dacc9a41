package prebuilt

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	var e Encoder
	list := strings.Split(strings.Repeat("a,bc,,", 200), ",")
	e.Int(0)
	e.Int(1<<31 - 1)
	e.Bool(true)
	e.String("text")
	e.Strings(nil)
	e.Strings(list)
	e.Bool(false)

	d := NewDecoder(string(e.Bytes()))
	if a, b := d.Int(), d.Int(); a != 0 || b != 1<<31-1 {
		t.Errorf("numbers are %d and %d", a, b)
	}
	if !d.Bool() {
		t.Error("true came back as false")
	}
	if s := d.String(); s != "text" {
		t.Errorf("string is %q", s)
	}
	if l := d.Strings(); l != nil {
		t.Errorf("empty list is %q", l)
	}
	if l := d.Strings(); !slices.Equal(l, list) {
		t.Errorf("list is %q", l)
	}
	if d.Bool() {
		t.Error("false came back as true")
	}
	if err := d.Done(); err != nil {
		t.Error(err)
	}
}

func TestDamaged(t *testing.T) {
	for name, read := range map[string]func(*Decoder){
		"number cut short":   func(d *Decoder) { d.Int(); d.Int(); d.Int(); d.Int() },
		"string too long":    func(d *Decoder) { _ = d.String() },
		"list too long":      func(d *Decoder) { d.Strings() },
		"number too large":   func(d *Decoder) { d.Below(3) },
		"elements too large": func(d *Decoder) { d.Len(9) },
		"data left over":     func(*Decoder) {},
	} {
		d := NewDecoder("\x05ab")
		read(d)
		if err := d.Done(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if d.Int() != 0 || d.String() != "" || d.Strings() != nil || d.Bool() {
			t.Errorf("%s: a value after an error is not zero", name)
		}
	}
	if d := NewDecoder("\xff\xff\xff\xff\xff\x01"); d.Int() != 0 || d.Err() == nil {
		t.Error("a number beyond 2^31 was read")
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add("\x05ab")
	f.Add("\x02\x01a\x01b")
	f.Fuzz(func(t *testing.T, data string) {
		d := NewDecoder(data)
		for i := 0; d.rest != "" && i < 1000; i++ {
			d.Int()
			_ = d.String()
			if n := len(d.Strings()); n > len(data) {
				t.Fatalf("a list of %d from %d bytes", n, len(data))
			}
		}
	})
}
