package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/whybounce/whybounce/internal/policy"
)

// A Mode says what a ledger is opened for.
type Mode int

// The modes.
const (
	Read    Mode = iota // look something up; the file is not changed
	Write               // one short change, such as a restore
	Collect             // long work: one process at a time
)

// Options say how to open a ledger.
type Options struct {
	Mode Mode
	// Create makes the ledger where there is none.
	Create bool
	// Wait is how long to wait for another process.
	Wait time.Duration
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// MaxPages bounds the size of the file, for tests; 0 is no bound.
	MaxPages int
	// noCheck opens it without a look at its rows, to check or to save them.
	noCheck bool
}

// A Ledger is an open ledger. It is for one goroutine at a time.
type Ledger struct {
	path       string
	options    Options
	db         *sql.DB
	conn       *sql.Conn
	lock       *lock
	statements map[string]*sql.Stmt
	words      words
	policy     *policy.Policy
	verified   bool // only proven bounces count
}

// Open opens a ledger. It refuses one that is damaged, foreign or newer.
func Open(ctx context.Context, path string, o Options) (*Ledger, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Mode == Read {
		o.Create = false
	}
	fresh, err := inspect(path, &o)
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: path, options: o, statements: make(map[string]*sql.Stmt)}
	if o.Mode == Collect || fresh {
		if l.lock, err = acquire(ctx, path, o.Wait); err != nil {
			return nil, err
		}
	}
	if err := l.start(ctx); err != nil {
		l.abandon()
		return nil, err
	}
	if fresh && o.Mode != Collect {
		l.lock.release()
		l.lock = nil
	}
	return l, nil
}

// start connects and looks at what is there.
func (l *Ledger) start(ctx context.Context) error {
	if err := create(l.path, l.options.Create); err != nil {
		return err
	}
	if err := l.connect(ctx); err != nil {
		return err
	}
	if err := l.identify(); err != nil {
		return err
	}
	if l.options.noCheck {
		return nil
	}
	if err := l.checkOnOpen(); err != nil {
		return err
	}
	return l.load()
}

// create makes an empty file that only its owner may read.
func create(path string, may bool) error {
	if !may {
		return nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return openError(path, err)
	}
	if err := file.Close(); err != nil {
		return openError(path, err)
	}
	return syncDirectory(filepath.Dir(path))
}

// syncDirectory makes a new name in a directory last. A system that cannot do
// that for directories does not need it.
func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	defer dir.Close()
	_ = dir.Sync()
	return nil
}

func openError(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{Missing, path, err, "see that its directory exists"}
	case isFull(err):
		return diskFull(path, err)
	case errors.Is(err, fs.ErrPermission), isReadOnly(err):
		return readOnly(path, err)
	}
	return &Error{Failed, path, err, "see that it is a file and may be written"}
}

// connect opens the one connection of a ledger.
func (l *Ledger) connect(ctx context.Context) error {
	db, err := sql.Open("sqlite", l.dataSource(""))
	if err != nil {
		return l.wrap("opening", err)
	}
	db.SetMaxOpenConns(1)
	l.db = db
	if l.conn, err = db.Conn(ctx); err != nil {
		return l.wrap("opening", err)
	}
	err = l.exec("SELECT 1 FROM sqlite_schema")
	if err == nil || l.options.Mode != Read || ProblemOf(err) != Failed && ProblemOf(err) != ReadOnly {
		return err
	}
	// A directory that cannot be written: there can be no collector, so the file stands still.
	l.conn.Close()
	l.db.Close()
	if l.db, err = sql.Open("sqlite", l.dataSource("&immutable=1")); err != nil {
		return l.wrap("opening", err)
	}
	l.conn, err = l.db.Conn(ctx)
	return l.wrap("opening", err)
}

