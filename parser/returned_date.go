package parser

import (
	"net/mail"
	"strings"
	"time"
)

// messageDate returns when a message was written: its Date field, else the date of
// its newest Received or Delivery-Date field. Zero where none can be read.
func messageDate(h header) time.Time {
	for _, name := range [...]string{"Date", "Resent-Date", "Delivery-Date", "X-Date"} {
		if v := h.get(name); v != "" {
			if t := parseDate(v); !t.IsZero() {
				return t
			}
		}
	}
	if v := h.get("Received"); v != "" {
		if i := strings.LastIndexByte(v, ';'); i >= 0 {
			return parseDate(v[i+1:])
		}
	}
	return time.Time{}
}

// dateForms are the forms of dates that mail has and RFC 5322 does not allow.
var dateForms = [...]string{
	"2 Jan 2006 15:04:05 -0700", "2 Jan 06 15:04:05 -0700", "2 Jan 2006 15:04:05", "2 Jan 06 15:04:05",
	"2 Jan 2006 15:04 -0700", "2 January 2006 15:04:05 -0700", "Jan 2 15:04:05 2006 -0700", "Jan 2 15:04:05 2006",
	"Jan 2 15:04:05 -0700 2006", "Jan 2 2006 15:04:05", "2-Jan-2006 15:04:05 -0700", "2-Jan-2006 15:04:05",
	"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006/01/02 15:04:05",
}

// parseDate reads a date as mail gives it, in any of the forms met. Dates that make
// no sense are zero.
func parseDate(s string) time.Time {
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > 200 {
		return time.Time{}
	}
	if t, ok := usualDate(s); ok {
		return sane(t)
	}
	if c := s[len(s)-1]; '0' <= c && c <= '9' || c == ')' {
		if t, err := mail.ParseDate(s); err == nil {
			return sane(t)
		}
	}
	s = strings.Join(strings.Fields(dropComment(s)), " ")
	if _, rest, ok := strings.Cut(s, ","); ok && len(s)-len(rest) <= 12 {
		s = strings.TrimSpace(rest)
	} else if word, rest, ok := strings.Cut(s, " "); ok && isWeekday(word) {
		s = rest
	}
	zoned := namedZone(s)
	if t, err := mail.ParseDate(zoned); err == nil {
		return sane(t)
	}
	for _, form := range dateForms {
		if t, err := time.Parse(form, zoned); err == nil {
			return sane(t)
		}
	}
	if i := strings.LastIndexByte(zoned, ' '); i > 0 {
		for _, form := range dateForms {
			if t, err := time.Parse(form, zoned[:i]); err == nil {
				return sane(t)
			}
		}
	}
	return time.Time{}
}

// usualDate reads the form that nearly all mail has, "Tue, 3 Mar 2026 09:00:00 +0100",
// without trying any other.
func usualDate(s string) (time.Time, bool) {
	if len(s) > 4 && s[3] == ',' {
		s = strings.TrimLeft(s[4:], " ")
	}
	const rest = " Mar 2026 09:00:00 +0100"
	at := 2 // behind the day
	if len(s) > 1 && s[1] == ' ' {
		at = 1
	}
	if len(s) > at+len(rest) && s[at+len(rest)] == ' ' && s[len(s)-1] == ')' {
		s = s[:at+len(rest)]
	}
	if len(s) != at+len(rest) {
		return time.Time{}, false
	}
	day, ok := number(s[:at])
	month := monthNamed(s[at+1 : at+4])
	year, ok1 := number(s[at+5 : at+9])
	clock, ok2 := clockOf(s[at+10 : at+18])
	zone, ok3 := zoneOf(s[at+19:])
	for _, i := range [...]int{0, 4, 9, 18} {
		ok = ok && s[at+i] == ' '
	}
	if !ok || !ok1 || !ok2 || !ok3 || month == 0 || day == 0 || day > 28 && day > daysIn(month, year) {
		return time.Time{}, false
	}
	return time.Date(year, month, day, 0, 0, clock, 0, zone), true
}

// number reads digits.
func number(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// monthNamed returns the month with a name of three letters, 0 for none.
func monthNamed(s string) time.Month {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	if i := strings.Index(names, s); i >= 0 && i%3 == 0 {
		return time.Month(i/3 + 1)
	}
	return 0
}

func daysIn(month time.Month, year int) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// clockOf returns the seconds of the day in "15:04:05".
func clockOf(s string) (seconds int, ok bool) {
	h, ok1 := number(s[:2])
	m, ok2 := number(s[3:5])
	sec, ok3 := number(s[6:])
	ok = ok1 && ok2 && ok3 && s[2] == ':' && s[5] == ':' && h < 24 && m < 60 && sec < 60
	return h*3600 + m*60 + sec, ok
}

// zoneOf returns the zone of an offset, "+0100".
func zoneOf(s string) (zone *time.Location, ok bool) {
	h, ok1 := number(s[1:3])
	m, ok2 := number(s[3:])
	if !ok1 || !ok2 || h > 23 || m > 59 || s[0] != '+' && s[0] != '-' {
		return nil, false
	}
	offset := h*3600 + m*60
	if offset == 0 {
		return time.UTC, true
	}
	if s[0] == '-' {
		offset = -offset
	}
	return time.FixedZone("", offset), true
}

// dropComment removes a trailing comment, "(CET)".
func dropComment(s string) string {
	if i := strings.IndexByte(s, '('); i > 0 {
		return strings.TrimSpace(s[:i])
	}
	return s
}

// isWeekday reports whether word starts with the name of a weekday.
func isWeekday(word string) bool {
	if len(word) < 3 {
		return false
	}
	for _, d := range [...]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} {
		if strings.EqualFold(word[:3], d) {
			return true
		}
	}
	return false
}

// zones are the named zones of RFC 5322 section 4.3 and those most met besides.
var zones = [...]struct{ name, offset string }{
	{"UT", "+0000"}, {"UTC", "+0000"}, {"GMT", "+0000"}, {"Z", "+0000"}, {"EST", "-0500"}, {"EDT", "-0400"}, {"CST", "-0600"},
	{"CDT", "-0500"}, {"MST", "-0700"}, {"MDT", "-0600"}, {"PST", "-0800"}, {"PDT", "-0700"}, {"CET", "+0100"}, {"CEST", "+0200"},
	{"MET", "+0100"}, {"MEST", "+0200"}, {"BST", "+0100"}, {"WET", "+0000"}, {"EET", "+0200"}, {"MSK", "+0300"}, {"JST", "+0900"},
}

// namedZone replaces the name of a zone among the words of s by its offset.
func namedZone(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		for _, z := range zones {
			if strings.EqualFold(w, z.name) {
				words[i] = z.offset
			}
		}
	}
	return strings.Join(words, " ")
}

// sane returns t, or zero where its year cannot be that of a mail.
func sane(t time.Time) time.Time {
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
