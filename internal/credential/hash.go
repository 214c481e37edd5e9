package credential

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// HashAlgorithm is how another directory hashed a password, spelled as the API does.
type HashAlgorithm string

// The algorithms. Hashes are written as their libraries do: bcrypt's own form, or a PHC string with unpadded base64.
const (
	BCrypt       HashAlgorithm = "BCRYPT"        // $2a$, $2b$ and $2y$
	SCrypt       HashAlgorithm = "SCRYPT"        // $scrypt$ln=17,r=8,p=1$salt$hash
	Argon2ID     HashAlgorithm = "ARGON2ID"      // $argon2id$v=19$m=65536,t=3,p=4$salt$hash
	PBKDF2SHA256 HashAlgorithm = "PBKDF2_SHA256" // $pbkdf2-sha256$i=600000$salt$hash
)

// The most that checking a hash may cost: about a second. A hash is checked with whatever password somebody tries.
const (
	maxBcryptCost   = 14
	maxMemory       = 128 << 20
	maxScryptRounds = 1 << 21 // N·r·p
	maxArgonPasses  = 1 << 20 // KiB of memory, times passes
	maxIterations   = 2_000_000
	maxParallel     = 64
)

var errHash = errors.New("the hash has no known form")

// hashing bounds how many hashes are checked at once, each of which may need maxMemory.
var hashing = make(chan struct{}, 2)

// foreignHash is a parsed hash.
type foreignHash struct {
	algorithm HashAlgorithm
	check     func(password string) bool
}

// CheckHash answers why a hash cannot be kept: it is not the algorithm's, or costs too much to be checked.
func CheckHash(algorithm HashAlgorithm, text string) error {
	h, err := parseHash(text)
	if err == nil && h.algorithm != algorithm {
		err = fmt.Errorf("the hash is not of %s", algorithm)
	}
	return err
}

// HashMatches reports whether a hash that CheckHash has accepted is the password's. It may take a second.
func HashMatches(text, password string) bool {
	h, err := parseHash(text)
	if err != nil {
		return false
	}
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return h.check(password)
}

// NewUnprovable makes a verifier that no password has: a random element of the group, whose exponent nobody knows.
func NewUnprovable() Verifier {
	v := Verifier{Salt: make([]byte, saltBytes), V: make([]byte, groupBytes-1)} // a byte less: below the modulus
	rand.Read(v.Salt)
	rand.Read(v.V)
	return v
}

func parseHash(text string) (foreignHash, error) {
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		if strings.HasPrefix(text, prefix) {
			return parseBcrypt(text)
		}
	}
	parts := strings.Split(text, "$")
	if len(parts) == 6 && parts[1] == "argon2id" && parts[2] == "v=19" {
		parts = append(parts[:2], parts[3:]...)
	} else if len(parts) > 1 && parts[1] == "argon2id" {
		return foreignHash{}, errHash
	}
	if len(parts) != 5 || parts[0] != "" {
		return foreignHash{}, errHash
	}
	salt, err := unpadded(parts[3])
	if err != nil {
		return foreignHash{}, errHash
	}
	want, err := unpadded(parts[4])
	if err != nil || len(want) < 16 || len(want) > 128 || len(salt) > 1024 {
		return foreignHash{}, errHash
	}
	n, err := parameters(parts[2])
	if err != nil {
		return foreignHash{}, err
	}
	h, derive, err := derivation(parts[1], n, salt, len(want))
	if err != nil {
		return foreignHash{}, err
	}
	h.check = func(password string) bool {
		got := derive(password)
		return subtle.ConstantTimeCompare(got, want) == 1
	}
	return h, nil
}

func parseBcrypt(text string) (foreignHash, error) {
	cost, err := bcrypt.Cost([]byte(text))
	if err != nil || len(text) != 60 {
		return foreignHash{}, errHash
	}
	if cost > maxBcryptCost {
		return foreignHash{}, fmt.Errorf("the hash has cost %d, the most is %d", cost, maxBcryptCost)
	}
	return foreignHash{BCrypt, func(password string) bool {
		return bcrypt.CompareHashAndPassword([]byte(text), []byte(password)) == nil
	}}, nil
}

// derivation returns the function that makes a key of so many bytes from a password.
func derivation(name string, n map[string]int, salt []byte, size int) (foreignHash, func(password string) []byte, error) {
	within := func(name string, least, most int) bool { return n[name] >= least && n[name] <= most }
	errCost := errors.New("the parameters of the hash are out of bounds")
	switch name {
	case "argon2id":
		if !within("m", 8, maxMemory>>10) || !within("t", 1, 64) || !within("p", 1, maxParallel) || n["m"]*n["t"] > maxArgonPasses {
			return foreignHash{}, nil, errCost
		}
		return foreignHash{algorithm: Argon2ID}, func(password string) []byte {
			return argon2.IDKey([]byte(password), salt, uint32(n["t"]), uint32(n["m"]), uint8(n["p"]), uint32(size))
		}, nil
	case "scrypt":
		if !within("ln", 1, 20) || !within("r", 1, 64) || !within("p", 1, maxParallel) ||
			128<<n["ln"]*n["r"] > maxMemory || 1<<n["ln"]*n["r"]*n["p"] > maxScryptRounds {
			return foreignHash{}, nil, errCost
		}
		return foreignHash{algorithm: SCrypt}, func(password string) []byte {
			key, err := scrypt.Key([]byte(password), salt, 1<<n["ln"], n["r"], n["p"], size)
			if err != nil {
				return nil
			}
			return key
		}, nil
	case "pbkdf2-sha256":
		if l, ok := n["l"]; !within("i", 1, maxIterations) || ok && l != size {
			return foreignHash{}, nil, errCost
		}
		return foreignHash{algorithm: PBKDF2SHA256}, func(password string) []byte {
			key, err := pbkdf2.Key(sha256.New, password, salt, n["i"], size)
			if err != nil {
				return nil
			}
			return key
		}, nil
	}
	return foreignHash{}, nil, errHash
}

// parameters reads "m=65536,t=3,p=4".
func parameters(text string) (map[string]int, error) {
	all := map[string]int{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(pair, "=")
		n, err := strconv.Atoi(value)
		if _, twice := all[name]; !ok || err != nil || n < 0 || twice {
			return nil, errHash
		}
		all[name] = n
	}
	return all, nil
}

// unpadded reads base64, also in the spelling in which a dot stands for the plus sign.
func unpadded(text string) ([]byte, error) {
	return base64.RawStdEncoding.Strict().DecodeString(strings.ReplaceAll(text, ".", "+"))
}
