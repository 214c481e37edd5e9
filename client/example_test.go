package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/client/verify"
	"github.com/cenote-id/cenote/internal/cenotetest"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// A user signs in over SRP.
func Example() {
	pool, err := client.NewPool(client.Config{PoolID: poolID, ClientID: clientID, Endpoint: endpoint})
	check(err)
	result, err := pool.User("ann@example.com").SignIn(context.Background(), client.SignIn{Password: "Corr3ct-horse!"})
	check(err)
	fmt.Println(result.Session.IDToken.Claims()["email"])
	// Output: ann@example.com
}

// A user registers, confirms the address with the code that was sent there, signs in and deletes the account.
func ExamplePool_SignUp() {
	ctx := context.Background()
	pool, err := client.NewPool(client.Config{PoolID: poolID, ClientID: clientID, Endpoint: endpoint})
	check(err)
	made, err := pool.SignUp(ctx, client.SignUp{
		Username: "bob@example.com", Password: "Corr3ct-horse!", Attributes: []client.Attribute{{Name: "email", Value: "bob@example.com"}},
	})
	check(err)
	fmt.Println("confirmed:", made.Confirmed, "code sent to", made.CodeDelivery.Destination)
	check(made.User.ConfirmRegistration(ctx, codeFor("bob@example.com"), false))
	_, err = made.User.SignIn(ctx, client.SignIn{Password: "Corr3ct-horse!"})
	check(err)
	fmt.Println("deleted:", made.User.Delete(ctx) == nil)
	// Output:
	// confirmed: false code sent to b***@e***
	// deleted: true
}

// Whatever the pool asks is a value that takes the answer.
func ExampleUser_SignIn() {
	ctx := context.Background()
	pool, err := client.NewPool(client.Config{PoolID: poolID, ClientID: clientID, Endpoint: endpoint})
	check(err)
	invite("carol@example.com", "Temp0rary!")

	result, err := pool.User("carol@example.com").SignIn(ctx, client.SignIn{Password: "Temp0rary!"})
	check(err)
	for result.Session == nil {
		fmt.Println("asked:", result.Challenge.Name())
		switch c := result.Challenge.(type) {
		case *client.NewPasswordRequired:
			result, err = c.Answer(ctx, "Corr3ct-horse!")
		case *client.CodeRequired:
			result, err = c.Answer(ctx, codeFor(c.Destination))
		case *client.SelectMFA:
			result, err = c.Choose(ctx, c.Choices[0])
		default:
			err = fmt.Errorf("cannot answer %s", c.Name())
		}
		check(err)
	}
	fmt.Println("signed in")
	// Output:
	// asked: NEW_PASSWORD_REQUIRED
	// signed in
}

// A program keeps its session in a file, finds it there the next time, and refreshes it when need be.
func ExampleUser_Session() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "sessions-")
	check(err)
	defer func() { _ = os.RemoveAll(dir) }()
	open := func() *client.Pool {
		storage, err := client.NewFileStorage(filepath.Join(dir, "sessions.json"))
		check(err)
		pool, err := client.NewPool(client.Config{PoolID: poolID, ClientID: clientID, Endpoint: endpoint, Storage: storage})
		check(err)
		return pool
	}
	_, err = open().User("ann@example.com").SignIn(ctx, client.SignIn{Password: "Corr3ct-horse!"})
	check(err)

	// the program ends, and starts again
	user, err := open().CurrentUser(ctx)
	check(err)
	session, err := user.Session(ctx)
	check(err)
	fmt.Println(session.Valid(), session.IDToken.Claims()["email"])

	check(user.SignOutAndRevoke(ctx))
	_, err = user.Session(ctx)
	fmt.Println("sign in again:", errors.Is(err, client.ErrNotAuthenticated))
	// Output:
	// true ann@example.com
	// sign in again: true
}

// Errors carry the names of the service.
func ExampleCode() {
	pool, err := client.NewPool(client.Config{PoolID: poolID, ClientID: clientID, Endpoint: endpoint})
	check(err)
	_, err = pool.User("ann@example.com").SignIn(context.Background(), client.SignIn{Password: "Wr0ng-horse!"})
	fmt.Println(client.Code(err))
	// Output: NotAuthorizedException
}

// A web server keeps the session of each browser in its cookies.
func ExampleNewCookieStorage() {
	pool, err := client.NewPool(client.Config{PoolID: poolID, ClientID: clientID, Endpoint: endpoint})
	check(err)
	signIn := func(w http.ResponseWriter, r *http.Request) {
		cookies, err := client.NewCookieStorage(w, r, client.CookieOptions{SameSite: http.SameSiteLaxMode, HTTPOnly: true})
		check(err)
		user := pool.WithStorage(cookies).User(r.FormValue("username"))
		if _, err := user.SignIn(r.Context(), client.SignIn{Password: r.FormValue("password")}); err != nil {
			http.Error(w, client.Code(err), http.StatusUnauthorized)
		}
	}

	r := httptest.NewRequest(http.MethodPost, "/?username=ann@example.com&password=Corr3ct-horse!", nil)
	w := httptest.NewRecorder()
	signIn(w, r)
	fmt.Println(w.Code, len(w.Result().Cookies()), "cookies")
	// Output: 200 5 cookies
}

// An API lets only those in who bear a token of the pool. Endpoint and pool id make the issuer of a cenote server; with Amazon, PoolID is enough.
func ExamplePool_middleware() {
	tokens, err := verify.New(verify.Config{
		PoolID: poolID, Issuer: endpoint + "/" + poolID, Rule: verify.Rule{Use: verify.Access, ClientIDs: []string{clientID}},
	})
	check(err)
	me := func(w http.ResponseWriter, r *http.Request) {
		token, _ := verify.FromContext(r.Context())
		fmt.Fprint(w, len(token.Username) > 0)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /me", tokens.Middleware()(http.HandlerFunc(me)))
	mux.Handle("GET /admin", tokens.Middleware(verify.Rule{Groups: []string{"admin"}})(http.HandlerFunc(me)))

	pool, err := client.NewPool(client.Config{PoolID: poolID, ClientID: clientID, Endpoint: endpoint})
	check(err)
	result, err := pool.User("ann@example.com").SignIn(context.Background(), client.SignIn{Password: "Corr3ct-horse!"})
	check(err)
	for _, path := range []string{"/me", "/admin"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+result.Session.AccessToken.JWT())
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(path, w.Code)
	}
	// Output:
	// /me 200
	// /admin 403
}

// codeFor is the code in the newest message to an address.
func codeFor(address string) string {
	for range 30_000 { // it may still be on its way
		if found := demo.Dev.Inbox.Messages(address); len(found) > 0 {
			return found[0].Code
		}
		time.Sleep(time.Millisecond)
	}
	panic("no message to " + address)
}

// invite makes a user with a temporary password.
func invite(username, temporary string) {
	_, err := cenotetest.Dial(endpoint, "any", "any").AdminCreateUser(context.Background(), &idp.AdminCreateUserInput{
		UserPoolId: &poolID, Username: &username, TemporaryPassword: aws.String(temporary), MessageAction: "SUPPRESS",
	})
	check(err)
}
