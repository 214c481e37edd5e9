// Package client signs users of a Cognito user pool up and in. It is to Go what amazon-cognito-identity-js is to JavaScript, and works
// against Amazon Cognito and against cenote. It calls public operations only and needs no AWS credentials.
//
// # Signing in
//
// A program signs a user in over SRP, so that the password never leaves it:
//
//	pool, err := client.NewPool(client.Config{PoolID: "us-east-1_Abc123XyZ", ClientID: "1example23456789abcdefghij"})
//	if err != nil {
//		return err
//	}
//	result, err := pool.User("ann").SignIn(ctx, client.SignIn{Password: password})
//	if err != nil {
//		return err
//	}
//	fmt.Println(result.Session.AccessToken.JWT())
//
// When the pool requires more than the password, Result.Session is nil and Result.Challenge says what it asks for. Each challenge is a value
// that takes the answer and returns the next Result; after a wrong answer it can be used again:
//
//	for result.Session == nil {
//		switch c := result.Challenge.(type) {
//		case *client.NewPasswordRequired: // the password was a temporary one
//			result, err = c.Answer(ctx, ask("new password"), attributes...)
//		case *client.CodeRequired: // by SMS, by e-mail or from an authenticator app: c.Type
//			result, err = c.Answer(ctx, ask("code"))
//		case *client.SelectMFA:
//			result, err = c.Choose(ctx, c.Choices[0])
//		case *client.MFASetup:
//			var token *client.SoftwareToken
//			if token, err = c.AssociateSoftwareToken(ctx); err == nil {
//				show(token.Secret) // or token.URI, or token.QR
//				result, err = token.Verify(ctx, ask("code"), "my phone")
//			}
//		case *client.CustomChallenge: // from the triggers of the pool
//			result, err = c.Answer(ctx, ask(c.Parameters["question"]))
//		default:
//			return fmt.Errorf("the pool asks for %s", c.Name())
//		}
//		if err != nil {
//			return err
//		}
//	}
//
// SignIn.Flow chooses among SRP (the default), plain passwords, custom authentication and choice-based sign-in (FlowChoice), which may ask
// SelectChallenge, PasswordRequired and PasskeyRequired as well. Devices are confirmed, remembered and proved without the caller's doing, and a
// device that the server has forgotten is dropped.
//
// # Sessions
//
// The tokens are kept in Config.Storage: in memory unless told otherwise, in a file (NewFileStorage), in cookies (NewCookieStorage) or in the
// keyring of the system (package keyring), under the keys of the JavaScript library, so that both can share a store. User.Session returns the
// stored session and refreshes it first if it is about to expire; Pool.CurrentUser is who signed in last. All methods are safe for
// concurrent use, and only one refresh of a user is on its way at a time, across processes too where the storage is a Locker.
//
//	user, err := pool.CurrentUser(ctx)
//	...
//	session, err := user.Session(ctx) // errors.Is(err, client.ErrNotAuthenticated): sign in again
//	req.Header.Set("Authorization", "Bearer "+session.AccessToken.JWT())
//
// Calls for the signed-in user (User.Attributes, User.ChangePassword, User.ListDevices and so on) take the session from there. Package identitypool
// exchanges it for AWS credentials; package verify checks tokens on the other side.
//
// # Errors
//
// A refusal by the service is an *Error whose Code is the name of the exception, and it matches the types of the AWS SDK:
//
//	var mismatch *types.CodeMismatchException // github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types
//	if errors.As(err, &mismatch) { ...
//	if client.Code(err) == "CodeMismatchException" { ...
//
// Requests are sent once. Only refreshes and revocations are repeated, with jitter, since repeating them is harmless.
package client
