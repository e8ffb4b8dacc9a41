package output

import (
	"bytes"
	"strings"
	"testing"
)

func TestWriteTable(t *testing.T) {
	columns := []string{"id", "list_action", "title"}
	rows := [][]string{{"漢字", "remove", "a\x1bb"}, {"=x", strings.Repeat("wide ", 12), "last " + strings.Repeat("long ", 12)}}
	for format, want := range map[string]string{
		"text": "ID    LIST ACTION                                       TITLE\n" +
			"漢字  remove                                            a\\u001bb\n" +
			"=x    wide wide wide wide wide wide wide wide wide wi…  last " + strings.Repeat("long ", 12) + "\n",
		"csv":   "id,list_action,title\n漢字,remove,a\\u001bb\n'=x," + rows[1][1] + "," + rows[1][2] + "\n",
		"jsonl": `{"id":"漢字","list_action":"remove","title":"a\u001bb"}` + "\n" + `{"id":"=x","list_action":"` + rows[1][1] + `","title":"` + rows[1][2] + `"}` + "\n",
	} {
		var b bytes.Buffer
		if err := WriteTable(&b, format, columns, rows); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%s: got\n%s\nwant\n%s", format, b.String(), want)
		}
	}
	var b bytes.Buffer
	if err := WriteTable(&b, "json", columns, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("an empty array: %q, %v", b.String(), err)
	}
	if err := WriteTable(&b, "xml", columns, nil); err == nil {
		t.Error("an unknown format is taken")
	}
}
