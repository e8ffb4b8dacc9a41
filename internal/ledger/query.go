package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
)

// exec runs a statement, prepared once.
func (l *Ledger) exec(query string, args ...any) error {
	_, err := l.execResult(query, args...)
	return err
}

func (l *Ledger) execResult(query string, args ...any) (sql.Result, error) {
	if len(args) == 0 {
		r, err := l.conn.ExecContext(context.Background(), query)
		return r, l.wrap("writing", err)
	}
	s, err := l.prepare(query)
	if err != nil {
		return nil, err
	}
	r, err := s.ExecContext(context.Background(), args...)
	return r, l.wrap("writing", err)
}

func (l *Ledger) prepare(query string) (*sql.Stmt, error) {
	if s := l.statements[query]; s != nil {
		return s, nil
	}
	s, err := l.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, l.wrap("reading", err)
	}
	l.statements[query] = s
	return s, nil
}

func (l *Ledger) query(query string, args ...any) (*sql.Rows, error) {
	s, err := l.prepare(query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	return rows, l.wrap("reading", err)
}

// A row is one row, or the reason why there is none.
type row struct {
	*sql.Row
	err error
}

// Scan reads the row's columns.
func (r row) Scan(into ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.Row.Scan(into...)
}

func (l *Ledger) queryRow(query string, args ...any) row {
	s, err := l.prepare(query)
	if err != nil {
		return row{err: err}
	}
	return row{Row: s.QueryRowContext(context.Background(), args...)}
}

// found reads one row where there may be none.
func (l *Ledger) found(doing string, r row, into ...any) (bool, error) {
	err := r.Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, l.wrap(doing, err)
}

// transaction runs fn between BEGIN IMMEDIATE and COMMIT. After an error nothing
// of it is left.
func (l *Ledger) transaction(doing string, fn func() error) error {
	if l.options.Mode == Read {
		return readOnly(l.path, fmt.Errorf("%s: it is open for reading only", doing))
	}
	if err := l.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := fn()
	if err == nil {
		err = l.exec("COMMIT")
	}
	if err != nil {
		_, _ = l.conn.ExecContext(context.Background(), "ROLLBACK") // fails where SQLite has done it itself
		l.words.reset()
		if loadErr := l.words.load(l); loadErr != nil {
			return errors.Join(err, loadErr)
		}
	}
	return err
}

// Snapshot lets fn see the ledger as it is at one moment, whatever others write.
func (l *Ledger) Snapshot(fn func() error) error {
	if err := l.exec("BEGIN"); err != nil {
		return err
	}
	err := fn()
	if endErr := l.exec("ROLLBACK"); err == nil {
		err = endErr
	}
	return err
}

// meta reads a setting.
func (l *Ledger) meta(key string) (value string, found bool, err error) {
	var sum int64
	found, err = l.found("reading the settings", l.queryRow("SELECT value, sum FROM meta WHERE key = ?", key), &value, &sum)
	if err == nil && found && sum != checksum(key, value) {
		err = l.damaged("the setting %q is not what was written", key)
	}
	return value, found, err
}

func (l *Ledger) setMeta(key, value string) error {
	return l.exec("INSERT INTO meta (key, value, sum) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, sum = excluded.sum",
		key, value, checksum(key, value))
}

// number reads a numeric setting, 0 where it is not set.
func (l *Ledger) number(key string) (int64, error) {
	text, found, err := l.meta(key)
	if err != nil || !found {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, l.damaged("the setting %q is not a number", key)
	}
	return n, nil
}

func (l *Ledger) setNumber(key string, n int64) error {
	return l.setMeta(key, strconv.FormatInt(n, 10))
}

func (l *Ledger) flag(key string) (bool, error) {
	n, err := l.number(key)
	return n != 0, err
}

// words are the texts that many rows share, by number. Only a transaction adds any.
type words struct {
	ids   map[string]int64
	texts map[int64]string
}

func (w *words) reset() { w.ids, w.texts = nil, nil }

func (w *words) load(l *Ledger) error {
	w.ids, w.texts = make(map[string]int64), make(map[int64]string)
	rows, err := l.query("SELECT id, text FROM word")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return l.wrap("reading the words", err)
		}
		w.ids[text], w.texts[id] = id, text
	}
	return l.wrap("reading the words", rows.Err())
}

// id returns the number of a text, adding it where it is new.
func (w *words) id(l *Ledger, text string) (int64, error) {
	if id, known := w.ids[text]; known {
		return id, nil
	}
	// Another process may have added it since.
	if err := l.exec("INSERT INTO word (text) VALUES (?) ON CONFLICT DO NOTHING", text); err != nil {
		return 0, err
	}
	var id int64
	if err := l.queryRow("SELECT id FROM word WHERE text = ?", text).Scan(&id); err != nil {
		return 0, l.wrap("reading the words", err)
	}
	w.ids[text], w.texts[id] = id, text
	return id, nil
}

// text returns the text of a number.
func (w *words) text(l *Ledger, id int64) (string, error) {
	text, known := w.texts[id]
	if !known {
		if err := w.load(l); err != nil {
			return "", err
		}
		if text, known = w.texts[id]; !known {
			return "", l.damaged("it has no word %d", id)
		}
	}
	return text, nil
}
