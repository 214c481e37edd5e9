package sigv4

import (
	"fmt"
	"testing"
)

func TestAKeptKeyProvesNoOtherRequest(t *testing.T) {
	t.Parallel()
	v, key := testVerifier(), oneKey(Key{Secret: testSecret})
	verify := func(o order, body string, find Lookup) error {
		return v.Verify(t.Context(), sign(t, o), []byte(body), "cognito-idp", find)
	}
	for i := range 2 {
		if err := verify(order{}, testBody, key); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	if len(v.keys.all) != 1 {
		t.Fatalf("%d keys are kept, want one", len(v.keys.all))
	}
	if verify(order{}, testBody+" ", key) == nil {
		t.Error("another body passes")
	}
	if verify(order{secret: "another secret"}, testBody, key) == nil {
		t.Error("another secret passes")
	}
	if verify(order{}, testBody, oneKey(Key{Secret: "a new secret"})) == nil {
		t.Error("the old secret passes after a change")
	}
	if verify(order{id: "AKIDNOBODY"}, testBody, key) == nil {
		t.Error("another id passes")
	}
	if len(v.keys.all) != 1 {
		t.Errorf("%d keys are kept after bad signatures, want one", len(v.keys.all))
	}
}

func TestSigningKeysAreBounded(t *testing.T) {
	t.Parallel()
	v := &Verifier{Now: testVerifier().Now}
	for i := range maxSigningKeys + 10 {
		r := sign(t, order{region: fmt.Sprintf("region-%d", i)})
		if err := v.Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{Secret: testSecret})); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(v.keys.all); n == 0 || n > maxSigningKeys {
		t.Errorf("%d keys are kept, want 1 to %d", n, maxSigningKeys)
	}
}
