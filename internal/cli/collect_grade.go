package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/ledger"
	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/internal/verp"
	"github.com/whybounce/whybounce/parser"
)

// proofFlags say how it is proven that a bounce answers mail of ours.
type proofFlags struct {
	key        string
	messageIDs string
	domains    []string
	age        string
}

func (o *proofFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.key, "key", "", "trust bounces to return paths that `whybounce verp sign` made with the key in `FILE`")
	f.StringVar(&o.messageIDs, "message-ids", "", "trust bounces of the messages listed in `FILE`: a Message-ID a line, and the recipient after a blank where it is known")
	f.StringSliceVar(&o.domains, "own-domain", nil, "trust bounces that return a message from `DOMAIN` to this recipient; may be repeated")
	f.StringVar(&o.age, "token-age", "60d", "take return paths that are at most so `old` when the bounce is written")
}

// A verifier grades bounces.
type verifier struct {
	signer  *verp.Signer
	maxAge  time.Duration
	sent    map[ledger.Key]bool // Message-IDs, and Message-IDs with a recipient
	domains []string
}

// verifier reads what the flags name; it is never nil.
func (o *proofFlags) verifier() (*verifier, error) {
	v := &verifier{}
	var err error
	if v.maxAge, err = policy.ParseDuration(o.age); err != nil {
		return nil, usage(fmt.Errorf("--token-age: %w", err), "")
	}
	if o.key != "" {
		if v.signer, err = readKey(o.key); err != nil {
			return nil, err
		}
	}
	if o.messageIDs != "" {
		if v.sent, err = readMessageIDs(o.messageIDs); err != nil {
			return nil, err
		}
	}
	for _, domain := range o.domains {
		normal, ok := ledger.Normalize("x@" + strings.TrimPrefix(domain, "@"))
		if !ok {
			return nil, usage(fmt.Errorf("--own-domain: %q is no domain", domain), "")
		}
		v.domains = append(v.domains, normal[2:])
	}
	return v, nil
}

// on tells whether anything can be proven.
func (v *verifier) on() bool { return v.signer != nil || v.sent != nil || len(v.domains) > 0 }

// readKey reads a secret key. Line ends around it do not count.
func readKey(path string) (*verp.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, failed(fmt.Errorf("the key: %w", err), "make one: head -c 32 /dev/urandom | base64 > "+path)
	}
	signer, err := verp.New([]byte(strings.TrimSpace(string(text))))
	if err != nil {
		return nil, failed(fmt.Errorf("%s: %w", path, err), "")
	}
	return signer, nil
}

// readMessageIDs reads what was sent: "ID" or "ID recipient" lines.
func readMessageIDs(path string) (map[ledger.Key]bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, failed(fmt.Errorf("the message ids: %w", err), "write a Message-ID a line, and the recipient after a blank")
	}
	defer file.Close()
	sent := make(map[ledger.Key]bool)
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<16)
	for n := 1; lines.Scan(); n++ {
		words := strings.FieldsFunc(lines.Text(), func(r rune) bool { return r <= ' ' || r == ',' || r == ';' })
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "#"):
		case len(words) == 1:
			sent[ledger.HashKey(bareID(words[0]))] = true
		default:
			recipient, ok := ledger.Normalize(words[1])
			if !ok {
				return nil, failed(fmt.Errorf("%s: line %d: %q is no address", path, n, words[1]), "")
			}
			sent[ledger.HashKey(bareID(words[0]), recipient)] = true
		}
	}
	if err := lines.Err(); err != nil {
		return nil, failed(fmt.Errorf("%s: %w", path, err), "a line of it may be too long")
	}
	return sent, nil
}

// paths are the recipients whom the signed return paths of a message name: those
// addresses that it was sent to which carry a token of ours, and the return path of
// the mail that it tells of, which is what a feedback report has.
func (v *verifier) paths(msg *parser.Message, at time.Time) []string {
	if v.signer == nil {
		return nil
	}
	var proven []string
	for _, to := range append(slices.Clone(msg.To), msg.Original.ReturnPath) {
		recipient, err := v.signer.Check(to, at, v.maxAge)
		if normal, ok := ledger.Normalize(recipient); err == nil && ok {
			proven = append(proven, normal)
		}
	}
	return proven
}

// grade returns the address that a failure counts for and how well it is proven.
// A token speaks for its own address alone: a bounce that names another one
// counts, if it names no other, for the address that our mail went to.
func (v *verifier) grade(msg *parser.Message, r *dsn.Recipient, proven []string, alone bool) (string, ledger.Grade) {
	address := listAddress(r)
	for _, path := range proven {
		for _, name := range []string{r.Original, r.Final} {
			if normal, ok := ledger.Normalize(name); ok && strings.EqualFold(normal, path) {
				return normal, ledger.Signed
			}
		}
	}
	if alone && len(proven) == 1 {
		return proven[0], ledger.Signed
	}
	if address != "" && v.matched(msg, address) {
		return address, ledger.Matched
	}
	return address, ledger.Unverified
}

// matched tells whether the returned message was ours and went to the address.
func (v *verifier) matched(msg *parser.Message, address string) bool {
	id := bareID(msg.Original.MessageID)
	if id == "" {
		return false
	}
	if v.sent[ledger.HashKey(id, address)] {
		return true
	}
	went := slices.ContainsFunc(msg.Original.To, func(to string) bool {
		normal, ok := ledger.Normalize(to)
		return ok && normal == address
	})
	return went && (v.sent[ledger.HashKey(id)] || v.own(msg.Original.From) && v.own(id))
}

// own tells whether an address or a Message-ID is of a domain of ours.
func (v *verifier) own(address string) bool {
	normal, ok := ledger.Normalize(address)
	if !ok {
		return false
	}
	domain := normal[strings.LastIndexByte(normal, '@')+1:]
	return slices.ContainsFunc(v.domains, func(own string) bool { return domain == own || strings.HasSuffix(domain, "."+own) })
}

// errUnproven is said once by the summary of a run that proves nothing.
var errUnproven = errors.New("nothing was verified: see --key, --message-ids and --own-domain")
