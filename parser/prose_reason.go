package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// The bounds of what is kept of the words about one recipient.
const (
	maxDiagnostic = 1200
	maxContext    = 2000
)

// A reason is what some lines say of why mail failed.
type reason struct {
	words  string // the words, on one line once finish was called
	line   int    // where they start
	from   int    // the lines they were taken from
	to     int
	text   string // all that the lines say
	reply  string
	status string
	stage  dsn.Stage
	host   string
	rank   int // how surely this is a reason; 0 is none
}

// The ranks of a reason.
const (
	rankNone    = iota
	rankText    // some words
	rankWords   // words that reasons have
	rankLabel   // words announced as the reason
	rankStatus  // an enhanced status code
	rankReply   // a reply code
	rankPattern // what a layout's pattern caught
)

// A stretch is lines from a place in the first to the end of the last.
type stretch struct {
	from, to int // lines
	offset   int // in the first line
}

// A gathering is the lines of a stretch that may hold a reason.
type gathering struct {
	lines  []string // trimmed
	size   int      // of the text that they make, a line feed between each
	starts []int    // for each line, where it starts in the text, and its number
	label  int      // where in the text words start that are announced as the reason, or -1
	noisy  bool     // the first line says nothing of a reason
}

// gather collects the lines of a stretch.
func (r *proseReader) gather(s stretch, skip func(n int) bool) *gathering {
	g := &r.gathering
	*g = gathering{lines: g.lines[:0], starts: g.starts[:0], label: -1}
	for n := s.from; n < s.to && g.size < 4*maxDiagnostic; n++ {
		line := r.lines[n]
		if n == s.from {
			line = line[min(s.offset, len(line)):]
			g.noisy = s.offset == 0 && r.scan.Lines[n].Has(layouts.RoleNoise) && !r.scan.Lines[n].Has(layouts.RoleLabel)
		}
		if line = strings.TrimSpace(line); line == "" || skip(n) || isRule(line) {
			continue
		}
		if r.scan.Lines[n].Has(layouts.RoleLabel) && g.label < 0 && g.announces(line, n > s.from || s.offset == 0) {
			continue
		}
		g.add(line, n)
	}
	if g.label >= g.size {
		g.label = -1
	}
	return g
}

// announces notes where the reason starts that a line announces, and reports that it
// does no more than that; whole says that it is a whole line.
func (g *gathering) announces(line string, whole bool) bool {
	colon := strings.IndexAny(line, ":：")
	if colon > 0 && colon >= len(line)-3 {
		g.label = g.size
		return true
	}
	if colon > 0 && colon < 40 && whole {
		_, size := utf8.DecodeRuneInString(line[colon:])
		g.label = g.size + colon + size
		if g.size > 0 {
			g.label++
		}
	}
	return false
}

// add adds line n.
func (g *gathering) add(line string, n int) {
	if g.size > 0 {
		g.size++
	}
	g.lines, g.starts = append(g.lines, line), append(g.starts, g.size, n)
	g.size += len(line)
}

// text returns the lines as one text.
func (g *gathering) text() string {
	if len(g.lines) == 1 {
		return g.lines[0]
	}
	return strings.Join(g.lines, "\n")
}

// isHeading reports that words are one line that only announces others.
func isHeading(words string) bool {
	if !strings.ContainsAny(words, " \n") && strings.Contains(words, "@") {
		return true // an address alone
	}
	return strings.HasSuffix(words, ":") && !strings.Contains(words, "\n")
}

// isRule reports that a line is drawn, with or without a title in it. A refusal may
// be marked like one: "*** 550 no such user".
func isRule(line string) bool {
	drawn := strings.HasPrefix(line, "---") || strings.HasPrefix(line, "===") || strings.HasPrefix(line, "***") || strings.HasPrefix(line, "___")
	return drawn && !isReplyLine(strings.TrimLeft(line, "-=*_> "))
}

// readReason reads the lines of a stretch as one reason.
func (r *proseReader) readReason(s stretch, skip func(n int) bool) reason {
	out := reason{from: s.from, to: s.to, line: s.from}
	g := r.gather(s, skip)
	words := g.text()
	if at := leadIn(words); at < len(words) && !isHeading(words[at:]) {
		out.take(words, at, g)
	}
	if g.noisy && out.rank < rankStatus {
		return reason{}
	}
	out.text = words
	if out.rank == rankText {
		roles := r.anyRole(s.from, s.to)
		if roles.Has(layouts.RoleReason) || roles.Has(layouts.RoleFailed) && !roles.Has(layouts.RoleHeading) {
			out.rank = rankWords
		}
	}
	return out
}

// leadIn measures the punctuation before the first word.
func leadIn(words string) int {
	if words != "" && isASCIIAlnum(words[0]) {
		return 0
	}
	return len(words) - len(strings.TrimLeft(words, " \n:;,.-–—>)]}*|\"'"))
}

// mayHoldCode reports that a digit stands in words with which a code starts.
func mayHoldCode(words string) bool {
	for i := range len(words) {
		if '2' <= words[i] && words[i] <= '5' {
			return true
		}
	}
	return false
}

// take fills in the words from offset at on, cut to the server's reply where one
// is quoted.
func (out *reason) take(words string, at int, g *gathering) {
	out.rank = rankText
	if g.label > at {
		at, out.rank = g.label, rankLabel
	}
	if mayHoldCode(words) {
		at = out.takeCodes(words, at)
	}
	for i := 0; i < len(g.starts); i += 2 {
		if g.starts[i] <= at {
			out.line = g.starts[i+1]
		}
	}
	out.words = words[at:]
}

