package pool

import (
	"crypto/rand"
	"fmt"
	"math/bits"
	"regexp"
	"strings"
)

const (
	digits = "0123456789"
	lowers = "abcdefghijklmnopqrstuvwxyz"
	uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// regionForm matches what can begin the id of a pool: clients read the region out of it, up to the underscore.
var regionForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)

// IsRegion reports whether pools can be made in a region of that name.
func IsRegion(name string) bool { return regionForm.MatchString(name) && len(name) <= 40 }

// NewID returns the id of a new pool in the region: <region>_ and nine letters and digits.
func NewID(region string) string { return region + "_" + random(9, digits+uppers+lowers) }

// NewForkID returns an id for a copy of a pool. The part after the underscore stays, because SRP hashes it into passwords and clients
// into the keys of what they store; the region is a made-up one, in the form that clients expect.
func NewForkID(id string) string {
	_, name, _ := strings.Cut(id, "_")
	return "us-" + random(10, lowers) + "-1_" + name
}

// NewClientID returns the id of a new client: 26 lower-case letters and digits.
func NewClientID() string { return random(26, lowers+digits) }

// newSecretValue returns a client secret: 51 lower-case letters and digits, which are more than 256 bits.
func newSecretValue() string { return random(51, lowers+digits) }

// random draws n characters of the alphabet, each with the same chance: bytes that fall outside of it are drawn again.
func random(n int, alphabet string) string {
	mask := byte(1<<bits.Len(uint(len(alphabet)-1)) - 1)
	out := make([]byte, 0, n)
	for buf := make([]byte, 2*n); ; {
		rand.Read(buf) // never fails: crypto/rand ends the program first
		for _, b := range buf {
			if i := int(b & mask); i < len(alphabet) {
				if out = append(out, alphabet[i]); len(out) == n {
					return string(out)
				}
			}
		}
	}
}

// ARN returns the name of a pool in the form of AWS, by which tags refer to it.
func ARN(region, accountID, id string) string {
	return fmt.Sprintf("arn:aws:cognito-idp:%s:%s:userpool/%s", region, accountID, id)
}

// Rename gives the pool another id, and takes its domains away, which remain with the id before.
func (p *Pool) Rename(id string) {
	p.ID, p.Settings.Id, p.Settings.Domain, p.Settings.CustomDomain = id, id, "", ""
	if parts := strings.Split(p.Settings.Arn, ":"); len(parts) == 6 {
		p.Settings.Arn = ARN(p.Region(), parts[4], id)
	}
}

// ParseARN returns the id of the pool that an ARN names. It reports false for the ARN of anything else.
func ParseARN(arn string) (id string, ok bool) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "cognito-idp" {
		return "", false
	}
	id, ok = strings.CutPrefix(parts[5], "userpool/")
	return id, ok && id != ""
}
