// Package pipeline takes messages from mailboxes through parser and rules to
// report rows, with several workers and in the order of the input.
package pipeline
