package operate

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"filippo.io/age"
)

// shortestPassphrase is the least number of characters of a passphrase. An archive can be guessed at without limits.
const shortestPassphrase = 12

// Recipients are the keys of age that an archive is for: public keys, or a file with a passphrase.
func Recipients(publicKeys []string, passphraseFile string) ([]age.Recipient, error) {
	if passphraseFile != "" {
		passphrase, err := readPassphrase(passphraseFile)
		if err != nil {
			return nil, err
		}
		r, err := age.NewScryptRecipient(passphrase)
		return []age.Recipient{r}, err
	}
	all, err := age.ParseRecipients(strings.NewReader(strings.Join(publicKeys, "\n")))
	if err != nil {
		return nil, fmt.Errorf("--recipient: %w: want a public key of age, which begins with age1", err)
	}
	return all, nil
}

// Identities are the keys of age that open an archive: a file with secret keys, or one with a passphrase.
func Identities(identityFile, passphraseFile string) (_ []age.Identity, err error) {
	if passphraseFile != "" {
		passphrase, err := readPassphrase(passphraseFile)
		if err != nil {
			return nil, err
		}
		i, err := age.NewScryptIdentity(passphrase)
		return []age.Identity{i}, err
	}
	f, err := os.Open(identityFile)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	all, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("%s holds no secret keys of age, as age-keygen makes them", identityFile) // the cause may tell them
	}
	return all, nil
}

func readPassphrase(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	passphrase := strings.TrimRight(string(text), "\r\n")
	if len([]rune(passphrase)) < shortestPassphrase {
		return "", fmt.Errorf("the passphrase in %s has fewer than %d characters", file, shortestPassphrase)
	}
	return passphrase, nil
}
