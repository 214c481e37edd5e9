package server

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// seed is a file that describes what a development server holds.
type seed struct {
	Pools []seedPool `yaml:"pools"`
}

type seedPool struct {
	Name     string         `yaml:"name"`
	ID       string         `yaml:"id"`       // made when empty
	Settings map[string]any `yaml:"settings"` // of CreateUserPool; those of the ready pool when there are none
	MFA      map[string]any `yaml:"mfa"`      // of SetUserPoolMfaConfig
	Clients  []seedClient   `yaml:"clients"`
	Groups   []seedGroup    `yaml:"groups"`
	Users    []seedUser     `yaml:"users"`
}

type seedClient struct {
	Name     string         `yaml:"name"`
	ID       string         `yaml:"id"`       // made when empty
	Settings map[string]any `yaml:"settings"` // of CreateUserPoolClient; those of the ready client when there are none
}

type seedGroup struct {
	Name     string         `yaml:"name"`
	Settings map[string]any `yaml:"settings"` // of CreateGroup
}

type seedUser struct {
	Username   string            `yaml:"username"`
	Password   string            `yaml:"password"`  // none: the user cannot sign in with one
	Temporary  bool              `yaml:"temporary"` // the user has to change the password
	Attributes map[string]string `yaml:"attributes"`
	Groups     []string          `yaml:"groups"`
	Disabled   bool              `yaml:"disabled"`
}

// SeededPool is a pool of the seed file.
type SeededPool struct {
	Name    string            `json:"name"`
	ID      string            `json:"poolId"`
	Clients map[string]string `json:"clients"` // ids by name
}

var (
	poolIDForm   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]_[0-9A-Za-z]{1,39}$`) })
	clientIDForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]{1,128}$`) })
)

// readSeed reads a seed file. Its errors name the file, and the line where they can.
func readSeed(path string) (s seed, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return s, fmt.Errorf("%s: %s", path, yamlFlaw(err))
	}
	twice := names{}
	for i, p := range s.Pools {
		if p.Name == "" {
			return s, fmt.Errorf("%s: pool %d has no name", path, i+1)
		}
		err := cmp.Or(twice.add("pool", p.Name), twice.add("pool id", p.ID))
		if err == nil {
			err = p.check(twice)
		}
		if err != nil {
			return s, fmt.Errorf("%s: pool %s: %w", path, p.Name, err)
		}
	}
	return s, nil
}

// check finds what no operation would refuse. Client ids are unique among all pools.
func (p *seedPool) check(twice names) error {
	if p.ID != "" && !poolIDForm().MatchString(p.ID) {
		return fmt.Errorf("%q is not a pool id like us-east-1_Abc123XyZ", p.ID)
	}
	own := names{}
	err := cmp.Or(known(p.Settings, new(wire.CreateUserPoolInput)), known(p.MFA, new(wire.SetUserPoolMfaConfigInput)))
	for _, c := range p.Clients {
		if c.ID != "" && !clientIDForm().MatchString(c.ID) {
			return fmt.Errorf("%q is not a client id: lower-case letters and digits", c.ID)
		}
		err = cmp.Or(err, own.add("client", c.Name), twice.add("client id", c.ID), known(c.Settings, new(wire.CreateUserPoolClientInput)))
	}
	for _, g := range p.Groups {
		err = cmp.Or(err, own.add("group", g.Name), known(g.Settings, new(wire.CreateGroupInput)))
	}
	for _, u := range p.Users {
		err = cmp.Or(err, own.add("user", u.Username))
	}
	return err
}

// names are those that were given to things of a kind.
type names map[[2]string]bool

// add is an error when a name is there already. The empty one is none.
func (n names) add(kind, name string) error {
	if name != "" && n[[2]string{kind, name}] {
		return fmt.Errorf("the %s %s is there twice", kind, name)
	}
	n[[2]string{kind, name}] = true
	return nil
}

// known is an error for a parameter that an operation does not have, which the operation would ignore.
func known(settings map[string]any, input any) error {
	text, err := wire.Encode(settings)
	if err != nil {
		return err
	}
	if name := wire.UnknownMember(text, input); name != "" {
		return fmt.Errorf("there is no %s in the parameters", name)
	}
	return nil
}

var (
	unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)
	wrongType    = regexp.MustCompile("cannot unmarshal !!(\\w+)( `[^`]*`)? into \\S+")
)

// yamlFlaw says in one line what is wrong with a file, in the file's words.
func yamlFlaw(err error) string {
	text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:", "")
	text = unknownField.ReplaceAllString(strings.Join(strings.Fields(text), " "), "there is no $1 here")
	return wrongType.ReplaceAllString(text, "a value of another type is needed, not the $1$2")
}

