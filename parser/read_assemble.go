package parser

import (
	"slices"
	"strings"
)

// An assembler makes a document of the parts of a message.
type assembler struct {
	budget *budget
	layers []layer
	doc    *document
	texts  []proseText
	// spare is text of a type that is not for people, used where there is no other.
	spare string
	// inner tells that the message stands inside another. Of its HTML, little is
	// wanted.
	inner bool
}

// A proseText is a text part for people.
type proseText struct {
	lines []string
	html  string // not yet rendered
	size  int    // bytes of lines
	// isHTML tells that the lines were rendered from HTML.
	isHTML bool
}

// assemble makes the document of a message.
func (b *budget) assemble(p *part, layer string, layers []layer, inner bool) *document {
	a := assembler{budget: b, layers: layers, inner: inner, doc: &document{
		header: p.header, mediaType: p.media, reportType: p.report, layer: layer,
	}}
	if last := len(p.header) - 1; last >= 0 && p.header[last].value == addedType {
		a.doc.header = p.header[:last]
	}
	a.walk(p, "", 0)
	a.prose()
	a.scan()
	return a.doc
}

// walk puts a part and its parts where they belong.
func (a *assembler) walk(p *part, parent string, index int) {
	if p.inside != nil {
		before := len(a.texts)
		i := 0
		for child := p.inside; child != nil; child = child.next {
			a.walk(child, p.media, i)
			i++
		}
		if p.media == "multipart/alternative" {
			a.texts = append(a.texts[:before], a.alternative(a.texts[before:])...)
		}
		return
	}
	switch p.media {
	case "message/delivery-status", "message/global-delivery-status":
		if !holdsStatus(p.body) {
			// QUIRK: InterMail sends its text as a delivery status too (RFC 3464 section 2).
			a.texts = append(a.texts, newProse(p.body))
			return
		}
		a.status(p.body)
	case "message/feedback-report":
		a.doc.feedback = append(a.doc.feedback, p.body)
	case "message/disposition-notification", "message/global-disposition-notification":
		a.doc.dispositions = append(a.doc.dispositions, p.body)
	case "application/json":
		a.doc.json = append(a.doc.json, p.body)
	case "message/rfc822", "message/global", "message/partial", "message/news", "message/rfc-822",
		"text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
		"text/rfc822-header", "text/rfc822":
		a.attach(p)
	default:
		a.text(p, parent, index)
	}
}

// status takes a delivery status. An empty one is none.
func (a *assembler) status(body string) {
	if strings.TrimSpace(body) != "" {
		a.doc.statuses = append(a.doc.statuses, unindented(body))
	}
}

// holdsStatus reports whether some line of a part is a field of a delivery status.
func holdsStatus(body string) bool {
	for line := range strings.SplitSeq(body, "\n") {
		name, _, ok := strings.Cut(unquote(strings.TrimLeft(line, " \t")), ":")
		if ok && statusField(strings.TrimRight(name, " \t")) != "" {
			return true
		}
	}
	return false
}

// unindented takes off the indent, or the marks of a quotation, that all lines of a
// report share with the first.
func unindented(body string) string {
	text := strings.TrimLeft(body, "\n")
	if strings.HasPrefix(text, ">") {
		lines := strings.Split(text, "\n")
		for i := range lines {
			lines[i] = unquote(lines[i])
		}
		return strings.Join(lines, "\n")
	}
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	if indent == "" {
		return body
	}
	return strings.ReplaceAll(strings.TrimPrefix(text, indent), "\n"+indent, "\n")
}

// attach reads a message inside this one.
func (a *assembler) attach(p *part) {
	var doc *document
	if p.encoded {
		doc = a.budget.readBytes([]byte(p.body), a.layers)
	} else {
		doc = a.budget.readInner(p, a.layers)
	}
	if len(doc.header) > 0 || len(doc.prose) > 0 || len(doc.attached) > 0 || len(doc.statuses) > 0 {
		a.doc.attached = append(a.doc.attached, doc)
	}
	a.doc.problems = append(a.doc.problems, doc.problems...)
	a.doc.harmed = a.doc.harmed || doc.harmed
}

// readInner reads a message that was condensed with the one around it.
func (b *budget) readInner(p *part, layers []layer) *document {
	if layers[0].read == nil {
		inner := p.message
		if inner == nil {
			inner = &part{media: "text/plain"} // passed over
		}
		return b.assemble(inner, layers[0].name, layers, true)
	}
	for i, layer := range layers {
		inner, err := layer.tryBytes([]byte(p.body))
		if err == nil {
			return b.assemble(inner, layer.name, layers[i:], true)
		}
	}
	return &document{}
}

