package userpools

import (
	"context"
	"encoding/base64"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetSigningCertificate shows the certificate by which SAML providers verify the requests of a user pool: base64 of its DER form, without
// PEM lines. It is issued when it is first asked for.
func (s *Service) GetSigningCertificate(
	ctx context.Context, in *wire.GetSigningCertificateInput,
) (*wire.GetSigningCertificateOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	key, err := s.Keys.SAMLKey(ctx, s.Store, p, pool.SignsSAML)
	if err != nil {
		return nil, err
	}
	return &wire.GetSigningCertificateOutput{Certificate: base64.StdEncoding.EncodeToString(key.Certificate)}, nil
}
