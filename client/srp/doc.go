// Package srp is the client's side of the SRP exchange that Cognito user pools use, for users and for devices.
//
// Most programs want package client, which does the exchange on its own. This package is for those that drive the SDK themselves:
//
//	e := srp.NewEphemeral()
//	// InitiateAuth with AuthFlow USER_SRP_AUTH and SRP_A = e.A() answers PASSWORD_VERIFIER with the parameters p.
//	timestamp := srp.FormatTimestamp(time.Now())
//	block, err := base64.StdEncoding.DecodeString(p["SECRET_BLOCK"])
//	proof, err := e.Proof(poolName, p["USER_ID_FOR_SRP"], password, p["SALT"], p["SRP_B"], block, timestamp)
//	// RespondToAuthChallenge takes proof as PASSWORD_CLAIM_SIGNATURE, with timestamp and p["SECRET_BLOCK"] as they are.
//
// The group is the 3072-bit prime of RFC 3526 §4 with the generator 2, the hash is SHA-256. Unlike RFC 5054, integers are hashed in their
// shortest two's-complement form. Secret exponents are raised in constant time.
package srp
