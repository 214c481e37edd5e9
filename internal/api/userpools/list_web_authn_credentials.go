package userpools

import (
	"context"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListWebAuthnCredentials shows the passkeys of the signed-in user, the oldest first, a page at a time.
func (s *Service) ListWebAuthnCredentials(
	ctx context.Context, in *wire.ListWebAuthnCredentialsInput,
) (*wire.ListWebAuthnCredentialsOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	scope := []string{"ListWebAuthnCredentials", by.Pool.ID, by.User.ID}
	cursor, err := s.readPageToken(in.NextToken, scope, 2)
	if err != nil {
		return nil, err
	}
	var after time.Time
	if cursor[0] != "" {
		micros, err := strconv.ParseInt(cursor[0], 10, 64)
		if err != nil {
			return nil, errPage.Because(err)
		}
		after = time.UnixMicro(micros)
	}
	limit := pageSize(in.MaxResults, user.MaxPasskeys)
	var keys []*user.Passkey
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		keys, err = tx.Passkeys(by.Pool, by.User.ID, after, cursor[1], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListWebAuthnCredentialsOutput{Credentials: []wire.WebAuthnCredentialDescription{}}
	if len(keys) > limit {
		keys = keys[:limit]
		last := keys[limit-1]
		if out.NextToken, err = s.pageToken(scope, strconv.FormatInt(last.Created.UnixMicro(), 10), last.Credential.Name()); err != nil {
			return nil, err
		}
	}
	for _, k := range keys {
		out.Credentials = append(out.Credentials, showPasskey(k))
	}
	return out, nil
}

func showPasskey(k *user.Passkey) wire.WebAuthnCredentialDescription {
	transports := k.Credential.Transports
	if transports == nil {
		transports = []string{} // required
	}
	return wire.WebAuthnCredentialDescription{
		CredentialId: k.Credential.Name(), FriendlyCredentialName: k.Name, RelyingPartyId: k.PartyID,
		AuthenticatorAttachment: k.Credential.Attachment, AuthenticatorTransports: transports, CreatedAt: wire.At(k.Created),
	}
}
