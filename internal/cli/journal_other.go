//go:build !linux

package cli

// inJournal is false: systemd is Linux's.
func inJournal(*invocation) bool { return false }
