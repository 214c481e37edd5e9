package gosdk_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
)

// challenge starts an SRP sign-in and checks the shape of what the server asks.
func (a *app) challenge(t *testing.T, name string, e exchange) map[string]string {
	t.Helper()
	out, err := a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &a.clientID, AuthFlow: types.AuthFlowTypeUserSrpAuth, AuthParameters: a.hashed(name, "USERNAME", name, "SRP_A", e.A()),
	})
	must(t, err)
	if out.ChallengeName != types.ChallengeNameTypePasswordVerifier || out.Session != nil || out.AuthenticationResult != nil {
		t.Fatalf("SRP starts with %s, session %q, result %v", out.ChallengeName, aws.ToString(out.Session), out.AuthenticationResult)
	}
	for _, key := range []string{"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "USER_ID_FOR_SRP"} {
		if out.ChallengeParameters[key] == "" {
			t.Fatalf("the challenge lacks %s: %v", key, out.ChallengeParameters)
		}
	}
	if out.ChallengeParameters["USERNAME"] != out.ChallengeParameters["USER_ID_FOR_SRP"] {
		t.Errorf("USERNAME %q differs from USER_ID_FOR_SRP %q", out.ChallengeParameters["USERNAME"], out.ChallengeParameters["USER_ID_FOR_SRP"])
	}
	return out.ChallengeParameters
}

// responses are the answers to a challenge that a client with the password gives.
func (a *app) responses(t *testing.T, p map[string]string, e exchange, secret, timestamp string) map[string]string {
	t.Helper()
	block, err := base64.StdEncoding.DecodeString(p["SECRET_BLOCK"])
	must(t, err)
	_, poolName, _ := strings.Cut(a.pool, "_")
	id := p["USER_ID_FOR_SRP"]
	s, u := e.secret(poolName, id, secret, number(t, p["SALT"]), number(t, p["SRP_B"]))
	return a.hashed(id, "USERNAME", id, "PASSWORD_CLAIM_SECRET_BLOCK", p["SECRET_BLOCK"], "TIMESTAMP", timestamp,
		"PASSWORD_CLAIM_SIGNATURE", prove(s, u, poolName, id, block, timestamp))
}

func (a *app) respond(t *testing.T, responses map[string]string) (*idp.RespondToAuthChallengeOutput, error) {
	t.Helper()
	return a.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &a.clientID, ChallengeName: types.ChallengeNameTypePasswordVerifier, ChallengeResponses: responses,
	})
}

// signInSRP goes through both steps.
func (a *app) signInSRP(t *testing.T, name, secret string, e exchange) (*idp.RespondToAuthChallengeOutput, error) {
	t.Helper()
	return a.respond(t, a.responses(t, a.challenge(t, name, e), e, secret, stamp(time.Now())))
}

const wrongPassword = "Incorrect username or password."

func TestSRPSignsInWithEveryPadding(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		a.makeUser(t, "ann", password)
		shapes := map[string]func(*big.Int) bool{
			"an odd number of digits": func(n *big.Int) bool { return len(n.Text(16))%2 == 1 },
			"a leading zero byte":     func(n *big.Int) bool { return n.BitLen() <= 3064 },
			"the top bit set":         func(n *big.Int) bool { return n.BitLen() == 3072 },
			"the top bit clear":       func(n *big.Int) bool { return n.BitLen() == 3071 },
		}
		for name, fits := range shapes {
			t.Run(name, func(t *testing.T) {
				e := newExchange()
				for !fits(e.public) {
					e = exchangeOf(new(big.Int).Add(e.a, big.NewInt(1)))
				}
				if out, err := a.signInSRP(t, "ann", password, e); err != nil || out.AuthenticationResult == nil {
					t.Errorf("A = %s…: %v", e.A()[:16], err)
				}
			})
		}
		for i := range 256 { // enough for a leading zero byte in B, u, S or the proof's key, more likely than not
			if out, err := a.signInSRP(t, "ann", password, newExchange()); err != nil || out.AuthenticationResult == nil {
				t.Fatalf("sign-in %d: %v", i, err)
			}
		}
	})
}

