package store

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSQLitePingNoticesAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("no disk of our own: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	s := openTest(t, Options{Database: filepath.Join(dir, "cenote.db")})
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 8<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a ping on a full disk: got %v, want ENOSPC", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestAFirstStartOnAFullDiskSaysSoAndGoesOnLater(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("no disk of our own: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 3700<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	o := Options{Database: filepath.Join(dir, "cenote.db"), Now: time.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	_, err := Open(t.Context(), o)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), ", of which nothing is kept: database or disk is full (13): write "+dir) {
		t.Errorf("got %v, want an error that names the folder and the disk", err)
	}
	if tries := strings.Count(log.String(), "migrating"); tries != 1 {
		t.Errorf("the migration was tried %d times", tries)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	openTest(t, o)
}

func TestABackupOntoAFullDiskLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=300k"); err != nil {
		t.Skipf("no disk of our own: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	path := filepath.Join(t.TempDir(), "cenote.db")
	openTest(t, Options{Database: path}) // an empty schema has 500 KiB
	to := filepath.Join(dir, "backup")
	err := BackUp(t.Context(), path, to, func(float64) {})
	if err == nil || !strings.Contains(err.Error(), "copy to "+to+": database or disk is full") {
		t.Errorf("got %v, want an error that names the file and the disk", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
