package federate

import (
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Account is what a provider has said about a person who signed in there.
type Account struct {
	Subject string // unique at the provider; never empty
	Issuer  string // entity id of a SAML provider; "" for others
	Told    Told
	Claims  Claims // all of Told by name, as they are mapped to attributes
}

// Told is what the provider said, by where it said it. A part that there was not is nil.
type Told struct {
	TokenResponse, IDToken, UserInfo, SAML Claims
}

// Claims are what a provider says about a person, by the provider's names.
type Claims map[string]string

// Mapped returns the attributes that the provider's mapping makes of the claims. A claim that is absent makes none; an empty one clears its
// attribute.
func (c Claims) Mapped(v *pool.Provider) map[string]string {
	attributes := map[string]string{}
	for attribute, claim := range v.Settings.AttributeMapping {
		if value, told := c[claim]; told && attribute != "username" {
			attributes[attribute] = value
		}
	}
	return attributes
}

// readClaims reads a JSON object.
func readClaims(document []byte) (Claims, error) {
	var members map[string]wire.Document
	if err := wire.Unmarshal(document, &members); err != nil {
		return nil, err
	}
	return Texts(members), nil
}

// Texts returns the members of a JSON object as claims.
func Texts(members map[string]wire.Document) Claims {
	claims := Claims{}
	for name, value := range members {
		claims[name] = text(value)
	}
	return claims
}

// text returns a value as an attribute holds it. Numbers keep their digits.
func text(value wire.Document) string {
	var one string
	var several []wire.Document
	switch trimmed := strings.TrimSpace(string(value)); {
	case trimmed == "null":
		return ""
	case wire.Unmarshal(value, &one) == nil:
		return one
	case wire.Unmarshal(value, &several) == nil:
		texts := make([]string, len(several))
		for i, v := range several {
			texts[i] = text(v)
		}
		return listed(texts)
	default:
		return trimmed
	}
}

// listed returns several values as one: [a,b], each form-encoded in the way of Java, which the service is written in (documented).
func listed(values []string) string {
	escaped := make([]string, len(values))
	for i, value := range values {
		escaped[i] = strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(value))
	}
	return "[" + strings.Join(escaped, ",") + "]"
}
