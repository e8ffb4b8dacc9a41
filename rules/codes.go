package rules

import (
	"fmt"
	"slices"
	"strings"
)

// A codeTable says what a bare code means. It decides where no phrase does.
type codeTable struct {
	status []codeEntry // sorted by code
	reply  []codeEntry
}

// A codeEntry is the meaning of a code or of a class of codes.
type codeEntry struct {
	Code    string     `toml:"code"` // "5.1.1", "x.1.1", "5.1", "x.1", "5"; "550", "5xx"
	Cause   string     `toml:"cause"`
	Action  ListAction `toml:"action"`  // overrides the cause's, or ""
	Fix     string     `toml:"fix"`     // overrides the cause's, or ""
	Source  string     `toml:"source"`  // the RFC that defines the code, or who uses it
	Generic bool       `toml:"generic"` // says little: gives way to a code that says more
	cause   int
}

type codesFile struct {
	Status []codeEntry `toml:"status"`
	Reply  []codeEntry `toml:"reply"`
}

// codes reads codes.toml.
func (l *loader) codes(name string) {
	var f codesFile
	lines, ok := l.decode(name, &f)
	if !ok {
		return
	}
	l.source.codes.status = l.codeEntries(name, "status", f.Status, lines, validStatusEntry)
	l.source.codes.reply = l.codeEntries(name, "reply", f.Reply, lines, validReplyEntry)
}

func (l *loader) codeEntries(name, table string, list []codeEntry, lines *lineTable, valid func(string) bool) []codeEntry {
	var out []codeEntry
	for i, e := range list {
		line := lines.header(table, i)
		bad := func(format string, args ...any) {
			l.bad(name, line, table+":"+e.Code, fmt.Sprintf(format, args...))
		}
		e.cause = causeIndex(e.Cause)
		switch {
		case !valid(e.Code):
			bad("%q is no code", e.Code)
		case e.cause < 0:
			bad("%q is not a cause", e.Cause)
		case e.Action != "" && !validAction(e.Action):
			bad("action must be remove, keep, fix or review, not %q", e.Action)
		case !plain(e.Fix):
			bad("fix must be plain text on one line")
		case strings.TrimSpace(e.Source) == "":
			bad("source is missing")
		case table == "reply" && l.removes(&e):
			bad("a bare reply code removes nobody: give it action = \"review\"")
		case slices.ContainsFunc(out, func(x codeEntry) bool { return x.Code == e.Code }):
			bad("the code stands here twice")
		default:
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b codeEntry) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// removes reports whether an entry leads to a removal, by itself or by its cause.
func (l *loader) removes(e *codeEntry) bool {
	if e.Action != "" {
		return e.Action == Remove
	}
	for _, c := range l.source.causes {
		if c.ID == e.Cause {
			return c.Action == Remove
		}
	}
	return false
}

func validStatusEntry(s string) bool {
	if rest, ok := strings.CutPrefix(s, "x."); ok {
		return validStatus("5." + rest)
	}
	return validStatus(s)
}

func validReplyEntry(s string) bool {
	return len(s) == 3 && s[0] >= '1' && s[0] <= '5' && (s[1:] == "xx" || strings.Trim(s, "0123456789") == "")
}

// find gives the entry of a code.
func find(list []codeEntry, code string) *codeEntry {
	i, ok := slices.BinarySearchFunc(list, code, func(e codeEntry, c string) int { return strings.Compare(e.Code, c) })
	if !ok {
		return nil
	}
	return &list[i]
}

// byStatus gives the most specific entry for an enhanced status code: of the code
// itself, of its subject and detail in any class, of its subject, of its class.
func (t *codeTable) byStatus(code string) *codeEntry {
	if len(code) < 5 {
		return nil
	}
	class, rest := code[:1], code[2:]
	subject, _, _ := strings.Cut(rest, ".")
	for _, e := range [...]*codeEntry{
		find(t.status, code), find(t.status, "x."+rest),
		find(t.status, code[:2+len(subject)]), find(t.status, "x."+subject), find(t.status, class),
	} {
		if e != nil {
			return e
		}
	}
	return nil
}

// byReply gives the most specific entry for a reply code.
func (t *codeTable) byReply(code string) *codeEntry {
	if len(code) != 3 {
		return nil
	}
	if e := find(t.reply, code); e != nil {
		return e
	}
	return find(t.reply, code[:1]+"xx")
}
