package client

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/cenote-id/cenote/client/srp"
)

// Flow is how a sign-in begins. The app client must allow it.
type Flow string

// The flows. The zero value stands for FlowSRP.
const (
	FlowSRP      Flow = "USER_SRP_AUTH"      // the password is proved and never sent
	FlowPassword Flow = "USER_PASSWORD_AUTH" // the password is sent; lets the pool migrate users
	FlowCustom   Flow = "CUSTOM_AUTH"        // the triggers of the pool ask; with a password, SRP comes first
	FlowChoice   Flow = "USER_AUTH"          // the user chooses among the first factors that the pool allows
)

// Factor is a first factor of FlowChoice.
type Factor string

// The factors.
const (
	FactorPassword    Factor = "PASSWORD"
	FactorPasswordSRP Factor = "PASSWORD_SRP"
	FactorEmail       Factor = "EMAIL_OTP"
	FactorSMS         Factor = "SMS_OTP"
	FactorPasskey     Factor = "WEB_AUTHN"
)

// SignIn says how a user signs in. A Password is all that most pools need.
type SignIn struct {
	hide
	Flow     Flow
	Password string `json:"-"`

	// Prefer is the factor of FlowChoice to begin with. With a password it is FactorPasswordSRP unless told otherwise. Without either, or
	// when the user does not have the factor, the server asks SelectChallenge.
	Prefer Factor

	// ValidationData reaches the triggers of this sign-in, in place of the metadata of the user.
	ValidationData map[string]string

	// Parameters are further authentication parameters, such as TARGET_ACR_VALUES.
	Parameters map[string]string
}

// Result is where a sign-in stands: at a Session, or at a Challenge to be answered.
type Result struct {
	Session   *Session  // nil until the user is signed in; it is stored already
	Challenge Challenge // nil once the user is signed in

	// UserConfirmationNecessary means that the pool asks users whether to remember this new device: User.RememberDevice.
	UserConfirmationNecessary bool
}

// SignIn begins a sign-in. Right after ConfirmRegistration, FlowChoice ends it without another question where the pool allows that.
func (u *User) SignIn(ctx context.Context, in SignIn) (*Result, error) {
	a := &attempt{user: u, password: in.Password, metadata: u.metadata}
	if len(in.ValidationData) > 0 {
		a.metadata = in.ValidationData
	}
	parameters := maps.Clone(in.Parameters)
	if parameters == nil {
		parameters = make(map[string]string)
	}
	flow := in.Flow
	switch flow {
	case "", FlowSRP:
		flow = FlowSRP
		parameters["SRP_A"] = a.newEphemeral()
	case FlowPassword:
		if in.Password == "" {
			return nil, fmt.Errorf("%w: a password is required", ErrConfig)
		}
		parameters["PASSWORD"] = in.Password
	case FlowCustom:
		if in.Password != "" {
			parameters["CHALLENGE_NAME"], parameters["SRP_A"] = "SRP_A", a.newEphemeral()
		}
	case FlowChoice:
		a.addPreference(parameters, in)
	default:
		return nil, fmt.Errorf("%w: the flow %q is unknown", ErrConfig, flow)
	}
	return a.begin(ctx, flow, parameters)
}

func (a *attempt) addPreference(parameters map[string]string, in SignIn) {
	prefer := in.Prefer
	if prefer == "" && in.Password != "" {
		prefer = FactorPasswordSRP
	}
	if prefer != "" {
		parameters["PREFERRED_CHALLENGE"] = string(prefer)
	}
	if in.Password == "" {
		return
	}
	if prefer == FactorPassword {
		parameters["PASSWORD"] = in.Password
	}
	if prefer == FactorPasswordSRP {
		parameters["SRP_A"] = a.newEphemeral()
	}
}

// attempt is one sign-in under way, from one question of the server to the next.
type attempt struct {
	user     *User
	password string
	metadata map[string]string

	ephemeral    *srp.Ephemeral // of a proof that is on its way
	device       *device        // remembered, or nil
	deviceProved bool           // the server has asked for the device and may not do so again
}

func (a *attempt) newEphemeral() string {
	a.ephemeral = srp.NewEphemeral()
	return a.ephemeral.A()
}

