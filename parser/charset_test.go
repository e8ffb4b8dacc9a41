package parser

import (
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// TestDecodeBytes holds the reader of single bytes to the library's, for all charsets.
func TestDecodeBytes(t *testing.T) {
	var all []byte
	for c := 1; c < 256; c++ {
		all = append(all, byte(c))
	}
	count := 0
	for _, enc := range charmap.All {
		table, ok := enc.(*charmap.Charmap)
		if !ok || table.DecodeByte('A') != 'A' {
			continue
		}
		count++
		want, err := enc.NewDecoder().Bytes(all)
		if err != nil {
			t.Fatal(err)
		}
		if got := decodeBytes(table, all); got != string(want) {
			t.Errorf("%v: %q, want %q", enc, got, want)
		}
	}
	if count < 30 {
		t.Errorf("only %d charsets", count)
	}
}
