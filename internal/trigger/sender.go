package trigger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

// CustomSenderRequest is what a custom sender gets to deliver.
type CustomSenderRequest struct {
	seal.Hidden
	Code           string            // the code or temporary password; empty only for notices of threat protection
	UserAttributes map[string]string // who is to get it; of notices, what they tell
	ClientMetadata map[string]string // nil is null
}

// CustomEmailSender has the pool's function mail the code. Nobody waits for a custom sender: call it where mail would be sent,
// behind the caller's back. An error is for the log, a caller is told that the code was sent.
func (r *Runner) CustomEmailSender(ctx context.Context, c Call, req CustomSenderRequest) error {
	return r.send(ctx, CustomEmailSender, "customEmailSenderRequestV1", c, req)
}

// CustomSMSSender is CustomEmailSender for text messages.
func (r *Runner) CustomSMSSender(ctx context.Context, c Call, req CustomSenderRequest) error {
	return r.send(ctx, CustomSMSSender, "customSMSSenderRequestV1", c, req)
}

func (r *Runner) send(ctx context.Context, t Trigger, kind string, c Call, req CustomSenderRequest) error {
	notice := c.Source == t.On(OnAccountTakeOver)
	if !r.Has(c.Pool, t) || (req.Code == "" && !notice) {
		return nil
	}
	var code *string
	if !notice {
		sealed, err := r.sealCode(ctx, t, c, req.Code)
		if err != nil {
			return fmt.Errorf("%s: encrypt the code: %w", t, err)
		}
		code = &sealed
	}
	request := struct {
		Type           string            `json:"type"`
		Code           *string           `json:"code"`
		ClientMetadata map[string]string `json:"clientMetadata"`
		UserAttributes map[string]string `json:"userAttributes"`
	}{kind, code, req.ClientMetadata, filled(req.UserAttributes)}
	return r.ask(ctx, t, c, "1", request, "", nil)
}

// EscapedCode returns a temporary password as functions get it (observed); codes have none of these characters.
func EscapedCode(code string) string { return escaper.Replace(code) }

var escaper = strings.NewReplacer("<", "&lt;", ">", "&gt;")

// sealCode encrypts the code under the pool's key, in the form of the AWS Encryption SDK.
func (r *Runner) sealCode(ctx context.Context, t Trigger, c Call, code string) (string, error) {
	if r.keys == nil {
		return "", errors.New("no key service is configured")
	}
	if c.Source == t.On(OnAdminCreateUser) {
		code = EscapedCode(code)
	}
	keyARN := c.Pool.Settings.LambdaConfig.KMSKeyID
	message, err := esdk.Encrypt(ctx, r.keys, keyARN, map[string]string{"userpool-id": c.Pool.ID}, []byte(code))
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(message), nil
}
