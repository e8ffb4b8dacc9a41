package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/whybounce/whybounce/parser"
)

// limitFlags add the flags that bound what one message may take.
func limitFlags(f *pflag.FlagSet, l *parser.Limits) {
	f.Var(number(&l.Depth, 64), "max-depth", "read `N` levels of MIME parts")
	f.Var(number(&l.Parts, 1000), "max-parts", "read `N` MIME parts of a message")
	f.Var(number(&l.Fields, 1000), "max-fields", "read `N` header fields of a part")
	f.Var(size(&l.PartHeader, 1<<20), "max-header", "read `SIZE` of header of a part")
	f.Var(size(&l.TotalHeader, 4<<20), "max-headers", "read `SIZE` of header in all parts of a message")
	f.Var(size(&l.Text, 128<<10), "max-text", "read `SIZE` of text of a part, half at its head and half at its tail")
}

// A limit is a flag that takes a positive number, of bytes where it may have a unit.
type limit struct {
	n     *int
	bytes bool
}

func number(n *int, def int) *limit { *n = def; return &limit{n: n} }
func size(n *int, def int) *limit   { *n = def; return &limit{n, true} }

// Type names the flag's argument in the help.
func (l *limit) Type() string { return "limit" }

func (l *limit) String() string {
	switch {
	case l.n == nil:
		return ""
	case l.bytes && *l.n%(1<<20) == 0:
		return strconv.Itoa(*l.n>>20) + "M"
	case l.bytes && *l.n%(1<<10) == 0:
		return strconv.Itoa(*l.n>>10) + "K"
	}
	return strconv.Itoa(*l.n)
}

// Set reads the argument.
func (l *limit) Set(s string) error {
	unit := 1
	digits := s
	if l.bytes {
		digits = strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s), "IB"), "B")
		if d, ok := strings.CutSuffix(digits, "K"); ok {
			digits, unit = d, 1<<10
		} else if d, ok := strings.CutSuffix(digits, "M"); ok {
			digits, unit = d, 1<<20
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > (1<<30)/unit {
		if l.bytes {
			return fmt.Errorf("write a size from 1 to 1024M, such as 500000, 64K or 2M")
		}
		return fmt.Errorf("write a number from 1 on")
	}
	*l.n = n * unit
	return nil
}
