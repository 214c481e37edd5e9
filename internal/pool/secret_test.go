package pool

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestSecretsOfAClient(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	c, err := NewClient(p, Offers{}, &wire.CreateUserPoolClientInput{ClientName: "app", GenerateSecret: wire.Ptr(true)}, noon)
	if err != nil {
		t.Fatal(err)
	}
	first := c.Secrets[0]
	if len(first.Value) != 51 || !strings.HasPrefix(first.ID, c.ID+"--") {
		t.Errorf("secret %s of %d characters", first.ID, len(first.Value))
	}
	refused(t, c.DeleteSecret(first.ID), fault.InvalidParameter, "")
	_, err = c.AddSecret(first.Value, noon)
	refused(t, err, fault.InvalidParameter, "")

	second, err := c.AddSecret("my+own_secret_of_24_chars", noon)
	if err != nil {
		t.Fatal(err)
	}
	if second.ID == first.ID {
		t.Error("two secrets made in one second have one id")
	}
	if !c.HasSecret(first.Value) || !c.HasSecret(second.Value) || c.ShownSecret() != first.Value {
		t.Error("both secrets must work, and the older be shown")
	}
	_, err = c.AddSecret("", noon)
	refused(t, err, fault.LimitExceeded, "")
	refused(t, c.DeleteSecret("other--1"), fault.ResourceNotFound, "")
	if err := c.DeleteSecret(first.ID); err != nil {
		t.Fatal(err)
	}
	if c.HasSecret(first.Value) || c.ShownSecret() != second.Value {
		t.Error("the deleted secret still works")
	}
}

func TestAPublicClientGetsNoSecret(t *testing.T) {
	t.Parallel()
	_, err := (&Client{ID: "app"}).AddSecret("", noon)
	refused(t, err, fault.InvalidParameter, "")
}
