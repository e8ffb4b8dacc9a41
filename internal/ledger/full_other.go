//go:build !unix

package ledger

func isFull(error) bool { return false }

func isReadOnly(error) bool { return false }