func TestSRPRefusesWhatProvesNothing(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		a.makeUser(t, "ann", password)
		a.makeUser(t, "bob", password)
		now := time.Now()
		e := newExchange()
		answer := func(change func(map[string]string)) error {
			r := a.responses(t, a.challenge(t, "ann", e), e, password, stamp(now))
			change(r)
			_, err := a.respond(t, r)
			return err
		}
		resign := func(timestamp string) func(map[string]string) {
			return func(r map[string]string) {
				maps.Copy(r, a.responses(t, a.challenge(t, "ann", e), e, password, timestamp))
			}
		}
		other := a.responses(t, a.challenge(t, "bob", e), e, password, stamp(now))
		day := now.UTC().Format("Mon Jan 02 15:04:05 UTC 2006")
		cases := map[string]func(map[string]string){
			"a flipped proof": func(r map[string]string) {
				r["PASSWORD_CLAIM_SIGNATURE"] = base64.StdEncoding.EncodeToString(make([]byte, 32))
			},
			"no base64 for a proof":       func(r map[string]string) { r["PASSWORD_CLAIM_SIGNATURE"] = "!" },
			"another user's secret block": func(r map[string]string) { r["PASSWORD_CLAIM_SECRET_BLOCK"] = other["PASSWORD_CLAIM_SECRET_BLOCK"] },
			"another user's whole answer": func(r map[string]string) { maps.Copy(r, other); r["USERNAME"] = "ann" },
			"an invented secret block":    func(r map[string]string) { r["PASSWORD_CLAIM_SECRET_BLOCK"] = "AAAA" },
			"a changed timestamp":         func(r map[string]string) { r["TIMESTAMP"] = stamp(now.Add(time.Second)) },
			"a wrong weekday":             resign(strings.Replace(stamp(now), now.UTC().Format("Mon"), now.UTC().AddDate(0, 0, 1).Format("Mon"), 1)),
			"a time long ago":             resign(stamp(now.Add(-10 * time.Minute))),
			"a time to come":              resign(stamp(now.Add(10 * time.Minute))),
		}
		if day != stamp(now) {
			cases["a day with a zero before it"] = resign(day)
		}
		for name, change := range cases {
			t.Run(name, func(t *testing.T) {
				refused[*types.NotAuthorizedException](t, answer(change), wrongPassword)
				// A success in between keeps the lockout out of the way.
				if _, err := a.signInSRP(t, "ann", password, e); err != nil {
					t.Fatalf("the right password afterwards: %v", err)
				}
			})
		}
		t.Run("a time in another form", func(t *testing.T) {
			refused[*types.InvalidParameterException](t, answer(resign(now.UTC().Format(time.RFC3339))),
				"TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
		})
		t.Run("the same answer twice", func(t *testing.T) {
			r := a.responses(t, a.challenge(t, "ann", e), e, password, stamp(now))
			_, err := a.respond(t, r)
			must(t, err)
			_, err = a.respond(t, r)
			refused[*types.NotAuthorizedException](t, err, "")
		})
		t.Run("a wrong password", func(t *testing.T) {
			_, err := a.signInSRP(t, "ann", "Wr0ng-horse!", e)
			refused[*types.NotAuthorizedException](t, err, wrongPassword)
		})
	})
}

// A client that sends a multiple of N knows the server's S without a password: it is zero.
func TestSRPNeverAcceptsAMultipleOfN(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		a.makeUser(t, "ann", password)
		_, poolName, _ := strings.Cut(a.pool, "_")
		for i := range 3 {
			public := new(big.Int).Mul(group, big.NewInt(int64(i)))
			t.Run(fmt.Sprintf("%d times N", i), func(t *testing.T) {
				out, err := a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
					ClientId: &a.clientID, AuthFlow: types.AuthFlowTypeUserSrpAuth,
					AuthParameters: map[string]string{"USERNAME": "ann", "SRP_A": public.Text(16)},
				})
				if err != nil {
					refused[*types.InvalidParameterException](t, err, "")
					return
				}
				p := out.ChallengeParameters
				block, err := base64.StdEncoding.DecodeString(p["SECRET_BLOCK"])
				must(t, err)
				u := hash(pad(public), pad(number(t, p["SRP_B"])))
				at := stamp(time.Now())
				_, err = a.respond(t, map[string]string{
					"USERNAME": "ann", "PASSWORD_CLAIM_SECRET_BLOCK": p["SECRET_BLOCK"], "TIMESTAMP": at,
					"PASSWORD_CLAIM_SIGNATURE": prove(new(big.Int), u, poolName, "ann", block, at),
				})
				refused[*types.NotAuthorizedException](t, err, wrongPassword)
			})
		}
		for name, value := range map[string]string{"no number": "xyz", "a negative one": "-2", "one far too long": strings.Repeat("f", 50_000)} {
			t.Run(name, func(t *testing.T) {
				_, err := a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
					ClientId: &a.clientID, AuthFlow: types.AuthFlowTypeUserSrpAuth, AuthParameters: map[string]string{"USERNAME": "ann", "SRP_A": value},
				})
				var fault smithy.APIError
				if !errors.As(err, &fault) || !slices.Contains([]string{"InvalidParameterException", "NotAuthorizedException"}, fault.ErrorCode()) {
					t.Errorf("got %v", err)
				}
			})
		}
	})
}

