package notify

import (
	"encoding/base64"
	"net/url"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
)

// ConfirmsByLink reports whether the pool's sign-ups are confirmed by a link instead of a code.
func ConfirmsByLink(p *pool.Pool) bool {
	t := p.Settings.VerificationMessageTemplate
	return t != nil && t.DefaultEmailOption == "CONFIRM_WITH_LINK"
}

// link returns the address that confirms the sign-up by itself, for pools that want a link in place of a code; only e-mail has one. The
// link of a client with a secret is signed.
func (n *Notifier) link(note Note) string {
	signUp := note.Reason == message.SignUp || note.Reason == message.ResendCode
	if note.Client == nil || !signUp || note.Contact != pool.Email || !ConfirmsByLink(note.Pool) {
		return ""
	}
	q := url.Values{"client_id": {note.Client.ID}, "user_name": {note.User.Username}, "confirmation_code": {note.Code}}
	if len(note.Client.Secrets) > 0 {
		mac := credential.HashCode(note.Pool.CodeKey(), note.Code, linkContext(note.Pool, note.Client, note.User.Username)...)
		q.Set("signature", base64.StdEncoding.EncodeToString(mac))
	}
	return n.PublicURL + "/confirmUser/?" + q.Encode()
}

// IsLinkSignature reports, in constant time, whether a link with these parameters was made here.
func IsLinkSignature(p *pool.Pool, c *pool.Client, username, code, signature string) bool {
	mac, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && credential.CodeMatches(p.CodeKeys(), mac, code, linkContext(p, c, username)...)
}

func linkContext(p *pool.Pool, c *pool.Client, username string) []string {
	return []string{p.ID, "confirmation link", c.ID, username}
}
