// Package output writes report rows as text, JSON, JSONL and CSV. Nothing that
// came with a mail reaches an output unescaped.
package output
