package rules

import (
	"bytes"
	"slices"
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/sift"
)

// Rules see no more of a text than its head and its tail.
const (
	headBytes = 4 << 10
	tailBytes = 2 << 10
)

// facts are what is known of a recipient beside the words.
type facts struct {
	action    dsn.Action
	status    string
	reply     string
	stage     string
	staged    bool // stage was looked for
	server    string
	providers providerSet
	sender    string // the address that the mail was sent from, where it is not the recipient's
	doubt     bool   // the recipient's own words hold a doubt, and no rule wins on them
}

// A passage is a text that the rules are asked about.
type passage struct {
	text, origin string
	aside        bool // it stands around the recipient's own words
}

// A hit is a rule that matches a passage.
type hit struct {
	rule     int
	passage  passage
	from, to int   // in the folded passage
	groups   []int // places of the named groups in it
	rival    *rule // a rule that matches too and speaks against a removal, or nil
}

// A scratch holds what a search needs, for reuse.
type scratch struct {
	folded   []byte
	hidden   []byte // folded without the words that no doubt sees
	hid      bool   // hidden was made
	hits     sift.Hits
	passages []passage
	groups   []int
}

func (s *Set) borrow() *scratch {
	if sc, ok := s.scratch.Get().(*scratch); ok {
		return sc
	}
	return &scratch{folded: make([]byte, 0, 1024), groups: make([]int, 0, 16)}
}

// release gives a scratch back. It keeps no text.
func (s *Set) release(sc *scratch) {
	clear(sc.passages)
	sc.passages = sc.passages[:0]
	s.scratch.Put(sc)
}

// add adds the head and the tail of a text to the passages.
func (sc *scratch) add(text, origin string, aside bool) {
	if text == "" {
		return
	}
	if len(text) <= headBytes+tailBytes {
		sc.passages = append(sc.passages, passage{text, origin, aside})
		return
	}
	sc.passages = append(sc.passages,
		passage{clip(text, headBytes), origin, aside},
		passage{clipHead(text, tailBytes), origin, aside})
}

// search asks the rules about the passages in turn. The first passage with a
// winner that is not generic decides, else the first with any.
func (s *Set) search(sc *scratch, f *facts) (hit, bool) {
	var generic hit
	found := false
	for _, p := range sc.passages {
		h, ok := s.winner(sc, p, f)
		if ok && !s.rules[h.rule].Generic {
			return h, true
		}
		if ok && !found {
			generic, found = h, true
		}
	}
	return generic, found
}

// winner gives the rule that wins a passage.
func (s *Set) winner(sc *scratch, p passage, f *facts) (hit, bool) {
	s.sift(sc, p, f)
	n := len(s.rules)
	for i := sc.hits.Next(0); i >= 0 && i < n; i = sc.hits.Next(i + 1) {
		if s.traits[i]&harmless != 0 {
			break // they stand last
		}
		if h, ok := s.match(i, sc, p, f, sc.groups); ok && !s.beaten(i, sc, p, f) {
			if s.traits[i]&doubtful != 0 {
				f.doubt = f.doubt || !p.aside
				return hit{}, false
			}
			h.rival = s.rival(i, sc, p, f)
			return h, true
		}
	}
	return hit{}, false
}

// rival gives the rule that matches beside a winner that removes, is beaten by none and
// blames something else than the address; or nil. Where the words name two reasons,
// nobody is removed.
func (s *Set) rival(winner int, sc *scratch, p passage, f *facts) *rule {
	if s.actionOf(winner) != Remove {
		return nil
	}
	n := len(s.rules)
	for i := sc.hits.Next(winner + 1); i >= 0 && i < n; i = sc.hits.Next(i + 1) {
		if s.traits[i]&(generic|removal|harmless) != 0 || p.aside && s.traits[i]&doubtful != 0 {
			continue
		}
		r := &s.rules[i]
		if _, loses := slices.BinarySearch(r.beaters, int32(winner)); loses {
			continue
		}
		h, ok := s.match(i, sc, p, f, nil)
		if ok && !inAddress(sc.folded, h.from, h.to) && !s.beaten(i, sc, p, f) {
			return r
		}
	}
	return nil
}