// sow makes the pools of the seed file that are not there yet, by name.
func (s *Server) sow(ctx context.Context) error {
	if s.options.Seed == "" {
		return nil
	}
	file, err := readSeed(s.options.Seed)
	if err != nil {
		return err
	}
	existing := map[string]*pool.Pool{}
	err = s.data.View(ctx, func(tx *store.Tx) error {
		pools, err := tx.Pools("", 0)
		for _, p := range pools {
			existing[p.Settings.Name] = p
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range file.Pools {
		id := ""
		if old := existing[p.Name]; old != nil {
			s.log.Info("a pool of the seed file already exists and was left unchanged", "pool", old.ID, "name", p.Name)
			id = old.ID
		} else if id, err = s.sowPool(ctx, p); err != nil {
			return fmt.Errorf("%s: pool %s: %w", s.options.Seed, p.Name, spoken(err))
		}
		seeded := SeededPool{Name: p.Name, ID: id, Clients: map[string]string{}}
		err := s.data.View(ctx, func(tx *store.Tx) error {
			stored, err := tx.Pool(id)
			if err != nil {
				return err
			}
			clients, err := tx.Clients(stored, "", 0)
			for _, c := range clients {
				seeded.Clients[c.Settings.ClientName] = c.ID
			}
			return err
		})
		if err != nil {
			return err
		}
		s.Dev.Seeded = append(s.Dev.Seeded, seeded)
	}
	return nil
}

// spoken is an error with the service's own words, as a client would read them.
func spoken(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return fmt.Errorf("%s: %s", f.Code, f.Message)
	}
	return err
}

// sowPool makes a pool by the operations that a client would call, and then gives it and its clients the ids that the file wants. Users
// come last, since their passwords hash the id.
func (s *Server) sowPool(ctx context.Context, p seedPool) (id string, err error) {
	settings, mfa := with(p.Settings, "PoolName", p.Name), p.MFA
	if p.Settings == nil {
		settings = with(readyPool(), "PoolName", p.Name)
		if mfa == nil {
			mfa = readyMFA()
		}
	}
	made, err := api.Do[wire.CreateUserPoolOutput](ctx, s.operations, "CreateUserPool", settings)
	if err != nil {
		return "", err
	}
	id = made.UserPool.Id
	defer func() {
		if err != nil { // or the next start would take half of a pool for a whole one
			err = errors.Join(err, s.data.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.Erase(id) }))
		}
	}()
	if mfa != nil {
		if _, err := api.Do[wire.SetUserPoolMfaConfigOutput](ctx, s.operations, "SetUserPoolMfaConfig", with(mfa, "UserPoolId", id)); err != nil {
			return id, err
		}
	}
	wanted := map[string]string{}
	for _, c := range p.Clients {
		settings := c.Settings
		if settings == nil {
			settings = readyClient()
		}
		made, err := api.Do[wire.CreateUserPoolClientOutput](ctx, s.operations, "CreateUserPoolClient",
			with(with(settings, "UserPoolId", id), "ClientName", c.Name))
		if err != nil {
			return id, fmt.Errorf("client %s: %w", c.Name, spoken(err))
		}
		wanted[made.UserPoolClient.ClientId] = c.ID
	}
	for _, g := range p.Groups {
		if _, err := api.Do[wire.CreateGroupOutput](ctx, s.operations, "CreateGroup", with(with(g.Settings, "UserPoolId", id), "GroupName", g.Name)); err != nil {
			return id, fmt.Errorf("group %s: %w", g.Name, spoken(err))
		}
	}
	if err = s.rename(ctx, id, cmp.Or(p.ID, id), wanted); err != nil {
		return id, err
	}
	id = cmp.Or(p.ID, id)
	for _, u := range p.Users {
		if err := s.sowUser(ctx, id, u); err != nil {
			return id, fmt.Errorf("user %s: %w", u.Username, spoken(err))
		}
	}
	return id, nil
}

// rename gives a pool and its clients the ids that are wanted; clients without one stay as they are.
func (s *Server) rename(ctx context.Context, id, want string, clients map[string]string) error {
	return s.data.Update(ctx, func(tx *store.Tx) error {
		c, err := tx.Contents(id, 0)
		if err != nil {
			return err
		}
		c.Rename(want, func(old string) string {
			if clients[old] == "" {
				return old
			}
			return clients[old]
		})
		if err := tx.Erase(id); err != nil {
			return err
		}
		return tx.Write(c)
	})
}

func (s *Server) sowUser(ctx context.Context, poolID string, u seedUser) error {
	attributes := []map[string]string{}
	for name, value := range u.Attributes {
		attributes = append(attributes, map[string]string{"Name": name, "Value": value})
	}
	who := func(more ...any) map[string]any {
		in := map[string]any{"UserPoolId": poolID, "Username": u.Username}
		for i := 0; i < len(more); i += 2 {
			in[more[i].(string)] = more[i+1]
		}
		return in
	}
	made := who("MessageAction", "SUPPRESS", "UserAttributes", attributes)
	if u.Password != "" {
		made["TemporaryPassword"] = u.Password
	}
	if _, err := api.Do[wire.AdminCreateUserOutput](ctx, s.operations, "AdminCreateUser", made); err != nil {
		return err
	}
	if u.Password != "" && !u.Temporary {
		if _, err := api.Do[wire.AdminSetUserPasswordOutput](ctx, s.operations, "AdminSetUserPassword", who("Password", u.Password, "Permanent", true)); err != nil {
			return err
		}
	}
	for _, g := range u.Groups {
		if _, err := api.Do[wire.AdminAddUserToGroupOutput](ctx, s.operations, "AdminAddUserToGroup", who("GroupName", g)); err != nil {
			return err
		}
	}
	if u.Disabled {
		if _, err := api.Do[wire.AdminDisableUserOutput](ctx, s.operations, "AdminDisableUser", who()); err != nil {
			return err
		}
	}
	return nil
}

// with returns the parameters with one more.
func with(params map[string]any, name string, value any) map[string]any {
	all := map[string]any{name: value}
	for k, v := range params {
		if k != name {
			all[k] = v
		}
	}
	return all
}
