package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/internal/wire"
)

// userFlags say which pool a user belongs to, and where sessions are kept.
type userFlags struct {
	place
	sessions string
	json     bool
}

// place is where users sign in. It is kept beside the sessions, so that it has to be told once.
type place struct {
	Endpoint string `json:"endpoint,omitzero"`
	PoolID   string `json:"poolId"`
	ClientID string `json:"clientId"`
}

func (f *userFlags) define(own *flag.FlagSet) {
	own.StringVar(&f.PoolID, "pool", "", "user pool (CENOTE_POOL_ID, or that of the last sign-in)")
	own.StringVar(&f.ClientID, "client", "", "app client (CENOTE_CLIENT_ID, or that of the last sign-in); a secret is read from CENOTE_CLIENT_SECRET")
	own.StringVar(&f.Endpoint, "endpoint", "", "URL of the server (CENOTE_URL, that of the last sign-in, or AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER; else AWS)")
	own.StringVar(&f.sessions, "session-file", "", "file that keeps sessions and devices (cenote/sessions.json in the user's configuration folder)")
	own.BoolVar(&f.json, "json", false, "print JSON")
}

// userCommand makes a command for users: more defines its further flags, do works with the pool.
func userCommand(more func(own *flag.FlagSet) func(ctx context.Context, u *userCall) error) func(*invocation, *flag.FlagSet) func(context.Context) error {
	return func(in *invocation, own *flag.FlagSet) func(context.Context) error {
		f := &userFlags{}
		do := more(own)
		f.define(own)
		return func(ctx context.Context) error {
			pool, err := f.open(in)
			if err != nil {
				return err
			}
			return do(ctx, &userCall{invocation: in, flags: f, pool: pool})
		}
	}
}

// userCall is a command for users under way.
type userCall struct {
	*invocation
	flags *userFlags
	pool  *client.Pool
}

// open finds the pool: what the flags say, else the environment, else the last sign-in.
func (f *userFlags) open(in *invocation) (*client.Pool, error) {
	if f.sessions == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil, fmt.Errorf("--session-file is needed: %w", err)
		}
		f.sessions = filepath.Join(dir, "cenote", "sessions.json")
	}
	last, err := f.last()
	if err != nil {
		return nil, err
	}
	set := func(field *string, variable, kept string) {
		if *field == "" {
			*field, _ = in.lookup(variable)
		}
		if *field == "" {
			*field = kept
		}
	}
	set(&f.PoolID, "CENOTE_POOL_ID", last.PoolID)
	set(&f.ClientID, "CENOTE_CLIENT_ID", last.ClientID)
	set(&f.Endpoint, "CENOTE_URL", last.Endpoint)
	set(&f.Endpoint, "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "")
	if f.Endpoint != "" {
		if err := checkEndpoint(f.Endpoint); err != nil {
			return nil, err
		}
	}
	if f.PoolID == "" || f.ClientID == "" {
		return nil, &usageError{"--pool and --client are needed", "Give both, or set CENOTE_POOL_ID and CENOTE_CLIENT_ID; cenote dev prints them."}
	}
	secret, _ := in.lookup("CENOTE_CLIENT_SECRET")
	storage, err := client.NewFileStorage(f.sessions)
	if err != nil {
		return nil, err
	}
	return client.NewPool(client.Config{PoolID: f.PoolID, ClientID: f.ClientID, ClientSecret: secret, Endpoint: f.Endpoint, Storage: storage})
}

func (f *userFlags) placeFile() string { return f.sessions + ".place" }

// last reads where the last sign-in was; nowhere when there was none.
func (f *userFlags) last() (p place, err error) {
	text, err := os.ReadFile(f.placeFile())
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = wire.Unmarshal(text, &p)
	}
	if err != nil {
		return p, fmt.Errorf("%s: %w", f.placeFile(), err)
	}
	return p, nil
}

// keep remembers where the user signed in.
func (f *userFlags) keep() error {
	text, err := json.Marshal(f.place)
	if err != nil {
		return err
	}
	return os.WriteFile(f.placeFile(), append(text, '\n'), 0o600)
}

// current is the user who signed in last.
func (u *userCall) current(ctx context.Context) (*client.User, error) {
	user, err := u.pool.CurrentUser(ctx)
	if err != nil {
		return nil, fmt.Errorf("nobody is signed in; run 'cenote user sign-in': %w", err)
	}
	return user, nil
}

// show prints a value as JSON where --json asks for it, else as text.
func (u *userCall) show(value any, text string) error {
	if u.flags.json {
		return u.printJSON(value)
	}
	return u.print(text, nil)
}

// printJSON prints a value as indented JSON.
func (in *invocation) printJSON(value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return err
	}
	_, err := in.out.Write(printableJSON(b.Bytes()))
	return err
}

// sentTo tells where a code went.
func (in *invocation) sentTo(d *client.CodeDelivery) {
	if d != nil {
		in.remark("A code was sent to %s.", d.Destination)
	}
}

// pairsFlag collects name=value.
type pairsFlag []client.Attribute

// String is empty: the flag has no default.
func (*pairsFlag) String() string { return "" }

// Set reads name=value.
func (p *pairsFlag) Set(value string) error {
	name, v, ok := strings.Cut(value, "=")
	if !ok || name == "" {
		return errors.New("is not of the form name=value")
	}
	*p = append(*p, client.Attribute{Name: name, Value: v})
	return nil
}
