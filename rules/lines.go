package rules

import "strings"

// A lineTable finds the lines of a TOML file's tables and keys, for error messages.
type lineTable struct {
	lines   []string
	headers map[string][]int // "[[rule]]" -> its lines, counted from 1
}

// readLines notes where the headers of arrays of tables stand, outside of
// multi-line strings.
func readLines(data string) *lineTable {
	t := &lineTable{lines: strings.Split(data, "\n"), headers: map[string][]int{}}
	quote := ""
	for i, line := range t.lines {
		rest := strings.TrimSpace(line)
		if quote == "" && strings.HasPrefix(rest, "[[") {
			if j := strings.Index(rest, "]]"); j > 0 {
				name := strings.TrimSpace(rest[2:j])
				t.headers[name] = append(t.headers[name], i+1)
			}
		}
		quote = quoteAfter(quote, rest)
	}
	return t
}

// quoteAfter gives the multi-line quote that is open after a line, given the one
// that is open before it.
func quoteAfter(quote, line string) string {
	for line != "" {
		if quote != "" {
			j := strings.Index(line, quote)
			if j < 0 {
				return quote
			}
			line, quote = line[j+len(quote):], ""
			continue
		}
		single, double, comment := strings.Index(line, "'''"), strings.Index(line, `"""`), strings.IndexByte(line, '#')
		switch {
		case single < 0 && double < 0:
			return ""
		case comment >= 0 && (single < 0 || comment < single) && (double < 0 || comment < double) && !strings.ContainsAny(line[:comment], `"'`):
			return ""
		case double < 0 || single >= 0 && single < double:
			line, quote = line[single+3:], "'''"
		default:
			line, quote = line[double+3:], `"""`
		}
	}
	return quote
}

// header gives the line of the i-th table of that name, or 1.
func (t *lineTable) header(name string, i int) int {
	if h := t.headers[name]; i < len(h) {
		return h[i]
	}
	return 1
}

// key gives the first line at or after from that sets the key, or from.
func (t *lineTable) key(name string, from int) int {
	for i := max(from-1, 0); i < len(t.lines); i++ {
		rest, ok := strings.CutPrefix(strings.TrimSpace(t.lines[i]), name)
		if ok && strings.HasPrefix(strings.TrimSpace(rest), "=") {
			return i + 1
		}
	}
	return from
}
