//go:build !linux

package cli

// dropStartPages does nothing: how a program is mapped is each system's own.
func dropStartPages() {}
