// Package ledger remembers what bounce mailboxes said: every failure, complaint
// and success notice by address, which messages were read, and what the policy
// makes of it, in one SQLite file.
//
// A message counts once, by two unique keys that are written in one transaction:
// the item (where the message stood) and the event (what it says). The file is
// written with write-ahead logging and synchronous=FULL: what Record has returned
// from is on disk, what it has not was never there. Every row that matters carries
// a checksum, which is verified whenever the row is read; Check verifies them all,
// and Rebuild saves what is whole.
//
// Its limits: one machine (the file must not lie on a network file system), and a
// clock that is right to the hour.
package ledger
