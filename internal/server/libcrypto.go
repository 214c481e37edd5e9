package server

import (
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/libcrypto"
	"github.com/cenote-id/cenote/internal/token"
)

// accelerate opens libcrypto, in builds that are linked for it. Without it, or when it cannot be used, nil says that Go computes.
func (s *Server) accelerate() (*token.Signer, *credential.Powers) {
	if !libcrypto.Linked {
		return nil, nil
	}
	library, err := libcrypto.Open(libcrypto.Name)
	if err != nil {
		s.log.Warn("crypto/rsa signs tokens, at several times the cost: libcrypto cannot be used", "error", err)
		return nil, nil
	}
	s.log.Info("libcrypto signs tokens", "library", library.String())
	group, err := library.NewModulus(credential.Prime())
	if err != nil {
		s.log.Error("math/big computes the powers of SRP: libcrypto failed", "error", err)
		return token.NewSigner(library, s.log), nil
	}
	return token.NewSigner(library, s.log), credential.NewPowers(group, s.log)
}
