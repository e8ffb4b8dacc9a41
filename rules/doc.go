// Package rules explains why mail failed: phrases, providers' tables and status
// codes give a cause, an action for the list and a fix. The rules are data:
// causes/*.toml, providers/*.toml and codes.toml; docs/rules.md tells their form.
//
// Of the rules that match a text, those that another one of them beats do not count.
// Of the rest, the winner is the one that is not generic, then that is narrowed by more
// context, then the user's own, then the one with more literal text, then the one whose
// id comes first. Neither files nor maps have a part in it.
//
// The codes follow RFC 3463, RFC 5248 and RFC 5321 and decide only where no phrase does.
// Rules see the first 4 KiB and the last 2 KiB of a text.
package rules
