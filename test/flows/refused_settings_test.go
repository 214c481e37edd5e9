package flows

import "testing"

// Settings that the shapes allow and the service refuses, by its words. A refused request changes nothing.
func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, nil, nil)
	describe := func() doc {
		t.Helper()
		return s.must(t, "DescribeUserPool", doc{"UserPoolId": s.pool})["UserPool"].(doc)
	}
	before := describe()["LastModifiedDate"]
	for name, c := range map[string]struct {
		in   doc
		want refusal
	}{
		"a link without a text": {
			doc{"VerificationMessageTemplate": doc{"EmailMessageByLink": "Confirm: {####}", "DefaultEmailOption": "CONFIRM_WITH_CODE"}},
			refusal{"InvalidParameterException", "The message is invalid."},
		},
		"an invitation without the username": {
			doc{"AdminCreateUserConfig": doc{"InviteMessageTemplate": doc{"SMSMessage": "Welcome {####}"}}},
			refusal{"InvalidParameterException", "The invitation message must contain the placeholder {username}."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.in["UserPoolId"] = s.pool
			s.refused(t, "UpdateUserPool", c.in, c.want)
			if now := describe()["LastModifiedDate"]; now != before {
				t.Errorf("changed at %v", now)
			}
		})
	}
}
