// Package verify checks the ID and access tokens of user pools, and of other OpenID Connect issuers. It is to Go what aws-jwt-verify is to
// JavaScript, and works with tokens of Amazon Cognito and of cenote.
//
//	v, err := verify.New(verify.Config{
//		PoolID: "us-east-1_Abc123XyZ",
//		Rule:   verify.Rule{Use: verify.Access, ClientIDs: []string{"1example23456789abcdefghij"}},
//	})
//	if err != nil {
//		return err
//	}
//	token, err := v.Verify(ctx, jwt)
//	if err != nil {
//		return err // errors.Is(err, verify.ErrExpired) and others tell why
//	}
//	fmt.Println(token.Subject, token.Username, token.Groups)
//
// Pools of a cenote server have issuers of their own: set Issuer to that of the discovery document, such as "https://id.example.com/us-east-1_Abc123XyZ".
// Several configurations make a verifier that trusts several issuers.
//
// Verify fetches the keys of an issuer once and keeps them. A token that names an unknown key makes it look again, but not more often than
// every ten seconds, so that made-up tokens cost the issuer nothing. Config.Keys gives the keys from a file, and needs no network.
//
// # HTTP and gRPC
//
// Middleware checks the header Authorization of each request. Rules narrow what the verifier demands:
//
//	mux := http.NewServeMux()
//	mux.Handle("GET /me", v.Middleware()(me))
//	mux.Handle("POST /users", v.Middleware(verify.Rule{Groups: []string{"admin"}})(users))
//
//	func me(w http.ResponseWriter, r *http.Request) {
//		token, _ := verify.FromContext(r.Context())
//
// A gRPC server does the same in an interceptor:
//
//	func authenticate(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
//		md, _ := metadata.FromIncomingContext(ctx)
//		token, err := v.VerifyHeader(ctx, strings.Join(md.Get("authorization"), ","))
//		if err != nil {
//			return nil, status.Error(codes.Unauthenticated, err.Error())
//		}
//		return handle(verify.NewContext(ctx, token), req)
//	}
package verify
