package pool

import (
	"net"
	"net/url"
	"strings"
)

// RelyingPartyID returns the domain that the pool's passkeys belong to: the one of its WebAuthn configuration, else its custom domain,
// else the host of the server's public URL. It is "" when there is none: an address in numbers cannot be a relying party.
func (p *Pool) RelyingPartyID(publicURL string) string {
	if w := p.Mfa.WebAuthn; w != nil && w.RelyingPartyId != "" {
		return w.RelyingPartyId
	}
	if p.Settings.CustomDomain != "" {
		return p.Settings.CustomDomain
	}
	u, err := url.Parse(publicURL)
	if err != nil || net.ParseIP(u.Hostname()) != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// RequiresUserVerification reports whether a passkey must have verified its user, by a finger or a PIN.
func (p *Pool) RequiresUserVerification() bool {
	w := p.Mfa.WebAuthn
	return w != nil && w.UserVerification == "required"
}