// actionOf gives the action of a rule where no code speaks against it.
func (s *Set) actionOf(i int) ListAction {
	if a := s.rules[i].Action; a != "" {
		return a
	}
	return s.causes[s.rules[i].cause].Action
}

// fold appends the folded form of a text to dst. A reply that a server quotes as one
// word, "550_5.1.1_user_unknown", is read with its spaces.
func fold(dst []byte, text string) []byte {
	dst = sift.Fold(dst, text)
	if at := bytes.IndexByte(dst, '_'); at >= 3 && isCode(dst[at-3:at]) && (at == 3 || dst[at-4] == ' ') {
		for i := at; i < len(dst) && dst[i] != ' '; i++ {
			if dst[i] == '_' {
				dst[i] = ' '
			}
		}
	}
	return dst
}

// isCode reports whether three bytes are the code of a reply that refuses something.
func isCode(b []byte) bool {
	return (b[0] == '4' || b[0] == '5') && '0' <= b[1] && b[1] <= '9' && '0' <= b[2] && b[2] <= '9'
}

// sift folds a passage and finds the rules that may match it and the providers
// that it proves.
func (s *Set) sift(sc *scratch, p passage, f *facts) {
	sc.folded, sc.hid = fold(sc.folded[:0], p.text), false
	s.sieve.Scan(sc.folded, &sc.hits)
	for i := sc.hits.Next(len(s.rules)); i >= 0; i = sc.hits.Next(i + 1) {
		m := &s.marks[i-len(s.rules)]
		if !sc.hits.Has(i) {
			continue
		}
		if m.exact || m.matcher.Match(sc.folded) {
			f.providers.add(m.provider)
		}
	}
}

// match matches a rule, if it was sifted in, against the folded passage. The places of
// its groups go to room, if that is not nil. A rule that does not match is not asked again.
func (s *Set) match(i int, sc *scratch, p passage, f *facts, room []int) (hit, bool) {
	r := &s.rules[i]
	if s.traits[i]&narrowed != 0 && !r.holds(f, p.text) {
		sc.hits.Drop(i)
	}
	if !sc.hits.Has(i) {
		return hit{}, false
	}
	if s.traits[i]&grouped == 0 {
		room = nil
	}
	text := sc.folded
	if s.traits[i]&doubtful != 0 {
		text = s.hide(sc)
	}
	from, to, groups, ok := r.matcher.FindGroups(text, room)
	if !ok {
		sc.hits.Drop(i)
	}
	return hit{rule: i, passage: p, from: from, to: to, groups: groups}, ok
}

// matches reports whether a rule was sifted in and matches the folded passage.
func (s *Set) matches(i int, sc *scratch, p passage, f *facts) bool {
	_, ok := s.match(i, sc, p, f, nil)
	return ok
}

// beaten reports whether a rule that beats rule i matches too.
func (s *Set) beaten(i int, sc *scratch, p passage, f *facts) bool {
	for _, j := range s.rules[i].beaters {
		if sc.hits.Has(int(j)) && s.matches(int(j), sc, p, f) {
			return true
		}
	}
	return false
}

// holds reports whether what narrows the rule is so.
func (c *core) holds(f *facts, text string) bool {
	if len(c.Reply) > 0 && !anyPrefix(c.Reply, f.reply) {
		return false
	}
	if len(c.Status) > 0 && !anyStatus(c.Status, f.status) {
		return false
	}
	if len(c.Provider) > 0 && !c.providers.meets(&f.providers) {
		return false
	}
	if len(c.Server) > 0 && !anyEqual(c.Server, f.server) {
		return false
	}
	if len(c.Stage) == 0 {
		return true
	}
	if !f.staged {
		f.staged = true
		if f.stage == "" {
			f.stage = string(dsn.FindStage(text))
		}
	}
	return anyEqual(c.Stage, f.stage)
}

func anyEqual(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func anyPrefix(list []string, s string) bool {
	for _, x := range list {
		if s != "" && strings.HasPrefix(s, x) {
			return true
		}
	}
	return false
}

// anyStatus reports whether one of list is the code or its start up to a dot.
func anyStatus(list []string, code string) bool {
	for _, x := range list {
		if rest, ok := strings.CutPrefix(code, x); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}
