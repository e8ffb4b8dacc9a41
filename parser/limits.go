package parser

// The defaults of Limits.
const (
	defaultDepth       = 64
	defaultParts       = 1000
	defaultFields      = 1000
	defaultPartHeader  = 1 << 20
	defaultTotalHeader = 4 << 20
	defaultText        = 128 << 10
)

// Caps that follow from no Limits field: what is kept of bodies other than text.
const (
	reportCap   = 512 << 10 // a delivery status, feedback report, JSON payload
	embeddedCap = 512 << 10 // an attached message that is itself encoded
	returnedCap = 2 << 10   // text inside a returned message
	sniffCap    = 8 << 10   // an attachment that may hold a report
	typeCap     = 16 << 10  // a Content-Type value: its boundary may be long
	bodiesCap   = 2 << 20   // all bodies together
	nestingCap  = 8         // encoded messages inside encoded messages
)

// withDefaults returns l with its zero fields set.
func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		field *int
		value int
	}{
		{&l.Depth, defaultDepth},
		{&l.Parts, defaultParts},
		{&l.Fields, defaultFields},
		{&l.PartHeader, defaultPartHeader},
		{&l.TotalHeader, defaultTotalHeader},
		{&l.Text, defaultText},
	} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return l
}
