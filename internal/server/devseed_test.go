package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASeedFileIsCheckedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"pools: 7":                        "line 1: a value of another type is needed, not the int `7`",
		"pools: {name: a}":                "line 1: a value of another type is needed, not the map",
		"pools: [{name: a, colour: red}]": "line 1: there is no colour here",
		"pools: [{id: us-east-1_Abc}]":    "pool 1 has no name",
		"pools: [{name: a, id: Abc}]":     `pool a: "Abc" is not a pool id like us-east-1_Abc123XyZ`,
		"pools: [{name: a}, {name: a}]":   "pool a: the pool a is there twice",
		"pools: [{name: a, id: us-east-1_Abc}, {name: b, id: us-east-1_Abc}]":                             "pool b: the pool id us-east-1_Abc is there twice",
		"pools: [{name: a, clients: [{name: web}, {name: web}]}]":                                         "pool a: the client web is there twice",
		"pools: [{name: a, clients: [{name: web, id: x}]}, {name: b, clients: [{name: web, id: x}]}]":     "pool b: the client id x is there twice",
		"pools: [{name: a, clients: [{name: web, id: X}]}]":                                               `pool a: "X" is not a client id: lower-case letters and digits`,
		"pools: [{name: a, groups: [{name: admins}, {name: admins}]}]":                                    "pool a: the group admins is there twice",
		"pools: [{name: a, users: [{username: ann}, {username: ann}]}]":                                   "pool a: the user ann is there twice",
		"pools: [{name: a, settings: {MfaConfig: OFF}}]":                                                  "pool a: there is no MfaConfig in the parameters",
		"pools: [{name: a, settings: {Policies: {PasswordPolicy: {MinLength: 8}}}}]":                      "pool a: there is no Policies/PasswordPolicy/MinLength in the parameters",
		"pools: [{name: a, mfa: {Sms: {}}}]":                                                              "pool a: there is no Sms in the parameters",
		"pools: [{name: a, clients: [{name: web, settings: {ExplicitAuthFlow: [ALLOW_USER_SRP_AUTH]}}]}]": "pool a: there is no ExplicitAuthFlow in the parameters",
		"pools: [{name: a, groups: [{name: admins, settings: {Rank: 1}}]}]":                               "pool a: there is no Rank in the parameters",
	} {
		path := filepath.Join(t.TempDir(), "pool.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readSeed(path); err == nil || err.Error() != path+": "+want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
	good := filepath.Join(t.TempDir(), "pool.yaml")
	const text = `pools:
  - {name: a, settings: {UsernameAttributes: [email]}, clients: [{name: web}, {name: app}], groups: [{name: g}], users: [{username: ann}]}
  - {name: b, clients: [{name: web}], groups: [{name: g}], users: [{username: ann}]}
`
	if err := os.WriteFile(good, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := readSeed(good); err != nil || len(s.Pools) != 2 || strings.Join([]string{s.Pools[0].Name, s.Pools[1].Name}, "") != "ab" {
		t.Errorf("got %+v, %v", s, err)
	}
}
