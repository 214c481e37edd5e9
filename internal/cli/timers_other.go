//go:build !linux

package cli

// coarsenTimers does nothing: timer slack is Linux's.
func coarsenTimers() {}
