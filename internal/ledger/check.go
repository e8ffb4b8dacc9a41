package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	magic    = "SQLite format 3\x00"
	pageSize = 4096
	// smallLedger is the size up to which every opening verifies everything.
	smallLedger = 4 << 20
	// slice is how many addresses of a larger one each collecting run verifies.
	slice = 5000
)

// checkHeader compares the first bytes with what every ledger has there (SQLite
// file format, section 1.3), before SQLite acts on them.
func checkHeader(path string, size int64) error {
	file, err := os.Open(path)
	if err != nil {
		return openError(path, err)
	}
	defer file.Close()
	head := make([]byte, 100)
	if _, err := io.ReadFull(file, head); err != nil {
		return damagedFile(path, fmt.Errorf("it ends after %d bytes, or is no ledger", size))
	}
	if !bytes.HasPrefix(head, []byte(magic)) {
		return damagedFile(path, errors.New("it does not start as a ledger does"))
	}
	number := func(at int) uint32 { return binary.BigEndian.Uint32(head[at:]) }
	same := binary.BigEndian.Uint16(head[16:]) == pageSize && // page size
		(head[18] == 2 && head[19] == 2 || head[18] == 1 && head[19] == 1) && // write-ahead log
		head[20] == 0 && head[21] == 64 && head[22] == 32 && head[23] == 32 &&
		number(52) == 0 && number(64) == 0 && // no vacuum
		number(56) <= 1 && number(44) <= 4 // UTF-8
	if !same || !bytes.Equal(head[72:92], make([]byte, 20)) {
		return damagedFile(path, errors.New("its header is not that of a ledger"))
	}
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return nil // the log may hold the rest
	}
	if size%pageSize != 0 || size < int64(number(28))*pageSize {
		return damagedFile(path, fmt.Errorf("it is %d bytes long, and should be %d", size, int64(number(28))*pageSize))
	}
	return nil
}

// checkOnOpen verifies what can be verified in a moment: all of a small ledger,
// of a large one the schema and, when collecting, one slice after the other.
func (l *Ledger) checkOnOpen() error {
	if err := l.checkSchema(); err != nil {
		return err
	}
	var pages int64
	if err := l.queryRow("PRAGMA page_count").Scan(&pages); err != nil {
		return l.wrap("reading the header", err)
	}
	if pages*pageSize <= smallLedger {
		return l.Check(context.Background())
	}
	if l.options.Mode != Collect {
		return nil
	}
	return l.scrub()
}

// scrub verifies the next slice of a large ledger.
func (l *Ledger) scrub() error {
	if err := l.words.load(l); err != nil {
		return err
	}
	from, err := l.number("scrubbed")
	if err != nil {
		return err
	}
	last, err := l.checkAddresses(from, slice)
	if err != nil {
		return err
	}
	return l.transaction("scrubbing", func() error { return l.setNumber("scrubbed", last) })
}

// Check verifies the whole ledger: the structure of the file and every checksum.
func (l *Ledger) Check(ctx context.Context) error {
	rows, err := l.query("PRAGMA integrity_check(1)")
	if err != nil {
		return err
	}
	found, err := texts(rows)
	if err != nil {
		return l.wrap("checking", err)
	}
	if len(found) != 1 || found[0] != "ok" {
		return l.damaged("%q", found)
	}
	if err := l.words.load(l); err != nil {
		return err
	}
	if err := l.checkSettings(); err != nil {
		return err
	}
	if err := l.checkStrays(); err != nil {
		return err
	}
	for from := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if from, err = l.checkAddresses(from, slice); err != nil || from == 0 {
			return err
		}
	}
}

// checkSettings verifies the checksums of the small tables.
func (l *Ledger) checkSettings() error {
	for _, table := range []struct{ name, columns string }{
		{"meta", "key, value"}, {"mailbox", "name, position"}, {"export", "name, seq || ' ' || at"},
	} {
		rows, err := l.query("SELECT " + table.columns + ", sum FROM " + table.name)
		if err != nil {
			return err
		}
		for rows.Next() {
			var key, value string
			var sum int64
			if err := rows.Scan(&key, &value, &sum); err != nil {
				rows.Close()
				return l.wrap("checking "+table.name, err)
			}
			if sum != checksum(key, value) {
				rows.Close()
				return l.damaged("%s %q is not what was written", table.name, key)
			}
		}
		if err := rows.Err(); err != nil {
			return l.wrap("checking "+table.name, err)
		}
	}
	return nil
}

// checkStrays finds rows that belong to no address, and counters that are wrong.
func (l *Ledger) checkStrays() error {
	for _, q := range []struct{ what, query string }{
		{"events without an address", "SELECT count(*) FROM event WHERE address NOT IN (SELECT id FROM address)"},
		{"decisions without an address", "SELECT count(*) FROM decision WHERE address NOT IN (SELECT id FROM address)"},
		{"addresses without a decision", "SELECT count(*) FROM address WHERE id NOT IN (SELECT address FROM decision)"},
		{"messages without a mailbox", "SELECT count(*) FROM item WHERE length(key) <> 16 OR mailbox NOT IN (SELECT id FROM mailbox)"},
	} {
		var n int64
		if err := l.queryRow(q.query).Scan(&n); err != nil {
			return l.wrap("checking", err)
		}
		if n != 0 {
			return l.damaged("it has %d %s", n, q.what)
		}
	}
	for _, table := range []string{"address", "event"} {
		name := map[string]string{"address": "addresses", "event": "events"}[table]
		said, err := l.number(name)
		if err != nil {
			return err
		}
		var n int64
		if err := l.queryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			return l.wrap("checking", err)
		}
		if n != said {
			return l.damaged("%d %s were written, %d are found", said, name, n)
		}
	}
	return nil
}

// checkAddresses verifies some addresses with their events and decisions. It
// returns where to go on, 0 at the end.
func (l *Ledger) checkAddresses(after int64, limit int) (last int64, err error) {
	addresses, err := l.addressesAfter(after, limit)
	if err != nil {
		return 0, err
	}
	for _, a := range addresses {
		again, err := l.lookup(a.email)
		if err != nil {
			return 0, err
		}
		if again == nil || again.id != a.id {
			return 0, l.damaged("it knows %q and does not find it", a.email)
		}
		if _, err := l.history(a); err != nil {
			return 0, err
		}
		if _, err := l.decision(a.id); err != nil {
			return 0, err
		}
	}
	if len(addresses) < limit {
		return 0, nil
	}
	return addresses[len(addresses)-1].id, nil
}

// addressesAfter reads the next addresses in the order of their numbers.
func (l *Ledger) addressesAfter(after int64, limit int) ([]*address, error) {
	rows, err := l.query("SELECT id, email, events, digest FROM address WHERE id > ? ORDER BY id LIMIT ?", after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*address
	for rows.Next() {
		a := &address{}
		if err := rows.Scan(&a.id, &a.email, &a.events, &a.digest); err != nil {
			return nil, l.wrap("reading addresses", err)
		}
		all = append(all, a)
	}
	return all, l.wrap("reading addresses", rows.Err())
}