func (l *Ledger) dataSource(more string) string {
	wait := max(l.options.Wait, 5*time.Second).Milliseconds()
	name := (&url.URL{Path: l.path}).EscapedPath()
	source := fmt.Sprintf("file:%s?_pragma=busy_timeout(%d)&_pragma=synchronous(FULL)&_pragma=cell_size_check(1)"+
		"&_pragma=trusted_schema(0)&_pragma=cache_size(-16000)&_pragma=temp_store(MEMORY)", name, wait)
	if l.options.Mode == Read {
		return source + "&mode=ro" + more
	}
	if l.options.MaxPages > 0 {
		source += fmt.Sprintf("&_pragma=max_page_count(%d)", l.options.MaxPages)
	}
	return source + "&mode=rw&_pragma=journal_mode(WAL)"
}

// identify sees whether this is a ledger, and of which version.
func (l *Ledger) identify() error {
	var id, schema, tables int64
	for _, q := range []struct {
		query string
		into  *int64
	}{{"PRAGMA application_id", &id}, {"PRAGMA user_version", &schema}, {"SELECT count(*) FROM sqlite_schema", &tables}} {
		if err := l.queryRow(q.query).Scan(q.into); err != nil {
			return l.wrap("reading the header", err)
		}
	}
	switch {
	case id == 0 && schema == 0 && tables == 0:
		if l.options.Create {
			return l.migrate(0)
		}
		return &Error{Missing, l.path, errors.New("is empty"), "collect something first: whybounce collect --ledger FILE MAILBOX"}
	case id != applicationID:
		return l.damaged("it is a SQLite file, but not marked as a ledger (application id %d)", id)
	case schema > version:
		return &Error{Newer, l.path, fmt.Errorf("has version %d, this program knows up to %d", schema, version), "install a newer whybounce"}
	case schema < version:
		if l.options.Mode == Read {
			return &Error{Newer, l.path, fmt.Errorf("has the old version %d", schema), "collect into it once, or run `whybounce ledger clock`: that brings it up to date"}
		}
		return l.migrate(int(schema))
	}
	return nil
}

// load reads what is needed all the time.
func (l *Ledger) load() error {
	if err := l.words.load(l); err != nil {
		return err
	}
	text, found, err := l.meta("policy")
	if err != nil {
		return err
	}
	if !found {
		l.policy, err = policy.Builtin(policy.Default)
	} else {
		l.policy, err = policy.Parse("of the ledger", []byte(text))
	}
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	l.verified, err = l.flag("verified")
	return err
}

// Policy returns the policy that decides.
func (l *Ledger) Policy() *policy.Policy { return l.policy }

// Verified tells whether only proven bounces count.
func (l *Ledger) Verified() bool { return l.verified }

// Path returns the file's name.
func (l *Ledger) Path() string { return l.path }

// Close closes the ledger and gives its lock back.
func (l *Ledger) Close() error {
	for _, s := range l.statements {
		_ = s.Close()
	}
	var err error
	if l.conn != nil {
		err = l.conn.Close()
	}
	if l.db != nil {
		err = errors.Join(err, l.db.Close())
	}
	if l.lock != nil {
		l.lock.release()
		l.lock = nil
	}
	return l.wrap("closing", err)
}

func (l *Ledger) abandon() { _ = l.Close() }

// inspect looks at the file before SQLite does; it tells whether it is new.
func inspect(path string, o *Options) (fresh bool, err error) {
	if strings.ContainsAny(path, "\x00") || path == "" {
		return false, &Error{Missing, path, errors.New("is no file name"), "name a file with --ledger"}
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if o.Create {
			return true, nil
		}
		return false, &Error{Missing, path, errors.New("does not exist"), "collect something first: whybounce collect --ledger FILE MAILBOX"}
	}
	if err != nil {
		return false, openError(path, err)
	}
	if !info.Mode().IsRegular() {
		return false, &Error{Failed, path, errors.New("is not a regular file"), "name a file with --ledger"}
	}
	if o.Mode != Read && info.Mode().Perm()&0o222 == 0 {
		return false, readOnly(path, errors.New("is write-protected"))
	}
	if info.Size() == 0 {
		return o.Create, nil
	}
	return false, checkHeader(path, info.Size())
}
