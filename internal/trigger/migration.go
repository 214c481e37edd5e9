package trigger

import (
	"context"

	"github.com/cenote-id/cenote/internal/seal"
)

// UserMigrationRequest is the request of a UserMigration event.
type UserMigrationRequest struct {
	seal.Hidden
	Password       string            // as typed; empty for a forgotten password
	ValidationData map[string]string // the ClientMetadata of InitiateAuth; nil is null
	ClientMetadata map[string]string
}

// UserMigrationResponse is a user of another directory, to be created here.
type UserMigrationResponse struct {
	UserAttributes         map[string]string `json:"userAttributes"` // empty: the other directory does not know the user either
	FinalUserStatus        string            `json:"finalUserStatus"`
	MessageAction          string            `json:"messageAction"`
	DesiredDeliveryMediums []string          `json:"desiredDeliveryMediums"`
	ForceAliasCreation     bool              `json:"forceAliasCreation"`
	EnableSMSMFA           bool              `json:"enableSMSMFA"`
}

// UserMigration asks for a user that the pool does not know.
func (r *Runner) UserMigration(ctx context.Context, c Call, req UserMigrationRequest) (UserMigrationResponse, error) {
	var res UserMigrationResponse
	if !r.Has(c.Pool, UserMigration) {
		return res, nil
	}
	request := struct {
		Password       string            `json:"password,omitempty"`
		ValidationData map[string]string `json:"validationData"`
		UserAttributes *struct{}         `json:"userAttributes"` // always null: nothing is known yet
		ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
	}{Password: req.Password, ValidationData: req.ValidationData, ClientMetadata: req.ClientMetadata}
	const neutral = `{"userAttributes":null,"forceAliasCreation":null,"finalUserStatus":null,"messageAction":null,` +
		`"desiredDeliveryMediums":null,"enableSMSMFA":null}`
	if err := r.ask(ctx, UserMigration, c, "1", request, neutral, &res); err != nil {
		return UserMigrationResponse{}, confide(err, req.Password)
	}
	return res, nil
}
