// Package rules explains why mail failed: phrases, providers' tables and status
// codes give a cause, an action for the list and a fix. The rules are data:
// causes/*.toml and providers/*.toml.
package rules
