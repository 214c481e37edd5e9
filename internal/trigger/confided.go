package trigger

import "strings"

// confided is the error of a function that was told secrets and may repeat them. The caller gets the function's words as they are (the fault
// in the chain); logs, which print the error, get them without the secrets.
type confided struct {
	cause error
	text  string
}

func (c *confided) Error() string { return c.text }
func (c *confided) Unwrap() error { return c.cause }

// minSecret is the shortest secret that is looked for, in bytes. A shorter one is found in any text.
const minSecret = 4

// confide hides the secrets in the text of an error; nil for nil.
func confide(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, secret := range secrets {
		if len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, "[hidden]")
		}
	}
	return &confided{err, text}
}
