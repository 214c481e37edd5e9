// Command grpc serves gRPC to users of a pool: an interceptor lets only those calls through that bear a valid access token.
//
//	go run . --issuer http://127.0.0.1:4310/us-east-1_Abc123XyZ --client 1example23456789abcdefghij
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cenote-id/cenote/client/verify"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:50051", "address")
	issuer := flag.String("issuer", "", "issuer of the pool")
	client := flag.String("client", "", "id of the app client")
	flag.Parse()
	if err := run(*listen, verify.Config{Issuer: *issuer, Rule: verify.Rule{Use: verify.Access, ClientIDs: []string{*client}}}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(listen string, c verify.Config) error {
	tokens, err := verify.New(c)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	return newServer(tokens).Serve(l)
}

// newServer returns a server with the health service, which stands for one's own.
func newServer(tokens *verify.Verifier) *grpc.Server {
	s := grpc.NewServer(grpc.UnaryInterceptor(unary(tokens)), grpc.StreamInterceptor(stream(tokens)))
	grpc_health_v1.RegisterHealthServer(s, health.NewServer())
	return s
}

// authenticate returns a context that carries the token of the call; verify.FromContext finds it there.
func authenticate(ctx context.Context, tokens *verify.Verifier) (context.Context, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	token, err := tokens.VerifyHeader(ctx, strings.Join(md.Get("authorization"), ","))
	switch {
	case errors.Is(err, verify.ErrScope), errors.Is(err, verify.ErrGroup):
		return nil, status.Error(codes.PermissionDenied, "the token does not permit this")
	case errors.Is(err, verify.ErrInvalid):
		return nil, status.Error(codes.Unauthenticated, "a valid access token is required")
	case err != nil:
		return nil, status.Error(codes.Unavailable, "tokens cannot be verified now")
	}
	return verify.NewContext(ctx, token), nil
}

func unary(tokens *verify.Verifier) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		ctx, err := authenticate(ctx, tokens)
		if err != nil {
			return nil, err
		}
		return handle(ctx, req)
	}
}

func stream(tokens *verify.Verifier) grpc.StreamServerInterceptor {
	return func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
		ctx, err := authenticate(s.Context(), tokens)
		if err != nil {
			return err
		}
		return handle(srv, &authenticated{s, ctx})
	}
}

// authenticated is a stream whose context carries the token.
type authenticated struct {
	grpc.ServerStream
	ctx context.Context
}

// Context returns the context with the token.
func (s *authenticated) Context() context.Context { return s.ctx }
