package model

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestLoadAppliesTheOverlay(t *testing.T) {
	t.Parallel()
	services, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	pools := services[0]
	if len(pools.Operations) != 140 || len(services[1].Operations) != 23 {
		t.Errorf("got %d and %d operations", len(pools.Operations), len(services[1].Operations))
	}
	if m := pools.member("AttributeType", "Value"); m == nil || !m.Always {
		t.Errorf("AttributeType.Value: got %+v", m)
	}
	if got := pools.Shapes["NotAuthorizedException"].HTTPStatus; got != 400 {
		t.Errorf("the status of NotAuthorizedException: got %d", got)
	}
	if got := pools.Shapes["InternalErrorException"].HTTPStatus; got != 500 {
		t.Errorf("the status of InternalErrorException: got %d", got)
	}
	if got := strings.Join(pools.Shapes["OAuthFlowType"].Enum, " "); got != "implicit client_credentials code" {
		t.Errorf("the order of OAuthFlowType: got %s", got)
	}
}

func TestOverlayEntriesMustFitTheModel(t *testing.T) {
	t.Parallel()
	for name, entry := range map[string]string{
		"an unknown operation":          `{"operations":[{"service":"cognito-idp","name":"Nope","auth":"none","source":"x"}]}`,
		"an unknown service":            `{"operations":[{"service":"nope","name":"SignUp","auth":"none","source":"x"}]}`,
		"an operation without a source": `{"operations":[{"service":"cognito-idp","name":"SignUp","auth":"none"}]}`,
		"an unknown shape":              `{"shapes":[{"service":"cognito-idp","name":"Nope","source":"x"}]}`,
		"a shape without a source":      `{"shapes":[{"service":"cognito-idp","name":"PasswordType"}]}`,
		"other values in another order": `{"shapes":[{"service":"cognito-idp","name":"OAuthFlowType","enum":["code"],"source":"x"}]}`,
		"a value that is there already": `{"shapes":[{"service":"cognito-idp","name":"OAuthFlowType","addEnum":["code"],"source":"x"}]}`,
		"an unknown member":             `{"members":[{"service":"cognito-idp","shape":"AttributeType","member":"Nope","source":"x"}]}`,
		"a member without a source":     `{"members":[{"service":"cognito-idp","shape":"AttributeType","member":"Value"}]}`,
		"a member of an unknown shape":  `{"members":[{"service":"cognito-idp","shape":"Nope","member":"Value","source":"x"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			services, err := Load()
			if err != nil {
				t.Fatal(err)
			}
			var o overlay
			if err := json.Unmarshal([]byte(entry), &o); err != nil {
				t.Fatal(err)
			}
			if err := o.apply(services); err == nil {
				t.Error("the entry was accepted")
			}
		})
	}
}
