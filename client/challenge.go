package client

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Challenge is a question that the service asks during a sign-in: *NewPasswordRequired, *CodeRequired, *SelectMFA, *MFASetup, *CustomChallenge,
// *SelectChallenge, *PasswordRequired, *PasskeyRequired, or *OtherChallenge. The type takes the answer.
type Challenge interface {
	Name() string // as the service calls it, such as "NEW_PASSWORD_REQUIRED"
	challenge()
}

// pending is what all challenges share.
type pending struct {
	hide
	attempt attempt // a copy: an answer that was refused can be given again
	name    string
	session *string
}

// Name returns the service's name of the challenge.
func (p *pending) Name() string { return p.name }

func (p *pending) challenge() {}

// answer responds with the metadata of the challenge.
func (p *pending) answer(ctx context.Context, name string, metadata, responses map[string]string) (*Result, error) {
	a := p.attempt
	a.metadata = metadata
	return a.respond(ctx, name, p.session, responses)
}

// newChallenge reads the server's question.
func newChallenge(a *attempt, q *question) (Challenge, error) {
	p := pending{attempt: *a, name: q.name, session: q.session}
	metadata := maps.Clone(a.user.metadata)
	switch q.name {
	case "NEW_PASSWORD_REQUIRED":
		return newPasswordRequired(p, q, metadata)
	case "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP", "SMS_OTP":
		return &CodeRequired{
			ClientMetadata: metadata, Type: q.name, Medium: q.parameters["CODE_DELIVERY_DELIVERY_MEDIUM"],
			Destination: q.parameters["CODE_DELIVERY_DESTINATION"], DeviceName: q.parameters["FRIENDLY_DEVICE_NAME"], pending: p,
		}, nil
	case "SELECT_MFA_TYPE":
		choices, err := jsonList[MFAType](q.parameters["MFAS_CAN_CHOOSE"])
		return &SelectMFA{ClientMetadata: metadata, Choices: choices, pending: p}, err
	case "MFA_SETUP":
		choices, err := jsonList[MFAType](q.parameters["MFAS_CAN_SETUP"])
		return &MFASetup{ClientMetadata: metadata, CanSetUp: choices, pending: p}, err
	case "CUSTOM_CHALLENGE":
		return &CustomChallenge{ClientMetadata: metadata, Parameters: q.parameters, pending: p}, nil
	case "SELECT_CHALLENGE":
		var factors []Factor
		for _, name := range q.available {
			factors = append(factors, Factor(name))
		}
		return &SelectChallenge{ClientMetadata: metadata, Available: factors, pending: p}, nil
	case "PASSWORD", "PASSWORD_SRP":
		return &PasswordRequired{ClientMetadata: metadata, pending: p}, nil
	case "WEB_AUTHN":
		options := q.parameters["CREDENTIAL_REQUEST_OPTIONS"]
		if !json.Valid([]byte(options)) {
			return nil, fmt.Errorf("%w: CREDENTIAL_REQUEST_OPTIONS is not JSON", ErrProtocol)
		}
		return &PasskeyRequired{ClientMetadata: metadata, Options: json.RawMessage(options), pending: p}, nil
	default:
		return &OtherChallenge{ClientMetadata: metadata, Parameters: q.parameters, pending: p}, nil
	}
}

// jsonList reads a parameter that is a JSON array; "" is none.
func jsonList[T ~string](text string) ([]T, error) {
	if text == "" {
		return nil, nil
	}
	var list []T
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("%w: %q is no list", ErrProtocol, text)
	}
	return list, nil
}

// NewPasswordRequired asks for a new password in place of a temporary one.
type NewPasswordRequired struct {
	UserAttributes     map[string]string // what the user has
	RequiredAttributes []string          // what must be given along
	ClientMetadata     map[string]string // goes with the answer

	pending
}

const attributePrefix = "userAttributes."

func newPasswordRequired(p pending, q *question, metadata map[string]string) (*NewPasswordRequired, error) {
	c := &NewPasswordRequired{ClientMetadata: metadata, pending: p}
	required, err := jsonList[string](q.parameters["requiredAttributes"])
	if err != nil {
		return nil, err
	}
	for _, name := range required {
		c.RequiredAttributes = append(c.RequiredAttributes, strings.TrimPrefix(name, attributePrefix))
	}
	if text := q.parameters["userAttributes"]; text != "" {
		if err := json.Unmarshal([]byte(text), &c.UserAttributes); err != nil {
			return nil, fmt.Errorf("%w: userAttributes is no object of texts", ErrProtocol)
		}
	}
	return c, nil
}

// Answer gives the new password and attributes. Attributes that the service sets itself (email_verified, phone_number_verified), and those that
// the user has with the same value, are left out, since the service refuses them.
func (c *NewPasswordRequired) Answer(ctx context.Context, newPassword string, attributes ...Attribute) (*Result, error) {
	responses := map[string]string{"NEW_PASSWORD": newPassword}
	for _, a := range attributes {
		had, has := c.UserAttributes[a.Name]
		if strings.HasSuffix(a.Name, "_verified") || has && had == a.Value && !slices.Contains(c.RequiredAttributes, a.Name) {
			continue
		}
		responses[attributePrefix+a.Name] = a.Value
	}
	return c.answer(ctx, c.name, c.ClientMetadata, responses)
}

