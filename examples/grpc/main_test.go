package main

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cenote-id/cenote/cenotetest"
	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/client/verify"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnlyUsersOfThePoolAreServed(t *testing.T) {
	srv := cenotetest.Start(t)
	tokens, err := verify.New(verify.Config{
		PoolID: srv.PoolID, Issuer: srv.URL + "/" + srv.PoolID, Rule: verify.Rule{Use: verify.Access, ClientIDs: []string{srv.ClientID}},
	})
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := newServer(tokens)
	t.Cleanup(s.Stop)
	go func() { _ = s.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	service := grpc_health_v1.NewHealthClient(conn)

	pool, err := client.NewPool(client.Config{PoolID: srv.PoolID, ClientID: srv.ClientID, Endpoint: srv.URL})
	must(t, err)
	made, err := pool.SignUp(t.Context(), client.SignUp{
		Username: "ann@example.com", Password: "Corr3ct-horse!", Attributes: []client.Attribute{{Name: "email", Value: "ann@example.com"}},
	})
	must(t, err)
	must(t, made.User.ConfirmRegistration(t.Context(), srv.Code(t, "ann@example.com"), false))
	result, err := made.User.SignIn(t.Context(), client.SignIn{Password: "Corr3ct-horse!"})
	must(t, err)

	for header, want := range map[string]codes.Code{
		"Bearer " + result.Session.AccessToken.JWT(): codes.OK,
		"Bearer " + result.Session.IDToken.JWT():     codes.Unauthenticated,
		"Bearer nonsense":                            codes.Unauthenticated,
		"":                                           codes.Unauthenticated,
	} {
		ctx := t.Context()
		if header != "" {
			ctx = metadata.NewOutgoingContext(ctx, metadata.Pairs("authorization", header))
		}
		if _, err := service.Check(ctx, &grpc_health_v1.HealthCheckRequest{}); status.Code(err) != want {
			t.Errorf("a call: got %v, want %s", err, want)
		}
		ctx, cancel := context.WithCancel(ctx)
		watch, err := service.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
		must(t, err)
		if _, err := watch.Recv(); status.Code(err) != want {
			t.Errorf("a stream: got %v, want %s", err, want)
		}
		cancel()
	}
}
