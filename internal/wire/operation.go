package wire

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
)

// Service is one of the two APIs, by the name that is also the service of its request signatures.
type Service string

// The services.
const (
	UserPools     Service = "cognito-idp"
	IdentityPools Service = "cognito-identity"
)

// ID returns what SDKs call the service.
func (s Service) ID() string {
	if s == IdentityPools {
		return "Cognito Identity"
	}
	return "Cognito Identity Provider"
}

// Auth is how an operation knows its caller.
type Auth uint8

// The ways to know a caller.
const (
	SigV4 Auth = iota // an AWS request signature
	Token             // an access token in the member AccessToken
	None              // neither; some of these check a client secret
)

// String returns the word that the documentation uses.
func (a Auth) String() string {
	return [...]string{"signature", "access token", "none"}[a]
}

// Operation is what the model says about one call. Operations are shared and must not be changed.
type Operation struct {
	Service       Service
	Name          string
	Auth          Auth
	TokenOptional bool         // Auth is Token, but the input may lack it
	Errors        []fault.Code // the exceptions it declares
	Input         *Shape
	NewInput      func() any // pointer to a new, empty input struct
	NewOutput     func() any // pointer to a new, empty output struct
}

// The prefixes of X-Amz-Target.
const (
	userPoolsTarget     = "AWSCognitoIdentityProviderService"
	identityPoolsTarget = "AWSCognitoIdentityService"
)

// Lookup returns the operation of an X-Amz-Target header, for example "AWSCognitoIdentityProviderService.SignUp".
func Lookup(target string) (*Operation, bool) {
	prefix, name, _ := strings.Cut(target, ".")
	var table []Operation
	switch prefix {
	case userPoolsTarget:
		table = userPoolOperations[:]
	case identityPoolsTarget:
		table = identityPoolOperations[:]
	}
	i, found := slices.BinarySearchFunc(table, name, func(o Operation, name string) int { return strings.Compare(o.Name, name) })
	if !found {
		return nil, false
	}
	return &table[i], true
}

// Find returns the operation of a service by name.
func Find(service Service, name string) (*Operation, bool) {
	return Lookup((&Operation{Service: service, Name: name}).Target())
}

// Operations returns all operations: those of user pools, then those of identity pools, each sorted by name.
func Operations() []*Operation {
	all := make([]*Operation, 0, len(userPoolOperations)+len(identityPoolOperations))
	for i := range userPoolOperations {
		all = append(all, &userPoolOperations[i])
	}
	for i := range identityPoolOperations {
		all = append(all, &identityPoolOperations[i])
	}
	return all
}

// Target returns the X-Amz-Target value that names the operation.
func (o *Operation) Target() string {
	if o.Service == IdentityPools {
		return identityPoolsTarget + "." + o.Name
	}
	return userPoolsTarget + "." + o.Name
}

// Declares reports whether the operation may answer the code: it declares it, or every operation may answer it.
func (o *Operation) Declares(code fault.Code) bool {
	switch code {
	case fault.Serialization, fault.UnknownOperation, fault.MissingAuthenticationToken, fault.UnrecognizedClient, fault.ExpiredToken,
		fault.InvalidSignature, fault.IncompleteSignature, fault.RequestTooLarge, fault.ServiceUnavailable,
		fault.InternalError, fault.TooManyRequests, fault.AccessDenied:
		return true
	case fault.Validation:
		return o.Service == IdentityPools
	}
	return slices.Contains(o.Errors, code)
}

// violation returns the refusal of an input that breaks the shapes as the operation's service names it.
func (o *Operation) violation(err error) error {
	var f *fault.Error
	if o.Service == IdentityPools && errors.As(err, &f) {
		return fault.New(fault.Validation, f.Message)
	}
	return err
}

// Status returns the HTTP status with which the code is answered.
func Status(code fault.Code) int {
	switch code {
	case fault.RequestTooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.ServiceUnavailable:
		return http.StatusServiceUnavailable
	}
	return statusOf(code)
}
