package client_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/server"
)

// What the examples know: a server with a ready pool, its client, and the user ann.
var endpoint, poolID, clientID string

// demo is the server of the examples.
var demo *server.Server

func TestMain(m *testing.M) {
	code, err := withDemo(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withDemo(m *testing.M) (int, error) {
	if os.Getenv(envWriter) != "" {
		return m.Run(), nil // another process of TestProcessesShareAFile
	}
	dir, err := os.MkdirTemp("", "client-examples-")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	flags := map[string]string{"listen": "127.0.0.1:0", "data-dir": dir, "shutdown-delay": "0s"}
	c, err := config.Load(config.Sources{Flags: flags, Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		return 1, err
	}
	ctx, stop := context.WithCancel(context.Background())
	demo, err = server.New(ctx, server.Options{Config: c, Log: slog.New(slog.DiscardHandler), Dev: true})
	if err != nil {
		stop()
		return 1, err
	}
	ended := make(chan error, 1)
	go func() { ended <- demo.Run(ctx) }()
	endpoint, poolID, clientID = demo.URL, demo.Dev.PoolID, demo.Dev.ClientID
	if err := addAnn(ctx); err != nil {
		stop()
		return 1, err
	}
	code := m.Run()
	stop()
	return code, <-ended
}

func addAnn(ctx context.Context) error {
	admin := cenotetest.Dial(endpoint, "any", "any")
	_, err := admin.AdminCreateUser(ctx, &idp.AdminCreateUserInput{UserPoolId: &poolID, Username: aws.String("ann@example.com"), MessageAction: "SUPPRESS"})
	if err != nil {
		return err
	}
	_, err = admin.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{
		UserPoolId: &poolID, Username: aws.String("ann@example.com"), Password: aws.String(password), Permanent: true,
	})
	return err
}
