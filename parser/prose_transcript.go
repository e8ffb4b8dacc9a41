package parser

import (
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// A transcript is an SMTP dialogue quoted in prose: ">>> RCPT To:<…>", "<<< 550 …",
// and the lines in which Sendmail sums up ("550 <…>... User unknown").
type transcript struct {
	from, to int             // its lines
	said     map[string]said // by address key
	order    []string        // the addresses as written, in order
	session  said            // what refused the whole session
}

// A said is a reply and where it stands.
type said struct {
	words string
	line  int
	stage dsn.Stage
	host  string

	status string // of the line that sums it up
}

// readTranscript reads the dialogue in the lines from to to; from == to says that
// there is none.
func (r *proseReader) readTranscript(from, to int) transcript {
	var t transcript
	first, last := -1, -1
	for n := from; n < to; n++ {
		if r.scan.Body.Has(n, layouts.Angle|layouts.Colon) && isDialogue(r.lines[n]) {
			if first < 0 {
				first = n
			}
			last = n
		}
	}
	if first < 0 {
		if t.from, t.to = r.answers(from, to); t.from < t.to {
			t.read(r)
		}
		return t
	}
	for first > from && isSpoken(r.lines[first-1]) {
		first--
	}
	for last+1 < to && isSpoken(r.lines[last+1]) {
		last++
	}
	t.from, t.to = first, last+1
	t.read(r)
	return t
}

// answers finds the first run of lines that are refusals of two recipients or more,
// "550 <…>: User unknown", where no command is quoted; from == to says that there is
// none.
func (r *proseReader) answers(from, to int) (first, end int) {
	first = -1
	var named string
	several := false
	for n := from; n <= to; n++ {
		line := ""
		if n < to {
			line = strings.TrimSpace(r.lines[n])
		}
		if isReplyLine(line) && line[0] >= '4' {
			address := addressIn(line)
			if first < 0 {
				first, named = n, address
			}
			several = several || address != "" && named != "" && !strings.EqualFold(address, named)
			continue
		}
		if several {
			return first, n
		}
		first, named = -1, ""
	}
	return 0, 0
}

// arrows mark the lines of a dialogue: who sent what is behind them.
var arrows = [...]string{">>>", "<<<", "-->", "<--", "C:", "S:", ">>", "<<", "In:", "Out:"}

// spoken takes a line of a dialogue apart: the command that one side sent, or the
// reply of the other. Both are "" for any other line.
func spoken(line string) (command, reply string) {
	for i := 0; i < len(line) && i <= 40; i++ {
		if line[i] == '@' {
			return "", ""
		}
		if i+1 == len(line) || !startsArrow(line[i], line[i+1]) {
			continue
		}
		for _, arrow := range arrows {
			if strings.HasPrefix(line[i:], arrow) {
				if command, reply = behindArrow(line, arrow, i); command != "" || reply != "" {
					return command, reply
				}
			}
		}
	}
	return "", ""
}

// startsArrow reports that an arrow starts with two bytes.
func startsArrow(first, second byte) bool {
	switch first {
	case '<':
		return second == '<' || second == '-'
	case '>', '-':
		return second == first
	case 'C', 'S':
		return second == ':'
	case 'I':
		return second == 'n'
	case 'O':
		return second == 'u'
	}
	return false
}

// behindArrow reads what stands behind the arrow at i.
func behindArrow(line, arrow string, i int) (command, reply string) {
	words := strings.TrimSpace(line[i+len(arrow):])
	switch {
	case isReplyLine(words) && (arrow != ">>>" || i > 0), arrow == "<<<" && dsn.ParseStatus(words) != "":
		return "", words
	case dsn.CommandStage(words) != "":
		return words, ""
	}
	return "", ""
}

// isDialogue reports that a line quotes a command or a reply.
func isDialogue(line string) bool {
	command, reply := spoken(line)
	return command != "" || reply != ""
}

// isReplyLine reports that a line starts with a reply code.
func isReplyLine(s string) bool {
	return len(s) >= 3 && s[0] >= '2' && s[0] <= '5' && isDigits(s[1:3]) && (len(s) == 3 || s[3] == ' ' || s[3] == '-')
}

func isDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// isSpoken reports that a line beside a dialogue belongs to it.
func isSpoken(line string) bool {
	line = strings.TrimSpace(line)
	return isReplyLine(line) || strings.HasPrefix(line, "...") || isDialogue(line) || strings.HasSuffix(line, ":") && !strings.Contains(line, "@")
}

func (t *transcript) read(r *proseReader) {
	var stage dsn.Stage
	var rcpt string
	var reply said // the last refusal, of the last command
	host, sent := "", 0
	for n := t.from; n < t.to; n++ {
		line := strings.TrimSpace(r.lines[n])
		command, words := spoken(line)
		switch {
		case command != "":
			stage, rcpt, reply, sent = dsn.CommandStage(command), "", said{}, n
			if stage == dsn.StageRcpt {
				rcpt = addressIn(command)
			}
		case words != "":
			if stage == dsn.StageData && r.scan.Lines[n].Has(layouts.RoleFollowOn) {
				t.wasPipelined(sent)
			}
			if len(words) < 4 || words[0] < '4' || r.scan.Lines[n].Has(layouts.RoleFollowOn) {
				continue
			}
			if reply.words != "" && len(reply.words) > 3 && strings.HasPrefix(words, reply.words[:3]) {
				reply.words = r.oneLine(maxDiagnostic, reply.words, words)
			} else {
				reply = said{words: r.oneLine(maxDiagnostic, words), line: n, stage: stage, host: host}
			}
			if named := addressIn(words); rcpt == "" && stage == dsn.StageData && named != "" && !r.isOwn(named) {
				t.put(named, reply) // a pipelined RCPT was answered after DATA
				continue
			}
			t.put(rcpt, reply)
		case isReplyLine(line):
			if addressIn(line) == "" && line[0] == '5' {
				reply = said{} // another delivery is summed up
				t.session.sumUp(line)
			}
			t.summary(r, n, line, reply)
		default:
			if h := r.scan.Host(r.lines, n, n+1); h != "" {
				host, reply, stage = h, said{}, ""
			}
		}
	}
}

// wasPipelined says that DATA, sent in line command, was answered by "no valid
// recipients": the refusals before that answered the RCPT commands sent with it.
func (t *transcript) wasPipelined(command int) {
	for key, s := range t.said {
		if s.line > command && s.stage == dsn.StageData {
			s.stage = dsn.StageRcpt
			t.said[key] = s
		}
	}
	if t.session.line > command && t.session.stage == dsn.StageData {
		t.session.stage = dsn.StageRcpt
	}
}

// put keeps a refusal of a recipient or, without one, of the session.
func (t *transcript) put(rcpt string, s said) {
	if rcpt == "" {
		if t.session.words == "" && s.stage != dsn.StageQuit {
			t.session = s
		}
		return
	}
	key := dsn.AddressKey(rcpt)
	if _, known := t.said[key]; !known {
		t.order = append(t.order, rcpt)
	}
	if t.said == nil {
		t.said = map[string]said{}
	}
	t.said[key] = s
}

// summary reads a line in which the reporting server sums up. The reply that it
// sums up tells more, unless it answered a command for another recipient.
func (t *transcript) summary(r *proseReader, n int, line string, reply said) {
	address := addressIn(line)
	if address == "" || line[0] < '4' || r.scan.Lines[n].Has(layouts.RoleFollowOn) {
		return
	}
	key := dsn.AddressKey(address)
	if known, ok := t.said[key]; ok {
		known.sumUp(line)
		t.said[key] = known
		return
	}
	own := said{words: r.oneLine(maxDiagnostic, line), line: n}
	if reply.words != "" && reply.stage != dsn.StageRcpt && reply.stage != dsn.StageQuit {
		own = reply
		own.sumUp(line)
	}
	t.put(address, own)
}

// sumUp takes the status code out of a line that sums up the refusal: the refusal
// itself may have had none.
func (s *said) sumUp(line string) {
	if s.words == "" || s.words[0] != line[0] {
		return
	}
	if _, status := dsn.Codes(line); s.status == "" && status != "" && status[0] == line[0] {
		s.status = status
	}
}

// addressIn returns the first address in a line, or "".
func addressIn(line string) string {
	i := strings.IndexByte(line, '@')
	if i < 0 {
		return ""
	}
	start, end := localStart(line, i), domainEnd(line, i)
	if start == i || end == i+1 {
		return ""
	}
	return line[start:end]
}

// addStatus takes the status code of the same refusal, quoted in the dialogue, where
// the reason has none.
func (out *reason) addStatus(s said) {
	if out.status == "" && s.words != "" && len(out.reply) == 3 && strings.HasPrefix(s.words, out.reply) {
		out.status = s.reason().status
	}
}

// reason turns what was said into a reason.
func (s said) reason() reason {
	out := reason{words: s.words, line: s.line, from: s.line, to: s.line + 1, stage: s.stage, host: s.host, rank: rankReply}
	if out.reply, out.status = dsn.Codes(s.words); out.status == "" {
		out.status = s.status
	}
	return out
}

// sumsUp reports that a line of the dialogue is the reporting server's own summary
// of a reply that is quoted too; it may say less, or something else.
func (a *assembly) sumsUp(n int) bool {
	line := strings.TrimSpace(a.r.lines[n])
	if !isReplyLine(line) {
		return false
	}
	s, ok := a.dialogue.said[dsn.AddressKey(addressIn(line))]
	return ok && s.line != n
}
