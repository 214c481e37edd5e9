package verify

import "errors"

// Why a token is refused. All but ErrKeys are ErrInvalid as well.
var (
	ErrInvalid   = errors.New("invalid token")                              // any refusal
	ErrMalformed = refusal("the token is malformed")                        // no JWT, or claims of wrong types
	ErrAlgorithm = refusal("the algorithm is not acceptable")               // "none", a symmetric one, or not that of the key
	ErrIssuer    = refusal("the issuer is not trusted")                     // iss
	ErrKey       = refusal("the issuer does not have the key of the token") // kid
	ErrSignature = refusal("the signature is wrong")
	ErrExpired   = refusal("the token has expired")                    // exp
	ErrNotYet    = refusal("the token is not valid yet")               // nbf
	ErrUse       = refusal("the token is for another use")             // token_use
	ErrClient    = refusal("the token is of another client")           // aud, client_id
	ErrScope     = refusal("the token lacks the scope")                // scope
	ErrGroup     = refusal("the user is not in the group")             // cognito:groups
	ErrCheck     = refusal("the token fails the check of the program") // Config.Check

	// ErrKeys means that the keys of the issuer cannot be had, which says nothing about the token.
	ErrKeys = errors.New("the keys of the issuer are not available")
)

// invalid is a reason that is an ErrInvalid too.
type invalid struct{ text string }

func refusal(text string) error { return &invalid{text} }

func (e *invalid) Error() string { return e.text }

// Is makes the reason an ErrInvalid.
func (e *invalid) Is(target error) bool { return target == ErrInvalid }