func TestSRPWithASecretAliasAndAdministrator(t *testing.T) {
	pool := &idp.CreateUserPoolInput{AliasAttributes: []types.AliasAttributeType{types.AliasAttributeTypeEmail}}
	onEachDatabase(t, pool, &idp.CreateUserPoolClientInput{GenerateSecret: true}, func(t *testing.T, a *app) {
		to := address()
		a.makeUser(t, "ann", password, "email", to, "email_verified", "true")
		for _, name := range []string{"ann", to} {
			e := newExchange()
			out, err := a.signInSRP(t, name, password, e)
			must(t, err)
			if got := claims(t, out.AuthenticationResult.AccessToken)["username"]; got != "ann" {
				t.Errorf("signed in as %v", got)
			}

			asked, err := a.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
				UserPoolId: &a.pool, ClientId: &a.clientID, AuthFlow: types.AuthFlowTypeUserSrpAuth,
				AuthParameters: a.hashed(name, "USERNAME", name, "SRP_A", e.A()),
			})
			must(t, err)
			done, err := a.AdminRespondToAuthChallenge(t.Context(), &idp.AdminRespondToAuthChallengeInput{
				UserPoolId: &a.pool, ClientId: &a.clientID, ChallengeName: asked.ChallengeName, Session: asked.Session,
				ChallengeResponses: a.responses(t, asked.ChallengeParameters, e, password, stamp(time.Now())),
			})
			must(t, err)
			if done.AuthenticationResult == nil {
				t.Errorf("an administrator's SRP sign-in ends in %s", done.ChallengeName)
			}
		}
		e := newExchange()
		r := a.responses(t, a.challenge(t, to, e), e, password, stamp(time.Now()))
		r["SECRET_HASH"] = secretHash(a.secret, to, a.clientID)
		_, err := a.respond(t, r)
		refused[*types.NotAuthorizedException](t, err, "SecretHash does not match for the client: "+a.clientID)
	})
}

func TestSRPOfATemporaryPasswordAsksForANewOne(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		name := "ann"
		_, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &a.pool, Username: &name, MessageAction: types.MessageActionTypeSuppress, TemporaryPassword: aws.String("Temp-0rary!"),
		})
		must(t, err)
		asked, err := a.signInSRP(t, name, "Temp-0rary!", newExchange())
		must(t, err)
		if asked.ChallengeName != types.ChallengeNameTypeNewPasswordRequired || aws.ToString(asked.Session) == "" {
			t.Fatalf("asked for %s with session %q", asked.ChallengeName, aws.ToString(asked.Session))
		}
		out, err := a.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
			ClientId: &a.clientID, ChallengeName: asked.ChallengeName, Session: asked.Session,
			ChallengeResponses: map[string]string{"USERNAME": name, "NEW_PASSWORD": password},
		})
		must(t, err)
		if out.AuthenticationResult == nil {
			t.Errorf("the new password ends in %s", out.ChallengeName)
		}
		_, err = a.signInSRP(t, name, password, newExchange())
		must(t, err)
	})
}

func TestSRPOfNobodyLooksLikeAnybody(t *testing.T) {
	hiding := &idp.CreateUserPoolClientInput{PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled}
	onEachDatabase(t, nil, hiding, func(t *testing.T, a *app) {
		a.makeUser(t, "ann", password)
		e := newExchange()
		nobody, again, ann := a.challenge(t, "nobody", e), a.challenge(t, "nobody", e), a.challenge(t, "ann", e)
		if nobody["SALT"] != again["SALT"] || nobody["USER_ID_FOR_SRP"] != again["USER_ID_FOR_SRP"] {
			t.Error("salt and id of nobody change from try to try")
		}
		if nobody["SRP_B"] == again["SRP_B"] {
			t.Error("B of nobody stays the same")
		}
		if got, want := len(nobody["SECRET_BLOCK"]), len(ann["SECRET_BLOCK"]); got < want-64 || got > want+64 {
			t.Errorf("secret blocks of nobody have %d characters, of a user %d", got, want)
		}
		_, err := a.respond(t, a.responses(t, nobody, e, password, stamp(time.Now())))
		refused[*types.NotAuthorizedException](t, err, wrongPassword)
	})
}
