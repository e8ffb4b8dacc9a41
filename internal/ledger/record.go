package ledger

import (
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/s2"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/rules"
)

// maxWords bounds each long text of an event; maxRecord bounds one when read.
const (
	maxWords  = 16 << 10
	maxRecord = 1 << 20
)

// dictionaryText holds what records have in common. It is part of the format of
// ledgers: never change it, and never change what dictionary makes of it.
//
//go:embed dictionary-1.json
var dictionaryText []byte

// dictionary is shared by all ledgers.
var dictionary = sync.OnceValue(func() *s2.Dict { return s2.MakeDict(dictionaryText, []byte(`{"r":{"Final":`)) })

// A record is what no query asks for, kept compressed.
type record struct {
	Recipient dsn.Recipient  `json:"r"`
	Evidence  rules.Evidence `json:"e"`
	Outcome   rules.Outcome  `json:"o"`
	Status    string         `json:"st,omitempty"`
	Reply     string         `json:"re,omitempty"`
	Source    string         `json:"src,omitempty"`
	MessageID string         `json:"mid,omitempty"`
	Original  Original       `json:"orig"`
}

// pack compresses the record of an event.
func (e *Event) pack() ([]byte, error) {
	r := record{e.Recipient, e.Evidence, e.Outcome, e.Status, e.Reply, e.Source, e.MessageID, e.Original}
	r.clip()
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("ledger: packing an event: %w", err)
	}
	return dictionary().Encode(nil, text), nil
}

// clip bounds the texts of a record.
func (r *record) clip() {
	p := &r.Recipient
	for _, text := range []*string{&p.Diagnostic, &p.Context, &r.Evidence.Text, &r.Original.Subject,
		&r.Original.From, &r.Original.MessageID, &r.Original.ListID, &r.MessageID, &r.Source} {
		if len(*text) > maxWords {
			*text = strings.ToValidUTF8((*text)[:maxWords], "")
		}
	}
}

// unpack gives an event what its record holds.
func (e *Event) unpack(data []byte) error {
	if n, err := s2.DecodedLen(data); err != nil || n > maxRecord {
		return errors.New("the record is damaged")
	}
	text, err := dictionary().Decode(nil, data)
	if err != nil {
		return err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	e.Recipient, e.Evidence, e.Outcome, e.Status, e.Reply = r.Recipient, r.Evidence, r.Outcome, r.Status, r.Reply
	e.Source, e.MessageID, e.Original = r.Source, r.MessageID, r.Original
	return nil
}

// checksum is the checksum of a row: each field with its length, so that no two
// rows look alike.
func checksum(fields ...any) int64 {
	d := xxhash.New()
	var n [8]byte
	number := func(v uint64) {
		binary.LittleEndian.PutUint64(n[:], v)
		_, _ = d.Write(n[:])
	}
	for _, field := range fields {
		switch v := field.(type) {
		case int64:
			number(uint64(v))
		case string:
			number(uint64(len(v)))
			_, _ = d.WriteString(v)
		case []byte:
			number(uint64(len(v)))
			_, _ = d.Write(v)
		}
	}
	return int64(d.Sum64())
}