// begin is InitiateAuth.
func (a *attempt) begin(ctx context.Context, flow Flow, parameters map[string]string) (*Result, error) {
	u, p := a.user, a.user.pool
	username := u.Username()
	parameters["USERNAME"] = username
	if h := p.secretHash(username); h != nil {
		parameters["SECRET_HASH"] = *h
	}
	if err := a.loadDevice(ctx); err != nil {
		return nil, err
	}
	in := &idp.InitiateAuthInput{
		AuthFlow: types.AuthFlowType(flow), ClientId: &p.config.ClientID, AuthParameters: parameters, ClientMetadata: a.metadata,
		UserContextData: p.userContext(username),
	}
	if flow == FlowChoice {
		in.Session = optional(u.swapRegistration(""))
	}
	var out *idp.InitiateAuthOutput
	err := a.withDevice(ctx, parameters, func() (err error) {
		out, err = call(ctx, "InitiateAuth", p.sdk.InitiateAuth, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a.next(ctx, &question{
		name: string(out.ChallengeName), session: out.Session, parameters: out.ChallengeParameters, available: out.AvailableChallenges,
		result: out.AuthenticationResult, skew: skew(out.ResultMetadata),
	})
}

// question is what the server answered.
type question struct {
	name       string
	session    *string
	parameters map[string]string
	available  []types.ChallengeNameType
	result     *types.AuthenticationResultType
	skew       time.Duration // of the server's clock against this machine's
}

// skew tells how far the server's clock is ahead, where that is so much that a timestamp would be refused.
func skew(m middleware.Metadata) time.Duration {
	if s, ok := awsmiddleware.GetAttemptSkew(m); ok && s.Abs() > time.Minute {
		return s
	}
	return 0
}

// respond answers a challenge.
func (a *attempt) respond(ctx context.Context, name string, session *string, responses map[string]string) (*Result, error) {
	q, err := a.ask(ctx, name, session, responses)
	if err != nil {
		return nil, err
	}
	return a.next(ctx, q)
}

// ask is RespondToAuthChallenge.
func (a *attempt) ask(ctx context.Context, name string, session *string, responses map[string]string) (*question, error) {
	p, username := a.user.pool, a.user.Username()
	responses["USERNAME"] = username
	if h := p.secretHash(username); h != nil {
		responses["SECRET_HASH"] = *h
	}
	var out *idp.RespondToAuthChallengeOutput
	err := a.withDevice(ctx, responses, func() (err error) {
		out, err = call(ctx, "RespondToAuthChallenge", p.sdk.RespondToAuthChallenge, &idp.RespondToAuthChallengeInput{
			ChallengeName: types.ChallengeNameType(name), ClientId: &p.config.ClientID, Session: session, ChallengeResponses: responses,
			ClientMetadata: a.metadata, UserContextData: p.userContext(username),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &question{
		name: string(out.ChallengeName), session: out.Session, parameters: out.ChallengeParameters, result: out.AuthenticationResult,
		skew: skew(out.ResultMetadata),
	}, nil
}

// next turns the server's answer into a result. What needs nobody's answer it answers itself.
func (a *attempt) next(ctx context.Context, q *question) (*Result, error) {
	if name := realName(q.parameters); name != "" {
		a.user.rename(name)
		if a.device == nil {
			if err := a.loadDevice(ctx); err != nil {
				return nil, err
			}
		}
	}
	switch q.name {
	case "":
		return a.finish(ctx, q.result)
	case "PASSWORD_VERIFIER":
		return a.provePassword(ctx, q)
	case "DEVICE_SRP_AUTH":
		return a.proveDevice(ctx, q)
	default:
		c, err := newChallenge(a, q)
		if err != nil {
			return nil, err
		}
		return &Result{Challenge: c}, nil
	}
}

// realName is the username behind an alias; "" where the server does not tell it.
func realName(parameters map[string]string) string {
	return cmp.Or(parameters["USER_ID_FOR_SRP"], parameters["USERNAME"])
}

// provePassword answers PASSWORD_VERIFIER.
func (a *attempt) provePassword(ctx context.Context, q *question) (*Result, error) {
	if a.ephemeral == nil {
		return nil, fmt.Errorf("%w: PASSWORD_VERIFIER without SRP_A", ErrProtocol)
	}
	responses, err := prove(a.ephemeral, a.user.pool.Name(), q.parameters["USER_ID_FOR_SRP"], a.password, q, a.user.pool.now())
	if err != nil {
		return nil, err
	}
	a.ephemeral = nil
	return a.respond(ctx, q.name, q.session, responses)
}

// finish stores the session of a sign-in, and makes a new device known.
func (a *attempt) finish(ctx context.Context, r *types.AuthenticationResultType) (*Result, error) {
	if r == nil {
		return nil, fmt.Errorf("%w: neither a challenge nor tokens", ErrProtocol)
	}
	s, err := newSession(r, "", a.user.pool.now())
	if err != nil {
		return nil, err
	}
	result := &Result{Session: s}
	var fresh *device
	if r.NewDeviceMetadata != nil {
		if fresh, result.UserConfirmationNecessary, err = a.user.confirmDevice(ctx, s, r.NewDeviceMetadata); err != nil {
			return nil, err
		}
	}
	if err := a.user.store(ctx, s, fresh); err != nil {
		return nil, err
	}
	return result, nil
}
