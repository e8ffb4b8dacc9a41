package parser

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cention-sany/utf7"
	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decodeText returns b in UTF-8. The charset is that declared, unless b shows it
// to be wrong; then it is found out. The problem, if any, says so.
func decodeText(b []byte, declared string, html bool) (text, problem string) {
	declared = strings.ToLower(strings.Trim(declared, " \t\"'"))
	switch declared {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "unknown", "unknown-8bit", "x-unknown", "default", "binary":
		if utf8.Valid(b) && !hasEscapes(b) {
			return withoutNUL(string(b)), ""
		}
		return guessText(b, declared, html)
	case "iso-2022-kr", "csiso2022kr":
		return decodeWith(korean.EUCKR, shiftedOut(b)), ""
	}
	enc := encodingOf(declared)
	if strings.HasPrefix(declared, "utf-16") || strings.HasPrefix(declared, "ucs-2") {
		enc = utf16Order(b, enc)
	}
	if enc == nil {
		text, _ = guessText(b, "", html)
		return text, "unknown charset " + quoteShort(declared) + ": guessed"
	}
	if isMultibyteUTF8(b) && singleByte(enc) {
		return withoutNUL(string(b)), "text is not in the declared charset " + quoteShort(declared)
	}
	text = decodeWith(enc, b)
	if bad := strings.Count(text, "\uFFFD"); bad > 0 && !singleByte(enc) {
		if isMultibyteUTF8(b) {
			return withoutNUL(string(b)), "text is not in the declared charset " + quoteShort(declared)
		}
		if bad*10 > utf8.RuneCountInString(text) {
			return guessText(b, declared, html)
		}
	}
	return text, ""
}

// encodings are names that the indexes below lack, or take for less than what is
// sent under them.
var encodings = map[string]encoding.Encoding{
	"utf-7": utf7.UTF7, "utf7": utf7.UTF7, "unicode-1-1-utf-7": utf7.UTF7,
	"csunicode11utf7": utf7.UTF7, "x-unicode-2-0-utf-7": utf7.UTF7,
	"hz-gb-2312": simplifiedchinese.HZGB2312, "hz": simplifiedchinese.HZGB2312,
	"gb2312": simplifiedchinese.GB18030, "gb_2312-80": simplifiedchinese.GB18030,
	"gbk": simplifiedchinese.GB18030, "cp936": simplifiedchinese.GB18030,
	"gb18030": simplifiedchinese.GB18030, "x-gbk": simplifiedchinese.GB18030,
	"euc-cn": simplifiedchinese.GB18030, "ms936": simplifiedchinese.GB18030,
	"iso-2022-jp-1": japanese.ISO2022JP, "iso-2022-jp-2": japanese.ISO2022JP,
	"iso-2022-jp-3": japanese.ISO2022JP, "iso-2022-jp-ms": japanese.ISO2022JP,
	"cp50220": japanese.ISO2022JP, "cp50221": japanese.ISO2022JP,
	"cp932": japanese.ShiftJIS, "ms932": japanese.ShiftJIS, "shift-jis": japanese.ShiftJIS,
	"cp949": korean.EUCKR, "uhc": korean.EUCKR, "ks_c_5601": korean.EUCKR, "ksc5601": korean.EUCKR,
	"utf-16":  unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf16":   unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"ucs-2":   unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-32":  utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
	"latin-1": charmap.Windows1252, "iso_8859-1": charmap.Windows1252, "ansi": charmap.Windows1252,
}

// encodingOf finds an encoding by any of its names, in lower case, or returns nil.
func encodingOf(name string) encoding.Encoding {
	if enc := encodings[name]; enc != nil {
		return enc
	}
	if strings.HasPrefix(name, "cp125") {
		name = "windows-" + name[2:]
	}
	if strings.HasPrefix(name, "iso8859") {
		name = "iso-8859" + name[len("iso8859"):]
	}
	if enc, err := htmlindex.Get(name); err == nil && enc != encoding.Replacement {
		return enc
	}
	for _, index := range []*ianaindex.Index{ianaindex.MIME, ianaindex.IANA} {
		if enc, err := index.Encoding(name); err == nil && enc != nil && enc != encoding.Replacement {
			return enc
		}
	}
	return nil
}

