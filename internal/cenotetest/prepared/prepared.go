// Package prepared starts development servers fast: from the database of one that has started before in this process.
//
// What takes time at a first start are the schema and above all the signing keys of the ready pool. Image holds both; a database in memory
// begins with it, and written to a file it is an ordinary SQLite database. Start with Start.
package prepared

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"os"
	"sync"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/server"
)

// Region is where the servers of Start are.
const Region = "us-east-1"

// MasterKey seals the secrets in Image: 32 bytes in base64, as a master key file holds them.
var MasterKey = sync.OnceValue(func() string {
	key := make([]byte, 32)
	rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
})

// Image is the database of a development server that has just started, with its ready pool.
var Image = sync.OnceValues(func() ([]byte, error) {
	running, stop, err := start(context.Background(), server.Options{Log: slog.New(slog.DiscardHandler)}, nil)
	if err != nil {
		return nil, err
	}
	image, err := running.Image(context.Background())
	if err != nil {
		return nil, err
	}
	return image, stop()
})

// Start starts a development server in memory, on a free port of loopback. The options need a log; functions are folders by name. Stop
// ends the server and returns what it failed with.
func Start(ctx context.Context, o server.Options, functions map[string]string) (running *server.Server, stop func() error, err error) {
	if o.Image, err = Image(); err != nil {
		return nil, nil, err
	}
	return start(context.WithoutCancel(ctx), o, functions)
}

func start(ctx context.Context, o server.Options, functions map[string]string) (running *server.Server, stop func() error, err error) {
	o.Config, err = config.Load(config.Sources{
		Flags: map[string]string{"listen": "127.0.0.1:0", "database": "memory", "region": Region, "config": os.DevNull, "rate-limits": "false"},
		Env: func(name string) (string, bool) {
			if name != "CENOTE_MASTER_KEY" {
				return "", false
			}
			return MasterKey(), true
		},
	})
	if err != nil {
		return nil, nil, err
	}
	o.Config.AddFunctions(functions, "Function")
	o.Dev, o.KeysOnDemand, o.Environ = true, true, os.Environ()
	if running, err = server.New(ctx, o); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	return running, func() error { cancel(); return <-ended }, nil
}
