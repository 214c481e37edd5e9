package flows

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tracksSessions turns the tracking of sessions on.
func (s *site) tracksSessions(t testing.TB, limit int) {
	t.Helper()
	s.must(t, "SetUserPoolSessionConfiguration", doc{
		"UserPoolId": s.pool, "UserSessionTracking": "ENABLED", "TokenSession": doc{"MaxPerUser": limit},
	})
	s.srv.Advance(t, time.Second) // settings are looked at again
}

// sessions lists the sessions of a user as an administrator sees them.
func (s *site) sessions(t testing.TB, name string) []doc {
	t.Helper()
	return list(s.must(t, "AdminListUserSessions", doc{"UserPoolId": s.pool, "Username": name}), "Sessions")
}

func TestSessionSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, nil, doc{"ExplicitAuthFlows": []string{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}})
	pool, client := doc{"UserPoolId": s.pool}, doc{"UserPoolId": s.pool, "ClientId": s.client}
	ofPool := func(tracking string, limit int) doc {
		return doc{"UserPoolId": s.pool, "UserSessionTracking": tracking, "TokenSession": doc{"MaxPerUser": float64(limit)}}
	}
	ofClient := func(minutes int) doc {
		return doc{"UserPoolId": s.pool, "ClientId": s.client, "SSOSession": doc{"MaxValidityMinutes": float64(minutes)}}
	}
	check := func(operation string, in, want doc) {
		t.Helper()
		if diff := cmp.Diff(want, s.must(t, operation, in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", operation, diff)
		}
	}
	check("GetUserPoolSessionConfiguration", pool, ofPool("DISABLED", 20))
	check("GetUserPoolClientSessionConfiguration", client, ofClient(60))
	s.refused(t, "SetUserPoolClientSessionConfiguration", ofClient(0), refusal{Code: "OperationNotEnabledException"})
	for limit, text := range map[int]string{0: "greater than or equal to 1", 101: "less than or equal to 100"} {
		s.refused(t, "SetUserPoolSessionConfiguration", ofPool("ENABLED", limit), refusal{Code: "InvalidParameterException"})
		if _, no := s.call(t, "SetUserPoolSessionConfiguration", ofPool("ENABLED", limit)); !regexp.MustCompile(text).MatchString(no.Message) {
			t.Errorf("a limit of %d: %s", limit, no.Message)
		}
	}
	check("SetUserPoolSessionConfiguration", ofPool("ENABLED", 3), ofPool("ENABLED", 3))
	check("GetUserPoolSessionConfiguration", pool, ofPool("ENABLED", 3))
	s.refused(t, "SetUserPoolClientSessionConfiguration", ofClient(129_601), refusal{Code: "InvalidParameterException"})
	check("SetUserPoolClientSessionConfiguration", ofClient(0), ofClient(0))
	check("SetUserPoolSessionConfiguration", ofPool("DISABLED", 100), ofPool("DISABLED", 100))
	check("GetUserPoolClientSessionConfiguration", client, ofClient(0)) // dormant, and kept

	s.must(t, "UpdateUserPool", doc{"UserPoolId": s.pool, "UserPoolTier": "LITE"})
	s.refused(t, "SetUserPoolSessionConfiguration", ofPool("ENABLED", 3), refusal{Code: "FeatureUnavailableInTierException"})
	s.must(t, "UpdateUserPool", doc{"UserPoolId": s.pool, "UserPoolTier": "ESSENTIALS"})
	s.must(t, "SetUserPoolSessionConfiguration", ofPool("ENABLED", 3))
	s.refused(t, "UpdateUserPool", doc{"UserPoolId": s.pool, "UserPoolTier": "LITE"}, refusal{Code: "FeatureUnavailableInTierException"})
	s.refused(t, "GetUserPoolSessionConfiguration", doc{"UserPoolId": "us-east-1_AAAAAAAAA"}, refusal{Code: "ResourceNotFoundException"})
}

