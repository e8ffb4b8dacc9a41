package dsn

import "strings"

// A Reply is an SMTP reply (RFC 5321 section 4.2) found in a text: a reply code,
// an enhanced status code (RFC 2034), or both.
type Reply struct {
	Code   string // "550", or ""
	Status string // "5.1.1", or ""
	Start  int    // offset of the first code in the text
	End    int    // offset behind the last code
}

// Negative reports whether the reply refuses something, for now or for good.
func (r Reply) Negative() bool {
	if r.Code != "" {
		return r.Code[0] >= '4'
	}
	return r.Status != "" && r.Status[0] >= '4'
}

// maxReplies bounds the replies taken from one text.
const maxReplies = 64

// FindReplies finds the SMTP replies that a text quotes, in order: at its start,
// after "said:", "smtp;", "<<<" or "#", or where a reply code and an enhanced code
// stand together. Ports, addresses, dates, sizes and versions are no replies.
func FindReplies(text string) []Reply { return appendReplies(nil, text, maxReplies) }

// HasReply reports whether a text quotes an SMTP reply, as FindReplies finds them.
func HasReply(text string) bool {
	var room [1]Reply
	return len(appendReplies(room[:0], text, 1)) > 0
}

// appendReplies appends the first replies of a text, so many at most.
func appendReplies(found []Reply, text string, most int) []Reply {
	for i := 0; i+2 < len(text) && len(found) < most; i++ {
		if c := text[i]; c < '2' || c > '5' {
			continue
		}
		if i > 0 && isDigit(text[i-1]) {
			continue
		}
		r, ok := replyAt(text, i)
		if !ok {
			r, ok = statusAt(text, i)
		}
		if ok {
			found = append(found, r)
			i = r.End - 1
		}
	}
	return found
}

// replyAt reads a reply whose code starts at i.
func replyAt(s string, i int) (Reply, bool) {
	if digits(s[i:]) != 3 || i > 0 && (isWord(s[i-1]) || strings.IndexByte("./@_%$", s[i-1]) >= 0) {
		return Reply{}, false
	}
	end := i + 3
	if r, ok := underscored(s, i); ok {
		return r, true
	}
	if end < len(s) && (isLetter(s[end]) || strings.IndexByte("/@%_=", s[end]) >= 0) {
		return Reply{}, false
	}
	if end+1 < len(s) && (s[end] == '.' || s[end] == ',' || s[end] == ':') && isDigit(s[end+1]) {
		return Reply{}, false
	}
	r := Reply{Code: s[i:end], Start: i, End: end}
	if at := end + gap(s[end:]); at > end {
		if n := statusLen(s[at:]); n > 0 && (at+n == len(s) || !isWord(s[at+n])) {
			r.Status, r.End = s[at:at+n], at+n
			return r, true
		}
	}
	if s[i+1] > '5' && !definite(s, i) || !plausible(r.Code) {
		return Reply{}, false
	}
	return r, quoted(s, i) && !measure(s[end:])
}

// underscored reads a reply whose spaces became underscores, as some servers quote
// one that they keep as a word of a log: "550_5.1.1_User_unknown".
func underscored(s string, i int) (Reply, bool) {
	end := i + 3
	if end+1 >= len(s) || s[end] != '_' || i > 0 && s[i-1] > ' ' {
		return Reply{}, false
	}
	r := Reply{Code: s[i:end], Start: i, End: end}
	if n := statusLen(s[end+1:]); n > 0 {
		r.Status, r.End = s[end+1:end+1+n], end+1+n
	}
	return r, plausible(r.Code) && (r.Status != "" || isLetter(s[end+1]))
}

// gap measures what may stand between a reply code and its enhanced code.
func gap(s string) int {
	n := 0
	for n < len(s) && n < 6 && strings.IndexByte(" -#('\"[:", s[n]) >= 0 {
		n++
	}
	return n
}

// plausible reports whether code may be a reply code by itself. Successes are those
// of RFC 5321 and 4954; codes that mail servers do not send (404, 443) are the web's.
func plausible(code string) bool {
	switch code[0] {
	case '2', '3':
		switch code {
		case "211", "214", "220", "221", "235", "250", "251", "252", "334", "354":
			return true
		}
		return false
	case '4':
		return code[1] >= '2' && code != "443"
	}
	return true
}

// definite reports whether the code at i starts the text or follows a marker that
// nothing but a reply follows.
func definite(s string, i int) bool {
	before := strings.TrimRight(s[:i], " \t\"'")
	return before == "" || strings.HasSuffix(before, ";") || strings.HasSuffix(before, "<<<") || introducesCode(lastWord(before))
}

// quoted reports whether the code at i stands where a reply is quoted.
func quoted(s string, i int) bool {
	before := strings.TrimRight(s[:i], " \t\"'`([<{")
	if before == "" {
		return i == len(s)-3 || startsWords(s[i+3:]) || numbered(s[i+3:])
	}
	if s[i-1] == '(' && inBrackets(s, i) {
		return true
	}
	spaced := before != s[:i]
	last := before[len(before)-1]
	switch {
	case startsQuote(s[i+3:]):
		return spaced
	case last == '\n' || last == '\r':
		return i+3 == len(s) || startsWords(s[i+3:])
	case last == '#':
		return i+3 == len(s) || s[i+3] != ')' // "(ERROR #220)" numbers something else
	case last == ';' || last == '=':
		return true
	case last == ':':
		return spaced && !isClock(before) || wordBefore(before)
	case strings.HasSuffix(before, "<<<"), strings.HasSuffix(before, "->"), strings.HasSuffix(before, "..."):
		return true
	case last == '>' && spaced:
		return s[i-1] == ' ' && startsWords(s[i+3:])
	case isLetter(last):
		return introducesCode(lastWord(before))
	case last == '-' || last == ',' || last == '|':
		return spaced && s[i-1] == ' ' && len(before) > 1 && before[len(before)-2] == ' ' && startsWords(s[i+3:])
	}
	return false
}

