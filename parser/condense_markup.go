package parser

import (
	"bytes"
	"strings"
)

// A markupFilter takes out of long HTML what shows no words: attributes, comments,
// scripts, styles, and most tags of a long row of them. It works in place and in
// pieces, so that the words of a page count against the limits, not its markup.
type markupFilter struct {
	state markupState
	name  [16]byte // of the tag being read, lower case, with its slash
	n     int      // bytes of name
	quote byte     // that ends an attribute's value
	last  byte     // last byte but white space within a tag
	raw   string   // end of the element whose content is left out: "</script"
	seen  int      // bytes of raw, or of the end of a comment, that matched
	row   int      // tags since the last word
	open  int      // bytes at the end of the result that stand for the tag being read
}

type markupState int

const (
	inText markupState = iota
	inName
	inTag         // behind the name
	inDeclaration // "<!" or "<?"
	inComment
	inRaw
)

// tagsInRow is how many tags are kept that have no word between them.
const tagsInRow = 32

// filter filters b from from on, in place, and returns what is left. The tag being
// read at its end stands there, to hold its room.
func (f *markupFilter) filter(b []byte, from int) []byte {
	to := b[:from-f.open]
	for _, c := range b[from:] {
		switch f.state {
		case inText:
			if c == '<' {
				f.state, f.n = inName, 0
				continue
			}
			if c > ' ' {
				f.row = 0
			}
			to = append(to, c)
		case inName:
			to = f.tagName(to, c)
		case inTag:
			to = f.inside(to, c)
		case inDeclaration:
			f.declaration(c)
		case inComment:
			f.comment(c)
		case inRaw:
			f.content(c)
		}
	}
	f.open = 0
	if f.state == inName || f.state == inTag {
		to = append(append(to, '<'), f.name[:f.n]...)
		f.open = 1 + f.n
	}
	return to
}

// tagName reads a byte of a tag's name. A "<" that starts no tag is text.
func (f *markupFilter) tagName(to []byte, c byte) []byte {
	letter := 'a' <= c|0x20 && c|0x20 <= 'z'
	switch {
	case f.n == 0 && (c == '!' || c == '?'):
		f.state, f.seen = inDeclaration, 0
	case letter, f.n == 0 && c == '/', f.n > 0 && '0' <= c && c <= '9':
		if letter {
			c |= 0x20
		}
		if f.n < len(f.name) {
			f.name[f.n] = c
			f.n++
		}
	case f.n == 0 || f.n == 1 && f.name[0] == '/':
		to = append(append(append(to, '<'), f.name[:f.n]...), c)
		f.state, f.row = inText, 0
	default:
		f.state, f.quote, f.last = inTag, 0, 0
		return f.inside(to, c)
	}
	return to
}

// inside reads a byte of a tag behind its name. At its end, the tag is kept
// without its attributes.
func (f *markupFilter) inside(to []byte, c byte) []byte {
	switch {
	case f.quote != 0:
		if c == f.quote {
			f.quote, f.last = 0, c
		}
		return to
	case (c == '"' || c == '\'') && f.last == '=':
		f.quote = c
		return to
	case c != '>':
		if c > ' ' {
			f.last = c
		}
		return to
	}
	f.state = inText
	name := f.name[:f.n]
	switch string(name) {
	case "script", "style":
		f.state, f.raw, f.seen = inRaw, "</"+string(name), 0
		return to
	}
	if f.row++; f.row > tagsInRow {
		return to
	}
	return append(append(append(to, '<'), name...), '>')
}

// declaration reads a byte behind "<!" or "<?".
func (f *markupFilter) declaration(c byte) {
	switch {
	case c == '-' && f.seen < 2:
		if f.seen++; f.seen == 2 {
			f.state, f.seen = inComment, 2 // "<!-->" is a whole comment
		}
	case c == '>':
		f.state = inText
	default:
		f.seen = 2
	}
}

// comment reads a byte of a comment, up to "-->".
func (f *markupFilter) comment(c byte) {
	switch {
	case c == '-':
		f.seen++
	case c == '>' && f.seen >= 2:
		f.state = inText
	default:
		f.seen = 0
	}
}

// content reads a byte of a script or style, up to its end tag.
func (f *markupFilter) content(c byte) {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	switch {
	case f.seen == len(f.raw):
		if c == '>' {
			f.state = inText
		}
	case c == f.raw[f.seen]:
		f.seen++
	case c == '<':
		f.seen = 1
	default:
		f.seen = 0
	}
}

// filterable tells whether markup can be told from words byte by byte in b.
func filterable(b []byte, charset string) bool {
	return bytes.IndexByte(b, 0x1b) < 0 && bytes.IndexByte(b, 0) < 0 && !shiftsCharset(charset) &&
		!strings.Contains(strings.ToLower(charset), "utf-16")
}