func TestSessionsAreListed(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, nil, nil)
	s.addUser(t, "ann")
	s.addUser(t, "bob")
	before := s.signIn(t, "ann")
	notEnabled := refusal{Code: "OperationNotEnabledException"}
	s.refused(t, "AdminListUserSessions", doc{"UserPoolId": s.pool, "Username": "ann"}, notEnabled)
	s.refused(t, "ListUserSessions", doc{"AccessToken": before["AccessToken"]}, notEnabled)

	s.tracksSessions(t, 20)
	if found := s.sessions(t, "ann"); len(found) != 0 {
		t.Errorf("a sign-in from before is a session: %v", found)
	}
	first := s.signIn(t, "ann")
	s.srv.Advance(t, time.Minute)
	second := s.from("2001:db8::7", firefoxOnLinux).signIn(t, "ann")
	s.signIn(t, "bob")

	mine := list(s.must(t, "ListUserSessions", doc{"AccessToken": first["AccessToken"]}), "Sessions")
	if len(mine) != 2 {
		t.Fatalf("%d sessions, want 2: %v", len(mine), mine)
	}
	id := regexp.MustCompile(`^tkn[0-9a-z]{25}$`)
	for i, want := range []doc{
		{"DeviceType": "Firefox 127 / Linux", "LastIPAddress": "2001:db8::7", "IsCurrentSession": false},
		{"DeviceType": "Chrome 126 / Windows 10", "LastIPAddress": "192.0.2.10", "IsCurrentSession": true},
	} {
		if found, _ := mine[i]["SessionId"].(string); !id.MatchString(found) {
			t.Errorf("session id %q", found)
		}
		if mine[i]["CreateDate"] == nil || mine[i]["LastActiveDate"] == nil {
			t.Errorf("session without dates: %v", mine[i])
		}
		for _, name := range []string{"SessionId", "CreateDate", "LastActiveDate"} {
			delete(mine[i], name)
		}
		want["SessionType"], want["ClientId"], want["LastLocation"] = "TOKEN", s.client, doc{"Country": "unknown"}
		if diff := cmp.Diff(want, mine[i]); diff != "" {
			t.Errorf("session %d (-want +got):\n%s", i, diff)
		}
	}
	for _, session := range s.sessions(t, "ann") {
		if session["IsCurrentSession"] != false {
			t.Error("an administrator has a current session")
		}
	}

	// A refresh moves a session to the top, and where it is used from with it; not more often than once a minute.
	used := func() any { return s.sessions(t, "ann")[0]["LastActiveDate"] }
	stamp := used()
	s.srv.Advance(t, 30*time.Second)
	s.must(t, "GetTokensFromRefreshToken", s.refresh(second))
	if used() != stamp {
		t.Error("a refresh within the minute was written")
	}
	s.srv.Advance(t, time.Minute)
	s.from("198.51.100.1", firefoxOnLinux).must(t, "GetTokensFromRefreshToken", s.refresh(first))
	if top := s.sessions(t, "ann")[0]; top["LastIPAddress"] != "198.51.100.1" || top["DeviceType"] != "Firefox 127 / Linux" {
		t.Errorf("after a refresh the most recent session is %v", top)
	}
	s.refused(t, "AdminListUserSessions", doc{"UserPoolId": s.pool, "Username": "eve"}, refusal{Code: "UserNotFoundException"})
	s.refused(t, "ListUserSessions", doc{"AccessToken": first["AccessToken"], "NextToken": "x"}, refusal{Code: "InvalidParameterException"})
}