// CodeRequired asks for a one-time code. A wrong one leaves the challenge usable.
type CodeRequired struct {
	Type           string            // "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP", or "SMS_OTP"
	Medium         string            // "SMS" or "EMAIL"; "" for a software token
	Destination    string            // masked; "" for a software token
	DeviceName     string            // of a software token, where it has one
	ClientMetadata map[string]string // goes with the answer

	pending
}

// Answer gives the code.
func (c *CodeRequired) Answer(ctx context.Context, code string) (*Result, error) {
	return c.answer(ctx, c.name, c.ClientMetadata, map[string]string{c.name + "_CODE": code})
}

// SelectMFA asks which second factor to use.
type SelectMFA struct {
	Choices        []MFAType
	ClientMetadata map[string]string // goes with the answer

	pending
}

// Choose answers with one of the choices. A CodeRequired follows.
func (c *SelectMFA) Choose(ctx context.Context, choice MFAType) (*Result, error) {
	return c.answer(ctx, c.name, c.ClientMetadata, map[string]string{"ANSWER": string(choice)})
}

// MFASetup asks a user without a second factor to set one up.
type MFASetup struct {
	CanSetUp       []MFAType
	ClientMetadata map[string]string // goes with the answer

	pending
}

// AssociateSoftwareToken begins with an authenticator app. SoftwareToken.Verify ends it.
func (c *MFASetup) AssociateSoftwareToken(ctx context.Context) (*SoftwareToken, error) {
	return c.attempt.user.associate(ctx, nil, c)
}

// SetEmail chooses codes by e-mail, at an address. A CodeRequired follows.
func (c *MFASetup) SetEmail(ctx context.Context, address string) (*Result, error) {
	return c.answer(ctx, c.name, c.ClientMetadata, map[string]string{"EMAIL": address})
}

// CustomChallenge asks what a trigger of the pool wants to know.
type CustomChallenge struct {
	Parameters     map[string]string // the trigger's public parameters
	ClientMetadata map[string]string // goes with the answer

	pending
}

// Answer answers. After a wrong answer the result may be another CustomChallenge.
func (c *CustomChallenge) Answer(ctx context.Context, answer string) (*Result, error) {
	return c.answer(ctx, c.name, c.ClientMetadata, map[string]string{"ANSWER": answer})
}

// SelectChallenge asks which first factor to use.
type SelectChallenge struct {
	Available      []Factor
	ClientMetadata map[string]string // goes with the answer

	pending
}

// Choose answers with a factor. A CodeRequired, a PasskeyRequired or a PasswordRequired follows.
func (c *SelectChallenge) Choose(ctx context.Context, f Factor) (*Result, error) {
	return c.answer(ctx, c.name, c.ClientMetadata, map[string]string{"ANSWER": string(f)})
}

// Password chooses a password and gives it at once, over SRP where the server offers that.
func (c *SelectChallenge) Password(ctx context.Context, password string) (*Result, error) {
	if !slices.Contains(c.Available, FactorPasswordSRP) {
		return c.answer(ctx, c.name, c.ClientMetadata, map[string]string{"ANSWER": string(FactorPassword), "PASSWORD": password})
	}
	a := c.attempt
	a.metadata, a.password = c.ClientMetadata, password
	return a.respond(ctx, c.name, c.session, map[string]string{"ANSWER": string(FactorPasswordSRP), "SRP_A": a.newEphemeral()})
}

// PasswordRequired asks for the password, after it was chosen or preferred without being given.
type PasswordRequired struct {
	ClientMetadata map[string]string // goes with the answer

	pending
}

// Answer gives the password; over SRP if the service asks so.
func (c *PasswordRequired) Answer(ctx context.Context, password string) (*Result, error) {
	if c.name == string(FactorPassword) {
		return c.answer(ctx, c.name, c.ClientMetadata, map[string]string{"PASSWORD": password})
	}
	a := c.attempt
	a.metadata, a.password = c.ClientMetadata, password
	return a.respond(ctx, c.name, c.session, map[string]string{"SRP_A": a.newEphemeral()})
}

// PasskeyRequired asks for a passkey. A browser or an authenticator makes the credential from the options.
type PasskeyRequired struct {
	Options        json.RawMessage   // PublicKeyCredentialRequestOptions, for navigator.credentials.get
	ClientMetadata map[string]string // goes with the answer

	pending
}

// Answer gives the credential: the JSON of an AuthenticationResponse.
func (c *PasskeyRequired) Answer(ctx context.Context, credential json.RawMessage) (*Result, error) {
	return c.answer(ctx, c.name, c.ClientMetadata, map[string]string{"CREDENTIAL": string(credential)})
}

// Choose takes another factor instead.
func (c *PasskeyRequired) Choose(ctx context.Context, f Factor) (*Result, error) {
	return c.answer(ctx, "SELECT_CHALLENGE", c.ClientMetadata, map[string]string{"ANSWER": string(f)})
}

// OtherChallenge is one that this package does not know.
type OtherChallenge struct {
	Parameters     map[string]string
	ClientMetadata map[string]string // goes with the answer

	pending
}

// Answer responds; USERNAME and what else every answer carries is added.
func (c *OtherChallenge) Answer(ctx context.Context, responses map[string]string) (*Result, error) {
	responses = maps.Clone(responses)
	if responses == nil {
		responses = make(map[string]string)
	}
	return c.answer(ctx, c.name, c.ClientMetadata, responses)
}
