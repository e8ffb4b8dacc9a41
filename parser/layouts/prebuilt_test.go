package layouts

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write builtin.bin anew")

// TestPrebuilt holds that builtin.bin is what the layouts' files say. With -update
// it writes the file.
func TestPrebuilt(t *testing.T) {
	set, err := Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	want := set.encode()
	if *update {
		if err := os.WriteFile("builtin.bin", want, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal([]byte(prebuiltSet), want) {
		t.Fatal("builtin.bin does not follow from the layouts: run go generate ./parser/layouts")
	}
	got, err := decodeSet(prebuiltSet)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.encode(), want) {
		t.Error("the set read from builtin.bin differs from what was written")
	}
}

func TestDecodeDamaged(t *testing.T) {
	for i := 0; i < len(prebuiltSet); i += 1 + i/16 {
		if _, err := decodeSet(prebuiltSet[:i]); err == nil {
			t.Errorf("%d of %d bytes were read without an error", i, len(prebuiltSet))
		}
	}
	if _, err := decodeSet(prebuiltSet + "x"); err == nil {
		t.Error("data behind the end was read without an error")
	}
}

// FuzzDecodeSet holds that damage to builtin.bin gives an error or a usable set.
func FuzzDecodeSet(f *testing.F) {
	f.Add(7, byte(0xff))
	f.Fuzz(func(t *testing.T, at int, c byte) {
		if at < 0 || at >= len(prebuiltSet) {
			return
		}
		data := []byte(prebuiltSet)
		data[at] = c
		set, err := decodeSet(string(data))
		if err != nil {
			return
		}
		var sc Scan
		set.Reset(&sc)
		sc.Body.Add("a message that you sent could not be delivered to one or more of its recipients")
		set.ScanBody(&sc)
		set.Choose(&sc)
	})
}

func BenchmarkBuiltin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeSet(prebuiltSet); err != nil {
			b.Fatal(err)
		}
	}
}