func TestASessionIsRevoked(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, nil, doc{"EnableTokenRevocation": false}) // so that access tokens of other pools have no origin_jti
	s.addUser(t, "ann")
	s.addUser(t, "bob")
	s.tracksSessions(t, 20)
	here, there := s.signIn(t, "ann"), s.signIn(t, "ann")
	bob := s.signIn(t, "bob")
	idOf := func(tokens doc) any {
		for _, session := range list(s.must(t, "ListUserSessions", doc{"AccessToken": tokens["AccessToken"]}), "Sessions") {
			if session["IsCurrentSession"] == true {
				return session["SessionId"]
			}
		}
		t.Fatal("no session is the current one")
		return nil
	}
	lost, mine, bobs := idOf(there), idOf(here), idOf(bob)
	s.refused(t, "RevokeUserSession", doc{"AccessToken": here["AccessToken"], "SessionId": mine}, refusal{Code: "InvalidParameterException"})
	for _, in := range []doc{
		{"AccessToken": here["AccessToken"], "SessionId": bobs},
		{"AccessToken": here["AccessToken"], "SessionId": "tkn0000000000000000000000000"},
	} {
		s.refused(t, "RevokeUserSession", in, refusal{Code: "ResourceNotFoundException"})
	}
	s.refused(t, "AdminRevokeUserSession", doc{"UserPoolId": s.pool, "Username": "bob", "SessionId": lost}, refusal{Code: "ResourceNotFoundException"})

	s.must(t, "RevokeUserSession", doc{"AccessToken": here["AccessToken"], "SessionId": lost, "RevokeAssociatedSessions": "LINKED"})
	s.refused(t, "GetUser", doc{"AccessToken": there["AccessToken"]}, refusal{"NotAuthorizedException", "Access Token has been revoked"})
	s.refused(t, "GetTokensFromRefreshToken", s.refresh(there), refusal{"NotAuthorizedException", "Refresh Token has been revoked"})
	s.must(t, "GetUser", doc{"AccessToken": here["AccessToken"]})
	if n := len(s.sessions(t, "ann")); n != 1 {
		t.Errorf("%d sessions are left, want 1", n)
	}
	s.must(t, "AdminRevokeUserSession", doc{"UserPoolId": s.pool, "Username": "ann", "SessionId": mine})
	s.refused(t, "GetUser", doc{"AccessToken": here["AccessToken"]}, refusal{"NotAuthorizedException", "Access Token has been revoked"})
	s.must(t, "GetUser", doc{"AccessToken": bob["AccessToken"]})

	// Whoever signs out everywhere has no session left, and one that begins afterwards lives.
	s.must(t, "GlobalSignOut", doc{"AccessToken": bob["AccessToken"]})
	if n := len(s.sessions(t, "bob")); n != 0 {
		t.Errorf("after a global sign-out %d sessions are left", n)
	}
	s.refused(t, "AdminRevokeUserSession", doc{"UserPoolId": s.pool, "Username": "bob", "SessionId": bobs}, refusal{Code: "ResourceNotFoundException"})
	again := s.signIn(t, "bob")
	if n := len(s.sessions(t, "bob")); n != 1 {
		t.Errorf("after a new sign-in there are %d sessions, want 1", n)
	}
	s.must(t, "GetUser", doc{"AccessToken": again["AccessToken"]})
}

func TestRevokeTokenEndsItsSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, nil, nil)
	s.addUser(t, "ann")
	s.tracksSessions(t, 20)
	for _, associated := range []string{"", "NONE", "LINKED"} {
		kept, ended := s.signIn(t, "ann"), s.signIn(t, "ann")
		in := doc{"ClientId": s.client, "Token": ended["RefreshToken"]}
		if associated != "" {
			in["RevokeAssociatedSessions"] = associated
		}
		s.must(t, "RevokeToken", in)
		if n := len(s.sessions(t, "ann")); n != 1 {
			t.Errorf("%q: %d sessions are left, want 1", associated, n)
		}
		s.must(t, "RevokeToken", doc{"ClientId": s.client, "Token": kept["RefreshToken"]})
	}
	s.refused(t, "RevokeToken", doc{"ClientId": s.client, "Token": "x", "RevokeAssociatedSessions": "ALL"}, refusal{Code: "InvalidParameterException"})
}

