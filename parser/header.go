package parser

import "strings"

// get returns the value of the first field of that name, or "". Names compare
// without regard to case.
func (h header) get(name string) string {
	for i := range h {
		if h[i].is(name) {
			return h[i].value
		}
	}
	return ""
}

// is tells whether the field has that name. Names are ASCII: as long in either case.
func (f *field) is(name string) bool {
	if len(f.name) != len(name) || name != "" && f.name[0]|0x20 != name[0]|0x20 {
		return false
	}
	return f.name == name || strings.EqualFold(f.name, name)
}

// all returns the values of all fields of that name, in order.
func (h header) all(name string) []string {
	var values []string
	for i := range h {
		if h[i].is(name) {
			values = append(values, h[i].value)
		}
	}
	return values
}

// has tells whether the header holds a field of that name, even an empty one.
func (h header) has(name string) bool {
	for i := range h {
		if h[i].is(name) {
			return true
		}
	}
	return false
}

// A nameTable finds the names of fields in a list, by their length first.
type nameTable [maxTableName + 1][]tableName

// A tableName is a name and its place in the list.
type tableName struct {
	name  string
	place int
}

// maxTableName is the length of the longest name in a nameTable.
const maxTableName = 32

// newNameTable makes a table of names.
func newNameTable(names ...string) *nameTable {
	t := new(nameTable)
	for i, name := range names {
		t[len(name)] = append(t[len(name)], tableName{name, i})
	}
	return t
}

// place returns where the list holds a name, without regard to case, or -1.
func (t *nameTable) place(name string) int {
	if len(name) > maxTableName || name == "" {
		return -1
	}
	for _, n := range t[len(name)] {
		if n.name[0]|0x20 == name[0]|0x20 && strings.EqualFold(n.name, name) {
			return n.place
		}
	}
	return -1
}
