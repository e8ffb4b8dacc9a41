package ledger

import (
	"fmt"
	"strings"
)

// applicationID marks a ledger among SQLite files ("WbLg").
const applicationID = 0x57624c67

// version is the schema that this program writes.
const version = 1

// migrations take a ledger from one version of the schema to the next, each in
// one transaction; the first one makes an empty file a ledger.
var migrations = [version]string{`
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE mailbox (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position TEXT NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE item (mailbox INTEGER NOT NULL, key BLOB NOT NULL, size INTEGER NOT NULL, ours INTEGER NOT NULL,
  PRIMARY KEY (mailbox, key)) WITHOUT ROWID;
CREATE TABLE address (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, events INTEGER NOT NULL,
  digest INTEGER NOT NULL);
CREATE TABLE event (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, address INTEGER NOT NULL, at INTEGER NOT NULL,
  kind INTEGER NOT NULL, grade INTEGER NOT NULL, cause INTEGER NOT NULL, action INTEGER NOT NULL,
  permanent INTEGER NOT NULL, rules INTEGER NOT NULL, data BLOB NOT NULL, sum INTEGER NOT NULL);
CREATE INDEX event_address ON event (address);
CREATE INDEX event_review ON event (at) WHERE action = 4;
CREATE TABLE decision (address INTEGER PRIMARY KEY, seq INTEGER NOT NULL, left_seq INTEGER NOT NULL,
  state INTEGER NOT NULL, grp INTEGER NOT NULL, cause INTEGER NOT NULL, since INTEGER NOT NULL, next INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, strikes INTEGER NOT NULL, event INTEGER NOT NULL, sum INTEGER NOT NULL);
CREATE INDEX decision_seq ON decision (seq) WHERE seq > 0;
CREATE INDEX decision_left ON decision (left_seq) WHERE state IN (2, 3);
CREATE INDEX decision_next ON decision (next) WHERE next <> 0;
CREATE TABLE export (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
`}

// migrate brings the schema up to date. The whole of it is one transaction, so a
// process that is killed leaves the old version behind.
func (l *Ledger) migrate(from int) error {
	return l.transaction("making the schema", func() error {
		for n := from; n < version; n++ {
			for _, statement := range strings.Split(migrations[n], ";\n") {
				if statement = strings.TrimSpace(statement); statement == "" {
					continue
				}
				if err := l.exec(statement); err != nil {
					return err
				}
			}
		}
		if err := l.exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
			return err
		}
		return l.exec(fmt.Sprintf("PRAGMA user_version = %d", version))
	})
}

// checkSchema refuses a schema that is not, to the letter, what migrate makes.
func (l *Ledger) checkSchema() error {
	rows, err := l.query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
	if err != nil {
		return err
	}
	defer rows.Close()
	found := make(map[string]bool)
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return l.wrap("reading the schema", err)
		}
		found[text] = true
	}
	if err := rows.Err(); err != nil {
		return l.wrap("reading the schema", err)
	}
	for _, migration := range migrations {
		for _, statement := range strings.Split(migration, ";\n") {
			statement = strings.TrimSpace(statement)
			if strings.HasPrefix(statement, "CREATE") && !found[statement] {
				name, _, _ := strings.Cut(strings.SplitN(statement, " ", 3)[2], " ")
				return l.damaged("its schema lacks %s", name)
			}
		}
	}
	return nil
}
