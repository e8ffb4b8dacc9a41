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
	return len(f.name) == len(name) && (name == "" || f.name[0]|0x20 == name[0]|0x20) && strings.EqualFold(f.name, name)
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
