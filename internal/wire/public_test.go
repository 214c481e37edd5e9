package wire

import (
	"reflect"
	"strings"
	"testing"
)

func TestPublicHidesWhatTheModelMarks(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in   any
		want string
	}{
		"a sensitive member":    {&AdminSetUserPasswordInput{UserPoolId: "p", Username: "ana", Password: "secret", Permanent: Ptr(true)}, `{"Password":"[hidden]","Permanent":true,"UserPoolId":"p","Username":"[hidden]"}`},
		"attributes":            {&AdminUpdateUserAttributesInput{UserAttributes: []AttributeType{{Name: "email", Value: "secret"}}}, `{"UserAttributes":{"email":"[hidden]"},"UserPoolId":"","Username":"[hidden]"}`},
		"metadata":              {&AdminResetUserPasswordInput{ClientMetadata: map[string]string{"a": "secret"}}, `{"ClientMetadata":"[hidden]","UserPoolId":"","Username":"[hidden]"}`},
		"details of a provider": {&IdentityProviderType{ProviderName: "x", ProviderDetails: map[string]string{"client_secret": "secret"}}, `{"ProviderDetails":"[hidden]","ProviderName":"x"}`},
		"a long text":           {&UICustomizationType{CSS: strings.Repeat("secret", 100)}, `{"CSS":"[600 bytes]"}`},
		"a document":            {&ManagedLoginBrandingType{Settings: Document(`{"a":"secret"}`)}, `{"Settings":"[14 bytes]"}`},
		"lists and maps":        {&UserPoolType{UserPoolTags: map[string]string{"a": "b"}, UsernameAttributes: []string{"email"}}, `{"UserPoolTags":{"a":"b"},"UsernameAttributes":["email"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, err := Public(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			text, err := Encode(tree)
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != tc.want {
				t.Errorf("got  %s\nwant %s", text, tc.want)
			}
		})
	}
}

func TestPublicTellsHiddenValuesApart(t *testing.T) {
	t.Parallel()
	of := func(password string) any {
		tree, err := Public(&AdminSetUserPasswordInput{Password: password})
		if err != nil {
			t.Fatal(err)
		}
		return tree
	}
	if !reflect.DeepEqual(of("a"), of("a")) || reflect.DeepEqual(of("a"), of("b")) {
		t.Error("hidden values are equal exactly when what they stand for is")
	}
}
