package flows

import (
	"testing"
	"time"
)

// Whoever knows the key of a device has not shown that it is the device: the key travels in tokens and requests.
func TestADeviceThatProvesNothingIsNoKnownOne(t *testing.T) {
	t.Parallel()
	s := guarded(t, "AUDIT", nil, doc{"DeviceConfiguration": doc{"ChallengeRequiredOnNewDevice": false, "DeviceOnlyRememberedOnUserPrompt": false}})
	levels := map[string]any{}
	for _, name := range []string{"ann", "bob"} { // ann's key is told by a stranger, bob's is not
		s.addUser(t, name)
		in := s.must(t, "InitiateAuth", s.passwordOf(name, sitePassword))["AuthenticationResult"].(doc)
		key := in["NewDeviceMetadata"].(doc)["DeviceKey"]
		d := &tracked{key: key.(string), group: "-group", secret: "s"}
		v := d.verifier()
		s.must(t, "ConfirmDevice", doc{"AccessToken": in["AccessToken"], "DeviceKey": key, "DeviceSecretVerifierConfig": doc{
			"Salt": *v.Salt, "PasswordVerifier": *v.PasswordVerifier,
		}})
		s.events(t, name) // written by now
		s.srv.Advance(t, time.Hour)
		again := s.passwordOf(name, sitePassword)
		if name == "ann" {
			again["AuthParameters"].(doc)["DEVICE_KEY"] = key
		}
		s.from("198.51.100.9", firefoxOnLinux).must(t, "InitiateAuth", again)
		risk, _ := s.events(t, name)[0]["EventRisk"].(doc)
		levels[name] = risk["RiskLevel"]
	}
	if levels["ann"] != levels["bob"] || levels["bob"] == nil {
		t.Errorf("the risk by the key alone is %v, without it %v", levels["ann"], levels["bob"])
	}
}
