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
	best, stage := len(text), Stage("")
	for _, c := range commands {
		if i := namedCommand(text[:best], c.word); i >= 0 {
			best, stage = i, c.stage
		}
	}
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

// namedCommand returns where text says that it speaks of the reply to a command.
func namedCommand(text, word string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return -1
		}
		i += from
		from = i + len(word)
		if (from == len(text) || !isWord(text[from])) && introducesCommand(text[:i]) {
			return i
		}
	}
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