// text takes a part that is no report by its type. By its content, it may be.
func (a *assembler) text(p *part, parent string, index int) {
	if len(p.body) == 0 {
		return
	}
	if parent != "" {
		switch {
		case startsReport(p.body):
			a.status(p.body)
			return
		case strings.EqualFold(firstField(p.body), "feedback-type"):
			a.doc.feedback = append(a.doc.feedback, p.body)
			return
		case index > 0 && p.media != "text/html" && startsMessage(p.body):
			a.attach(&part{body: p.body, encoded: true})
			return
		}
	}
	if parent == "" && len(a.doc.header) == 0 && a.late(p) {
		return
	}
	switch {
	case p.media == "text/html", isPage(p.body):
		a.texts = append(a.texts, proseText{html: p.body})
	case strings.HasPrefix(p.media, "text/") && p.media != "text/calendar" && p.media != "text/css":
		a.texts = append(a.texts, newProse(p.body))
	case a.spare == "":
		a.spare = p.body
	}
}

// isPage tells whether text is an HTML page, whatever it is said to be.
func isPage(text string) bool {
	text = strings.TrimLeft(text, " \t\n")
	return hasFoldPrefix(text, "<html") || hasFoldPrefix(text, "<!doctype html")
}

// lateHeader is how far into a text without a header the header of a message may
// start: somebody wrote a line above it.
const lateHeader = 4 << 10

// late takes the message that starts behind the first paragraphs of a text without
// a header.
func (a *assembler) late(p *part) bool {
	for at := 0; ; {
		i := strings.Index(p.body[at:min(len(p.body), lateHeader)], "\n\n")
		if i < 0 {
			return false
		}
		if at += i + 2; startsMessage(p.body[at:]) {
			a.texts = append(a.texts, newProse(p.body[:at]))
			a.attach(&part{body: p.body[at:], encoded: true})
			return true
		}
	}
}

func newProse(text string) (t proseText) {
	text = strings.TrimRight(text, " \t\n")
	if text == "" {
		return t
	}
	t.lines = make([]string, 0, strings.Count(text, "\n")+1)
	for more := true; more; {
		line := text
		end := strings.IndexByte(text, '\n')
		if more = end >= 0; more {
			line, text = text[:end], text[end+1:]
		}
		line = trimEnd(line)
		t.size += len(line)
		t.lines = append(t.lines, line)
	}
	return t
}

// Sizes from which a plain text says something on its own.
const (
	littleText = 200
	someText   = 40
	htmlTimes  = 4
)

// alternative chooses among the texts of a multipart/alternative: the plain ones,
// unless they say next to nothing beside the HTML.
func (a *assembler) alternative(texts []proseText) []proseText {
	plain := 0
	for _, t := range texts {
		plain += t.size
	}
	wantHTML := false
	if plain == 0 {
		wantHTML = true
	} else if plain < littleText && !a.inner {
		html := 0
		var plainNames, htmlNames bool
		for i := range texts {
			texts[i].render()
			if texts[i].isHTML {
				html += texts[i].size
				htmlNames = htmlNames || texts[i].names()
			} else {
				plainNames = plainNames || texts[i].names()
			}
		}
		wantHTML = html > htmlTimes*max(plain, someText) || htmlNames && !plainNames
	}
	return slices.DeleteFunc(texts, func(t proseText) bool {
		return wantHTML != (t.isHTML || t.html != "")
	})
}

// names tells whether the text may hold an address.
func (t *proseText) names() bool {
	return slices.ContainsFunc(t.lines, func(line string) bool { return strings.IndexByte(line, '@') >= 0 })
}

// render makes the lines of an HTML text.
func (t *proseText) render() {
	if t.html != "" {
		*t = newProse(htmlText([]byte(t.html)))
		t.isHTML = true
	}
}

// prose joins the texts. HTML counts where no plain text stands before it.
func (a *assembler) prose() {
	plain := 0
	for _, t := range a.texts {
		if t.html != "" && plain > someText {
			continue
		}
		if t.render(); len(t.lines) == 0 {
			continue
		}
		if !t.isHTML {
			plain += t.size
		}
		if a.doc.prose == nil {
			a.doc.prose = t.lines
			continue
		}
		a.doc.prose = append(append(a.doc.prose, ""), t.lines...)
	}
	if a.doc.prose == nil && len(a.doc.statuses)+len(a.doc.attached)+len(a.doc.json) == 0 {
		a.doc.prose = newProse(a.spare).lines
	}
}
