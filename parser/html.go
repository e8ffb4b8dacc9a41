package parser

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlText renders HTML as text: block elements and <br> break lines, table cells
// stand apart, scripts and styles are left out. It reads tokens, not a tree, so
// nesting costs nothing.
func htmlText(b []byte) string {
	z := html.NewTokenizer(bytes.NewReader(b))
	w := htmlWriter{}
	w.Grow(len(b) / 2)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return visible(w.String())
		case html.TextToken:
			if w.hidden == 0 {
				w.text(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			w.start(atom.Lookup(name))
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(atom.Lookup(name))
		}
	}
}

// An htmlWriter writes text with white space as a browser would show it.
type htmlWriter struct {
	strings.Builder
	hidden atom.Atom // the element whose text is not shown, or 0
	pre    int
	space  bool // a space is due
	breaks int  // line breaks are due
}

func (w *htmlWriter) start(tag atom.Atom) {
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Noframes, atom.Object:
		if w.hidden == 0 {
			w.hidden = tag
		}
	case atom.Br:
		w.breaks++
		w.space = false
	case atom.Pre, atom.Textarea, atom.Listing, atom.Xmp:
		w.pre++
		w.block(1)
	case atom.Td, atom.Th:
		w.space = true
	default:
		w.block(blockBreaks(tag))
	}
}

func (w *htmlWriter) end(tag atom.Atom) {
	switch tag {
	case w.hidden:
		w.hidden = 0
	case atom.Pre, atom.Textarea, atom.Listing, atom.Xmp:
		w.pre = max(w.pre-1, 0)
		w.block(1)
	case atom.Td, atom.Th:
		w.space = true
	default:
		w.block(blockBreaks(tag))
	}
}

// blockBreaks is the number of line breaks around an element: none for those
// within a line, two for paragraphs.
func blockBreaks(tag atom.Atom) int {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Ul,
		atom.Ol, atom.Dl, atom.Blockquote:
		return 2
	case atom.Div, atom.Tr, atom.Li, atom.Dt, atom.Dd, atom.Hr, atom.Section, atom.Article,
		atom.Header, atom.Footer, atom.Center, atom.Address, atom.Fieldset, atom.Form, atom.Body,
		atom.Caption, atom.Main, atom.Nav, atom.Aside, atom.Figure, atom.Option:
		return 1
	}
	return 0
}

// block asks for at least n line breaks.
func (w *htmlWriter) block(n int) {
	if n > 0 {
		w.breaks = max(w.breaks, n)
		w.space = false
	}
}

// text writes text, with white space as one space unless in <pre>.
func (w *htmlWriter) text(b []byte) {
	if w.pre > 0 {
		w.pending()
		w.Write(b)
		return
	}
	for len(b) > 0 {
		i := bytes.IndexAny(b, " \t\r\n\u00a0")
		if i < 0 {
			i = len(b)
		}
		if i > 0 {
			w.pending()
			w.Write(b[:i])
		}
		rest := bytes.TrimLeft(b[i:], " \t\r\n\u00a0")
		if len(rest) < len(b[i:]) {
			w.space = true
		}
		b = rest
	}
}

// pending writes the white space that is due before text.
func (w *htmlWriter) pending() {
	switch {
	case w.Len() == 0:
	case w.breaks > 0:
		for range min(w.breaks, 2) {
			w.WriteByte('\n')
		}
	case w.space:
		w.WriteByte(' ')
	}
	w.breaks, w.space = 0, false
}
