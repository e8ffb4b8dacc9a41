package mailbox

import (
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x{[", windowSize) + `"}`
	tests := []struct {
		name, in string
		want     []string
		numbered bool
		problem  string
	}{
		{"one", "\n{\"a\": \"}\\\"{\", \"b\": [{}]}\n", []string{`{"a": "}\"{", "b": [{}]}`}, false, ""},
		{"pretty", "{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n", []string{"{\n  \"a\": 1\n}", "{\n  \"b\": 2\n}"}, true, ""},
		{"together", `{"a":1}{"b":2}`, []string{`{"a":1}`, `{"b":2}`}, true, ""},
		{"lines", "{\"a\":1}\n{\"b\":\n[1]\n\n{\"c\":3}", []string{`{"a":1}`, `{"b":`, `[1]`, `{"c":3}`}, true, ""},
		{"CRLF", "{\"a\":1}\r\n{\"b\":2}\r\n", []string{`{"a":1}`, `{"b":2}`}, true, ""},
		{"CR", "{\"a\":1}\r{\"b\":2}\r", []string{`{"a":1}`, `{"b":2}`}, true, ""},
		{"array", "[ {\"a\":1},\n{\"b\":[{}]} ]\n{\"c\":3}", []string{`{"a":1}`, `{"b":[{}]}`, `{"c":3}`}, true, ""},
		{"array of others", `["a", {"b":1}]`, []string{`["a", {"b":1}]`}, true, ""},
		{"junk line", "{\"a\":1}\nhello\nyou\n{\"b\":2}\n", []string{`{"a":1}`, `{"b":2}`}, true, "- at byte 8: the data are damaged: this is not JSON; the values after it were read"},
		{"cut", "{\n\"a\":1}\n{\n\"b\": [", []string{"{\n\"a\":1}", "{\n\"b\": ["}, true, "-#2 at byte 17: the data end early, in the middle of a JSON value; get the whole file"},
		{"long", long + "\n" + long, []string{long, long}, true, ""},
		{"long line", "{\"a\":1}\n" + long + "\n{}", []string{`{"a":1}`, long, `{}`}, true, ""},
		{"not JSON", "{hello}\n", []string{"{hello}\n"}, false, ""},
		{"a header", "[x: y\n", []string{"[x: y\n"}, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			messages, problems := all(t, "-", Options{Stdin: strings.NewReader(tt.in)})
			var out []string
			for i, m := range messages {
				out = append(out, m.Text)
				if strings.Contains(m.Source, "#") != tt.numbered {
					t.Errorf("source %s", m.Source)
				}
				if !strings.HasPrefix(tt.in[m.Offset:], m.Text) {
					t.Errorf("message %d is not at %d", i, m.Offset)
				}
			}
			equal(t, "texts", out, tt.want)
			equal(t, "problems", strings.Join(problems, "\n"), tt.problem)
		})
	}
}