func TestTheLeastRecentlyUsedSessionMakesRoom(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, nil, nil)
	s.addUser(t, "ann")
	s.tracksSessions(t, 3)
	var tokens []doc
	for range 3 {
		tokens = append(tokens, s.signIn(t, "ann"))
		s.srv.Advance(t, 2*time.Minute)
	}
	s.must(t, "GetTokensFromRefreshToken", s.refresh(tokens[0])) // now the second one is the least recently used
	s.srv.Advance(t, time.Minute)
	tokens = append(tokens, s.signIn(t, "ann"))
	var alive []int
	for i := range tokens {
		if _, no := s.call(t, "GetTokensFromRefreshToken", s.refresh(tokens[i])); no == (refusal{}) {
			alive = append(alive, i)
		} else if no.Message != "Refresh Token has been revoked" {
			t.Errorf("an evicted session: %+v", no)
		}
	}
	if !slices.Equal(alive, []int{0, 2, 3}) {
		t.Errorf("alive are %v, want all but the second", alive)
	}
	// A smaller limit takes effect at the next sign-in.
	s.tracksSessions(t, 1)
	if n := len(s.sessions(t, "ann")); n != 3 {
		t.Errorf("the limit alone left %d sessions, want 3", n)
	}
	s.signIn(t, "ann")
	if n := len(s.sessions(t, "ann")); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
	// Sessions end with their refresh tokens.
	s.srv.Advance(t, 31*24*time.Hour)
	if n := len(s.sessions(t, "ann")); n != 0 {
		t.Errorf("%d sessions have outlived their refresh tokens", n)
	}
}

func TestRefreshTokensRotate(t *testing.T) {
	t.Parallel()
	for _, grace := range []time.Duration{0, 30 * time.Second} {
		t.Run("with a grace of "+grace.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, map[string]string{"refresh-reuse-ends-sign-in": "false"}, nil, doc{
				"RefreshTokenRotation": doc{"Feature": "ENABLED", "RetryGracePeriodSeconds": grace.Seconds()},
				"RefreshTokenValidity": 1, "TokenValidityUnits": doc{"RefreshToken": "days"},
				"ExplicitAuthFlows": []string{"ALLOW_USER_PASSWORD_AUTH"},
			})
			s.addUser(t, "ann")
			first := s.signIn(t, "ann")
			reuse := refusal{Code: "RefreshTokenReuseException"}
			exchange := func(tokens doc) doc {
				t.Helper()
				next := s.must(t, "GetTokensFromRefreshToken", s.refresh(tokens))["AuthenticationResult"].(doc)
				if next["RefreshToken"] == nil || next["RefreshToken"] == tokens["RefreshToken"] {
					t.Fatal("no new refresh token")
				}
				return next
			}
			second := exchange(first)
			if grace == 0 {
				s.refused(t, "GetTokensFromRefreshToken", s.refresh(first), reuse)
			} else {
				s.srv.Advance(t, grace/2)
				again := exchange(first) // the answer was lost
				s.srv.Advance(t, grace/2)
				s.refused(t, "GetTokensFromRefreshToken", s.refresh(first), reuse)
				exchange(again)
			}
			third := exchange(second) // reuse of one token does not end the others where the operator says so
			s.must(t, "GetUser", doc{"AccessToken": third["AccessToken"]})
			s.refused(t, "InitiateAuth", doc{"ClientId": s.client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": doc{"REFRESH_TOKEN": third["RefreshToken"]}},
				refusal{Code: "UnsupportedOperationException"})

			// The new tokens live for what is left of the first one's time.
			s.srv.Advance(t, 23*time.Hour)
			fourth := exchange(third)
			s.srv.Advance(t, time.Hour)
			s.refused(t, "GetTokensFromRefreshToken", s.refresh(fourth), refusal{"NotAuthorizedException", "Refresh Token has expired"})
		})
	}
}

func TestWithoutRotationNoRefreshTokenIsAnswered(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, nil, nil)
	s.addUser(t, "ann")
	tokens := s.signIn(t, "ann")
	for range 2 {
		out := s.must(t, "GetTokensFromRefreshToken", s.refresh(tokens))["AuthenticationResult"].(doc)
		if out["RefreshToken"] != nil || out["AccessToken"] == nil {
			t.Errorf("answered %v", out)
		}
	}
}
