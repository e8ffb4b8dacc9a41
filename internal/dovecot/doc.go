// Package dovecot runs a Dovecot 2.3 of the machine's for tests: on loopback, with
// files, ports and certificates of its own. Nothing but tests imports it.
package dovecot
