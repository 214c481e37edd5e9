package pool

import (
	"fmt"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// minSecretLength is the shortest secret that an operator can choose.
const minSecretLength = 24

// checkOwnSecret refuses a short secret in the words of the validator: the model's bound is for secrets that are set, not for those
// that are compared.
func checkOwnSecret(value string) error {
	if value != "" && len(value) < minSecretLength {
		return fault.Newf(fault.InvalidParameter, "1 validation error detected: Value at 'clientSecret' failed to satisfy constraint: "+
			"Member must have length greater than or equal to %d", minSecretLength)
	}
	return nil
}

// AddSecret gives a client that has a secret another one, beside it, so that the first can be replaced without a gap. The value is
// the caller's own, or "" for a new one. A client without a secret stays public, and a third secret is refused.
func (c *Client) AddSecret(value string, now time.Time) (Secret, error) {
	if err := checkOwnSecret(value); err != nil {
		return Secret{}, err
	}
	if err := c.CheckSecretOperations(); err != nil {
		return Secret{}, err
	}
	switch {
	case len(c.Secrets) == 0:
		return Secret{}, fault.Newf(fault.InvalidParameter, "User pool client %s does not have a client secret.", c.ID)
	case len(c.Secrets) >= MaxSecrets:
		return Secret{}, fault.Newf(fault.LimitExceeded, "A user pool client can have at most %d client secrets.", MaxSecrets)
	case value != "" && c.HasSecret(value):
		return Secret{}, fault.New(fault.InvalidParameter, "The user pool client already has this client secret.")
	}
	return c.addSecret(value, now), nil
}

func (c *Client) addSecret(value string, now time.Time) Secret {
	if value == "" {
		value = newSecretValue()
	}
	s := Secret{Value: value, Created: wire.At(now).Time}
	for epoch := now.Unix(); s.ID == "" || c.secretIndex(s.ID) >= 0; epoch++ {
		s.ID = fmt.Sprintf("%s--%d", c.ID, epoch)
	}
	c.Secrets = append(slices.Clone(c.Secrets), s)
	return s
}

// DeleteSecret takes one of two secrets from a client; the last one stays.
func (c *Client) DeleteSecret(id string) error {
	if err := c.CheckSecretOperations(); err != nil {
		return err
	}
	i := c.secretIndex(id)
	switch {
	case i < 0:
		return fault.Newf(fault.ResourceNotFound, "Client secret %s does not exist.", id)
	case len(c.Secrets) == 1:
		return fault.New(fault.InvalidParameter, "The last client secret of a user pool client can not be deleted.")
	}
	c.Secrets = slices.Delete(slices.Clone(c.Secrets), i, i+1)
	return nil
}

// ShownSecret returns the secret that DescribeUserPoolClient shows: the oldest, so that what a caller has stored stays true while
// another one is being rolled out; "" for a public client.
func (c *Client) ShownSecret() string {
	if len(c.Secrets) == 0 {
		return ""
	}
	return c.Secrets[0].Value
}

func (c *Client) secretIndex(id string) int {
	return slices.IndexFunc(c.Secrets, func(s Secret) bool { return s.ID == id })
}
