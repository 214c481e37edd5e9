package audit

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the lists of compromised passwords are made with it
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Breached is the operator's list of compromised passwords: a text file with a line for each, in ascending order, that begins with the
// SHA-1 of the password in 40 hexadecimal digits. What follows on the line (":" and a count, in the published lists) is not looked at.
//
// The file is searched on disk, so it may be as large as it likes: 36 reads find a password among a billion.
type Breached struct {
	file *os.File
	size int64
}

const (
	hashDigits  = 40
	longestLine = 128 // bytes, with its end
)

var errNoHashes = errors.New("is no list of SHA-1 hashes in ascending order, one per line")

// OpenBreached opens a list and looks whether it is one.
func OpenBreached(path string) (*Breached, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b := &Breached{file: f}
	if err := b.check(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return b, nil
}

// Close closes the file.
func (b *Breached) Close() error {
	if b == nil {
		return nil
	}
	return b.file.Close()
}

// check looks at lines all over the file: a list in another order would hide passwords that it has.
func (b *Breached) check() error {
	info, err := b.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() < hashDigits {
		return errNoHashes
	}
	b.size = info.Size()
	const samples = 64
	var before []byte
	for i := range int64(samples) {
		hash, _, err := b.lineAfter(b.size * i / samples)
		if errors.Is(err, io.EOF) {
			continue // behind the last line's beginning
		}
		if err != nil {
			return err
		}
		if bytes.Compare(hash, before) < 0 {
			return errNoHashes
		}
		before = hash
	}
	return nil
}

// Has reports whether the password is in the list.
func (b *Breached) Has(password string) (bool, error) {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // see the import
	want := bytes.ToUpper(hex.AppendEncode(nil, sum[:]))
	// Of the lines that begin at low or later, the first one that is not below want is looked for; it begins before high.
	low, high := int64(0), b.size
	for low < high {
		middle := low + (high-low)/2
		hash, begin, err := b.lineAfter(middle)
		if errors.Is(err, io.EOF) || err == nil && begin >= high {
			high = middle
			continue
		}
		if err != nil {
			return false, fmt.Errorf("look for a compromised password: %w", err)
		}
		switch bytes.Compare(hash, want) {
		case 0:
			return true, nil
		case -1:
			low = begin + hashDigits
		default:
			high = middle
		}
	}
	return false, nil
}

// lineAfter returns the hash, in capitals, of the first line that begins at the offset or after it, and where it begins. io.EOF says
// that there is none.
func (b *Breached) lineAfter(offset int64) (hash []byte, begin int64, err error) {
	var window [2 * longestLine]byte
	from := max(offset-1, 0) // the end of the line before tells that a line begins at the offset itself
	n, err := b.file.ReadAt(window[:], from)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	text, end := window[:n], from+int64(n) >= b.size
	skip := 0
	if offset > 0 {
		i := bytes.IndexByte(text, '\n')
		if i < 0 && !end {
			return nil, 0, errNoHashes // no line is that long
		}
		if i < 0 {
			return nil, 0, io.EOF
		}
		skip = i + 1
	}
	line := text[skip:]
	if len(bytes.TrimSpace(line)) == 0 && end {
		return nil, 0, io.EOF
	}
	if len(line) < hashDigits {
		return nil, 0, errNoHashes
	}
	hash = bytes.ToUpper(line[:hashDigits])
	if _, err := hex.Decode(make([]byte, hashDigits/2), hash); err != nil {
		return nil, 0, errNoHashes
	}
	if len(line) > hashDigits && bytes.IndexByte([]byte(":\r\n \t"), line[hashDigits]) < 0 {
		return nil, 0, errNoHashes
	}
	return hash, from + int64(skip), nil
}
