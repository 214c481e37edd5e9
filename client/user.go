package client

import (
	"context"
	"maps"
	"sync"
)

// User is somebody who has, or will have, an account in the pool. It is safe for concurrent use.
type User struct {
	pool     *Pool
	metadata map[string]string
	state    *userState // shared with what WithMetadata returns
}

type userState struct {
	mu           sync.Mutex
	typed        string // the name or alias that the program gave
	username     string // the real name, once a sign-in has told it
	registration string // the session of SignUp or ConfirmSignUp, which saves the first sign-in another code
}

// Username returns the name or alias that the user was made with, and after a sign-in the real name.
func (u *User) Username() string {
	u.state.mu.Lock()
	defer u.state.mu.Unlock()
	return u.state.username
}

func (u *User) rename(username string) {
	u.state.mu.Lock()
	defer u.state.mu.Unlock()
	u.state.username = username
}

// names are those under which the user's devices are stored: the real one, and the alias that was typed.
func (u *User) names() []string {
	u.state.mu.Lock()
	defer u.state.mu.Unlock()
	if u.state.typed == u.state.username {
		return []string{u.state.username}
	}
	return []string{u.state.username, u.state.typed}
}

// swapRegistration returns the session of a sign-up in progress and replaces it.
func (u *User) swapRegistration(next string) (last string) {
	u.state.mu.Lock()
	defer u.state.mu.Unlock()
	last, u.state.registration = u.state.registration, next
	return last
}

// WithMetadata returns the same user; what is called on it carries the metadata to the triggers of the pool.
func (u *User) WithMetadata(m map[string]string) *User {
	return &User{pool: u.pool, metadata: maps.Clone(m), state: u.state}
}

// Pool returns the pool of the user.
func (u *User) Pool() *Pool { return u.pool }

// accessToken returns what a call for the signed-in user carries.
func (u *User) accessToken(ctx context.Context) (*string, error) {
	s, err := u.Session(ctx)
	if err != nil {
		return nil, err
	}
	return new(s.AccessToken.JWT()), nil
}