// takeCodes fills in the codes, and returns where the words start: at the server's
// reply where one is quoted.
func (out *reason) takeCodes(words string, at int) int {
	if start := refusal(words, at); start >= 0 {
		out.rank = rankReply
		if quotes(words, start) {
			at = start
		}
	}
	out.reply, out.status = dsn.Codes(words[at:])
	if out.status != "" {
		out.rank = max(out.rank, rankStatus)
	}
	if out.status == "" && out.reply == "" && at > 0 {
		out.reply, out.status = dsn.Codes(words)
	}
	return at
}

// finish puts the words on one line.
func (out *reason) finish(r *proseReader) {
	out.words = unpaired(r.oneLine(maxDiagnostic, out.words))
}

// unpaired removes a bracket or quote at the end of words that was opened before
// them.
func unpaired(words string) string {
	for _, pair := range [...]string{"[]", "()", "''", `""`} {
		if body, ok := strings.CutSuffix(words, pair[1:]); ok && !strings.Contains(body, pair[:1]) {
			return body
		}
	}
	return words
}

// refusal returns where the first reply that refuses something stands in words
// from offset at on, -1 where there is none.
func refusal(words string, at int) int {
	for _, reply := range dsn.FindReplies(words[at:]) {
		if reply.Code != "" && reply.Negative() {
			return at + reply.Start
		}
	}
	if strings.IndexByte(words[at:], '\n') < 0 {
		return -1
	}
	for at < len(words) { // a line of its own makes a reply surer
		line, _, _ := strings.Cut(words[at:], "\n")
		for _, reply := range dsn.FindReplies(line) {
			if reply.Code != "" && reply.Negative() {
				return at + reply.Start
			}
		}
		at += len(line) + 1
	}
	return -1
}

// quotes reports that the reply at start of a text is quoted with its words, so
// that what stands before it only leads to it.
func quotes(text string, start int) bool {
	letters := 0
	for _, c := range text[start:] {
		if c > '9' && c != ':' {
			letters++
		}
	}
	before := strings.TrimRight(text[:start], " \n")
	return letters >= 8 && !strings.HasSuffix(before, "(") && !strings.HasSuffix(before, "#")
}

// patternReason makes a reason of words that a layout's pattern caught in line n.
func (r *proseReader) patternReason(words string, n int) reason {
	out := reason{line: n, from: n, to: n + 1}
	out.take(words, 0, &gathering{starts: []int{0, n}, label: -1})
	out.rank = rankPattern
	out.text = words
	return out
}

// stages maps the roles of phrases to stages, the ones that tell most first.
var stages = [...]struct {
	role  layouts.Role
	stage dsn.Stage
}{
	{layouts.RoleData, dsn.StageData}, {layouts.RoleRcpt, dsn.StageRcpt}, {layouts.RoleMail, dsn.StageMail},
	{layouts.RoleAuth, dsn.StageAuth}, {layouts.RoleStartTLS, dsn.StageStartTLS}, {layouts.RoleHelo, dsn.StageHelo},
	{layouts.RoleConnect, dsn.StageConnect},
}

func (r *proseReader) stageOf(words string, s stretch) dsn.Stage {
	if stage := dsn.FindStage(words); stage != "" {
		return stage
	}
	for n := s.from; n < s.to; n++ {
		for _, st := range stages {
			if r.scan.Lines[n].Has(st.role) {
				return st.stage
			}
		}
	}
	return ""
}

// paragraphs calls yield for each run of lines from to to that are not blank.
func (r *proseReader) paragraphs(s stretch, yield func(stretch) bool) {
	for n := s.from; n < s.to; {
		if r.isBlank(n) && (n > s.from || s.offset == 0) {
			n++
			continue
		}
		end := n + 1
		for end < s.to && !r.isBlank(end) {
			end++
		}
		part := stretch{from: n, to: end}
		if n == s.from {
			part.offset = s.offset
		}
		if !yield(part) {
			return
		}
		n = end
	}
}

// bestReason returns the reason of the highest rank in a stretch, the first of
// equals. attached says that its first paragraph belongs to a recipient.
func (r *proseReader) bestReason(s stretch, attached bool, skip func(n int) bool) reason {
	var best reason
	first := attached
	r.paragraphs(s, func(p stretch) bool {
		found := r.readReason(p, skip)
		labelled := r.labelled(p)
		switch {
		case labelled && found.rank > rankNone && found.rank < rankLabel:
			found.rank = rankLabel
		case found.rank == rankText && !first, found.rank == rankWords && attached && !first && best.rank > rankNone:
			found.rank = rankNone
		}
		if first && found.rank != rankNone || found.rank > best.rank {
			best = found
		}
		first = first && found.rank == rankNone
		return best.rank < rankReply
	})
	return best
}

// labelled reports that the line above a paragraph announces it as the reason.
func (r *proseReader) labelled(p stretch) bool {
	n := p.from - 1
	for n > 0 && r.isBlank(n) {
		n--
	}
	if n < 0 || p.offset > 0 || !r.scan.Lines[n].Has(layouts.RoleLabel) {
		return false
	}
	line := strings.TrimSpace(r.lines[n])
	return strings.HasSuffix(line, ":") || strings.HasSuffix(line, "：") || isRule(line)
}