// utf16Order is the byte order of UTF-16 text by its NULs, where these tell: names
// are given wrong, and left without a byte order mark.
func utf16Order(b []byte, declared encoding.Encoding) encoding.Encoding {
	var nul [2]int
	for i, c := range b[:min(len(b), detectMost)] {
		if c == 0 {
			nul[i%2]++
		}
	}
	switch {
	case nul[0] > 4*nul[1]:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case nul[1] > 4*nul[0]:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	return declared
}

// singleByte tells whether enc maps each byte to a character: then any bytes are
// sound in it, and it cannot be told from another by its errors.
func singleByte(enc encoding.Encoding) bool {
	_, ok := enc.(*charmap.Charmap)
	return ok
}

// shiftsCharset tells whether text in that charset is made of ASCII bytes.
func shiftsCharset(name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return strings.Contains(name, "utf-7") || name == "utf7" || strings.HasPrefix(name, "hz")
}

// decodeWith decodes b, with U+FFFD for what enc does not know.
func decodeWith(enc encoding.Encoding, b []byte) string {
	if table, ok := enc.(*charmap.Charmap); ok && table.DecodeByte('A') == 'A' {
		return decodeBytes(table, b)
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil && len(out) == 0 {
		out = b
	}
	if !utf8.Valid(out) {
		out = bytes.ToValidUTF8(out, []byte("\uFFFD"))
	}
	return withoutNUL(string(out))
}

// decodeBytes decodes b, each byte of which is a character, those of ASCII themselves.
func decodeBytes(table *charmap.Charmap, b []byte) string {
	out := make([]byte, 0, len(b)+len(b)/8)
	for len(b) > 0 {
		n := 0
		for n < len(b) && b[n] < utf8.RuneSelf {
			n++
		}
		out = append(out, b[:n]...)
		for b = b[n:]; len(b) > 0 && b[0] >= utf8.RuneSelf; b = b[1:] {
			out = utf8.AppendRune(out, table.DecodeByte(b[0]))
		}
	}
	return withoutNUL(string(out))
}

// invisible are characters that tell a renderer where a word may break, and
// nothing else: within an address, they hide a part of it.
var invisible = strings.NewReplacer("\u00ad", "", "\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "")

// visible returns s without invisible characters.
func visible(s string) string {
	if strings.Contains(s, "\u00ad") || strings.Contains(s, "\u2060") || strings.Contains(s, "\ufeff") ||
		strings.Contains(s, "\u200b") || strings.Contains(s, "\u200c") || strings.Contains(s, "\u200d") {
		return invisible.Replace(s)
	}
	return s
}

func withoutNUL(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// hasEscapes tells whether b switches character sets as ISO 2022 does.
func hasEscapes(b []byte) bool {
	for {
		i := bytes.IndexByte(b, 0x1b)
		if i < 0 || i+2 >= len(b) {
			return false
		}
		if b[i+1] == '$' || b[i+1] == '(' {
			return true
		}
		b = b[i+1:]
	}
}

// isMultibyteUTF8 tells whether b is UTF-8 with characters beyond ASCII.
func isMultibyteUTF8(b []byte) bool {
	return !isASCIIBytes(b) && utf8.Valid(b)
}

// shiftedOut makes EUC-KR of ISO-2022-KR: bytes between SO and SI are Korean.
func shiftedOut(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\x1b$)C"), nil)
	out := make([]byte, 0, len(b))
	shifted := false
	for _, c := range b {
		switch {
		case c == 0x0e:
			shifted = true
		case c == 0x0f || c == '\n':
			shifted = false
		case shifted && c > ' ':
			c |= 0x80
		}
		if c != 0x0e && c != 0x0f {
			out = append(out, c)
		}
	}
	return out
}

// guessText decodes text whose charset is missing or wrong: by ISO 2022 escapes,
// by being UTF-8, by what an HTML page says, by statistics; else as windows-1252.
func guessText(b []byte, declared string, html bool) (text, problem string) {
	if declared != "" && declared != "us-ascii" && declared != "ascii" {
		problem = "text is not in the declared charset " + quoteShort(declared)
	}
	switch {
	case hasEscapes(b) && bytes.Contains(b, []byte("\x1b$)C")):
		return decodeWith(korean.EUCKR, shiftedOut(b)), problem
	case hasEscapes(b):
		if text := decodeWith(japanese.ISO2022JP, b); strings.Count(text, "\uFFFD") == 0 || !utf8.Valid(b) {
			return text, problem
		}
		return withoutNUL(string(b)), ""
	case utf8.Valid(b):
		return withoutNUL(string(b)), ""
	case mostlyUTF8(b):
		return withoutNUL(strings.ToValidUTF8(string(b), "\uFFFD")), problem
	}
	if html {
		if enc, name, certain := charset.DetermineEncoding(b, ""); certain && enc != encoding.Replacement && name != "utf-8" {
			return decodeWith(enc, b), problem
		}
	}
	return decodeWith(detect(b), b), problem
}

// mostlyUTF8 tells whether b is UTF-8 but for a few bytes, as after a cut.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		if bad > 20 && bad > good {
			return false
		}
		i += n
	}
	return good > 10*bad
}

// Bounds of the statistics: below, they mislead; above, they cost.
const (
	detectLeast      = 8
	detectMost       = 4 << 10
	detectConfidence = 40
)

// detect finds the likeliest encoding of b by statistics.
func detect(b []byte) encoding.Encoding {
	sample := highLines(b)
	if len(sample) == 0 {
		return charmap.Windows1252
	}
	results, err := chardet.NewTextDetector().DetectAll(sample)
	if err != nil {
		return charmap.Windows1252
	}
	// The detector runs its recognizers at the same time: the order of equals is
	// by chance until sorted.
	slices.SortStableFunc(results, func(x, y chardet.Result) int {
		if x.Confidence != y.Confidence {
			return y.Confidence - x.Confidence
		}
		return strings.Compare(x.Charset, y.Charset)
	})
	for _, r := range results {
		if r.Confidence < detectConfidence {
			break
		}
		name := strings.ToLower(r.Charset)
		if strings.HasPrefix(name, "utf-") || strings.HasPrefix(name, "ibm") || strings.HasPrefix(name, "iso-2022") {
			continue
		}
		if enc := encodingOf(name); enc != nil {
			return enc
		}
	}
	return charmap.Windows1252
}

// highLines returns the lines of b that hold bytes beyond ASCII, within bounds, or
// nil where these are too few to tell anything.
func highLines(b []byte) []byte {
	var sample []byte
	high := 0
	for line := range bytes.Lines(b) {
		if len(sample) > detectMost {
			break
		}
		if isASCIIBytes(line) {
			continue
		}
		line = line[:min(len(line), detectMost)]
		for _, c := range line {
			if c >= utf8.RuneSelf {
				high++
			}
		}
		sample = append(sample, line...)
	}
	if high < detectLeast {
		return nil
	}
	return sample
}

// quoteShort quotes a name from a mail for a problem: printable ASCII only.
func quoteShort(s string) string {
	return "\"" + sanitized(s[:min(len(s), 40)]) + "\""
}
