package dsn

import "strings"

// commands are the commands of RFC 5321, 2033, 3030, 3207 and 4954, and the stage
// at which their reply arrives.
var commands = [...]struct {
	word  string
	stage Stage
}{
	{"RCPT", StageRcpt}, {"MAIL", StageMail}, {"DATA", StageData}, {"BDAT", StageData},
	{"EHLO", StageHelo}, {"HELO", StageHelo}, {"LHLO", StageHelo},
	{"STARTTLS", StageStartTLS}, {"AUTH", StageAuth}, {"QUIT", StageQuit},
}

// FindStage finds the stage of the SMTP dialogue that a text names: "(in reply to
// RCPT TO command)", "after RCPT TO:<user@example.com>", ">>> DATA", "end of data".
// A command that a server only mentions ("need MAIL before RCPT") names none.
func FindStage(text string) Stage {
	best, stage := namedCommand(text)
	if i := strings.Index(text, "end of data"); i >= 0 && i < best {
		best, stage = i, StageData
	}
	if i := initialContact(text); i >= 0 && i < best {
		stage = StageConnect
	}
	return stage
}

// CommandStage returns the stage of an SMTP command line such as
// "RCPT To:<user@example.com>", or "".
func CommandStage(line string) Stage {
	line = strings.TrimLeft(line, "> \t")
	for _, c := range commands {
		if len(line) >= len(c.word) && strings.EqualFold(line[:len(c.word)], c.word) &&
			(len(line) == len(c.word) || !isWord(line[len(c.word)])) {
			return c.stage
		}
	}
	if strings.TrimSpace(line) == "." {
		return StageData
	}
	return ""
}

// namedCommand returns where text first says that it speaks of the reply to a
// command, and the stage of that command; its end and "" where it does not.
func namedCommand(text string) (int, Stage) {
	for i := 0; i+4 <= len(text); i++ {
		if text[i] < 'A' || text[i] > 'S' || text[i+1] < 'A' || text[i+1] > 'U' {
			continue
		}
		for _, c := range commands {
			if !strings.HasPrefix(text[i:], c.word) {
				continue
			}
			if end := i + len(c.word); (end == len(text) || !isWord(text[end])) && introducesCommand(text[:i]) {
				return i, c.stage
			}
		}
	}
	return len(text), ""
}

// introducesCommand reports whether what stands before a command speaks of the
// dialogue: a prompt, or one of the prepositions that lead to a command.
func introducesCommand(before string) bool {
	before = strings.TrimRight(before, " \t\"'`<(")
	if strings.HasSuffix(before, ">>>") || strings.HasSuffix(before, "->") {
		return true
	}
	word := lastWord(before)
	for _, w := range [...]string{"to", "after", "of", "sending", "pipelined", "the", "performing", "during", "stage"} {
		if strings.EqualFold(word, w) {
			return true
		}
	}
	return false
}

// initialContact returns where text names the greeting or the connection as the
// point at which the server spoke.
func initialContact(text string) int {
	i := strings.Index(text, "initial ")
	if i < 0 {
		return -1
	}
	rest := strings.TrimPrefix(text[i+len("initial "):], "server ")
	if strings.HasPrefix(rest, "connection") || strings.HasPrefix(rest, "greeting") {
		return i
	}
	return -1
}