// inBrackets reports whether the code at i is that of a reply in brackets: "(550)",
// "(552 mailbox full)". A count in brackets is none.
func inBrackets(s string, i int) bool {
	switch s[i : i+3] {
	case "421", "450", "451", "452", "550", "551", "552", "553", "554":
	default:
		return false
	}
	rest := s[i+3:]
	if strings.HasPrefix(rest, ")") {
		return s[i] == '5'
	}
	return strings.HasPrefix(rest, " ") && len(rest) > 4 && isLetter(rest[1]) && strings.IndexByte(rest, ')') > 0
}

// wordBefore reports whether a plain word precedes the colon at the end of s, as
// in "ERROR:550", not a host ("mx.example.com:465") or a number.
func wordBefore(s string) bool {
	s = s[:len(s)-1]
	w := lastWord(s)
	return len(w) > 2 && (len(w) == len(s) || s[len(s)-len(w)-1] == ' ')
}

// isClock reports whether s ends in a time of day, "10:45:".
func isClock(s string) bool {
	return len(s) > 2 && isDigit(s[len(s)-2]) && len(s) > 3 && (isDigit(s[len(s)-3]) || s[len(s)-3] == ':')
}

// startsWords reports whether s continues a reply: a space, hyphen or colon and then
// no further number.
func startsWords(s string) bool {
	if s == "" || strings.IndexByte(" -:\t\n\r", s[0]) < 0 {
		return false
	}
	s = strings.TrimLeft(s, " -:\t")
	return s == "" || !isDigit(s[0])
}

// numbered reports whether s goes on with a number of the server's own and words:
// Yahoo's "554 30 Sorry, your message …".
func numbered(s string) bool {
	if s == "" || s[0] != ' ' {
		return false
	}
	n := digits(s[1:])
	return (n == 1 || n == 2) && len(s) > n+2 && s[n+1] == ' ' && isLetter(s[n+2]) && !measure(s[n+1:])
}

// startsQuote reports whether s is the rest of a reply that is quoted as it came:
// "550-'no such user'".
func startsQuote(s string) bool {
	return len(s) > 2 && s[0] == '-' && (s[1] == '\'' || s[1] == '"') && !isDigit(s[2])
}

// measure reports whether a unit follows: the number is a size or a duration.
func measure(s string) bool {
	s = strings.TrimLeft(s, " ")
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	for _, unit := range [...]string{"kb", "mb", "gb", "kib", "mib", "b", "k", "m", "byte", "bytes", "kbytes", "mbytes",
		"octets", "second", "seconds", "minutes", "hours", "days", "s", "ms", "am", "pm", "x", "px", "times", "messages"} {
		if strings.EqualFold(s[:n], unit) {
			return true
		}
	}
	return false
}

// statusAt reads an enhanced code without a reply code: "(#5.1.1)", "smtp; 5.1.1".
func statusAt(s string, i int) (Reply, bool) {
	n := statusLen(s[i:])
	if n == 0 || !standsAlone(s, i, i+n) {
		return Reply{}, false
	}
	before := strings.TrimRight(s[:i], " \t\"'")
	ok := before == "" || strings.HasSuffix(before, "#") || strings.HasSuffix(before, ";") ||
		s[i-1] == '(' && i+n < len(s) && s[i+n] == ')' ||
		isLetter(before[len(before)-1]) && introducesCode(lastWord(before)) ||
		before[len(before)-1] == '\n' || strings.HasSuffix(before, "<<<") ||
		strings.HasSuffix(before, ":") && introducesCode(lastWord(before[:len(before)-1]))
	if !ok {
		return Reply{}, false
	}
	return Reply{Status: s[i : i+n], Start: i, End: i + n}, true
}

// badSequence answers a command sent out of order, such as DATA after every
// recipient was refused: it follows from another refusal and is no reason.
const badSequence = "503"

// Codes takes the reply code and the enhanced code that tell most out of the words
// of a server. Either may be "". Refusals go before successes, and a 503, which
// only follows from another refusal, comes last.
func Codes(words string) (reply, status string) {
	sequence, positive := Reply{}, Reply{}
	var room [4]Reply
	for _, r := range appendReplies(room[:0], words, maxReplies) {
		switch {
		case !r.Negative():
			if positive.Code == "" {
				positive = r
			}
			continue
		case r.Code == badSequence:
			sequence = r
			continue
		}
		if reply == "" {
			reply = r.Code
		}
		status = BetterStatus(status, r.Status)
	}
	if reply == "" && status == "" {
		if reply, status = sequence.Code, sequence.Status; reply == "" {
			reply, status = positive.Code, positive.Status
		}
	}
	for at, code := 0, ""; StatusRank(status) < 2; at++ {
		if code, at = findStatus(words, at); code == "" {
			break
		}
		if reply == "" || code[0] == reply[0] || reply[0] >= '4' && code[0] >= '4' {
			status = BetterStatus(status, code)
		}
	}
	return reply, status
}
