package client

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// UserData is what the service tells users about themselves. Its JSON is that of GetUser.
type UserData struct {
	Username       string
	UserAttributes []Attribute
	MFAOptions     []MFAOption `json:",omitempty"` // of EnableMFA
	PreferredMFA   MFAType     `json:"PreferredMfaSetting,omitempty"`
	MFA            []MFAType   `json:"UserMFASettingList,omitempty"` // turned on
}

// MFAOption is a second factor in the older way of User.EnableMFA.
type MFAOption struct {
	DeliveryMedium string // "SMS"
	AttributeName  string // "phone_number"
}

// Attributes returns the attributes of the signed-in user.
func (u *User) Attributes(ctx context.Context) ([]Attribute, error) {
	d, err := u.fetchData(ctx)
	if err != nil {
		return nil, err
	}
	return d.UserAttributes, nil
}

// MFAOptions returns the second factors in the older way of User.EnableMFA.
func (u *User) MFAOptions(ctx context.Context) ([]MFAOption, error) {
	d, err := u.fetchData(ctx)
	if err != nil {
		return nil, err
	}
	return d.MFAOptions, nil
}

// Data returns what is known about the signed-in user, from the storage if it is there. UpdateAttributes and DeleteAttributes keep that current.
func (u *User) Data(ctx context.Context) (*UserData, error) {
	if _, err := u.accessToken(ctx); err != nil {
		return nil, err
	}
	key := u.keyPrefix(u.Username()) + keyUserData
	items, err := u.pool.storage.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	var d UserData
	if text := items[key]; text != "" && json.Unmarshal([]byte(text), &d) == nil {
		return &d, nil
	}
	return u.FetchData(ctx)
}

// FetchData is Data past the storage.
func (u *User) FetchData(ctx context.Context) (*UserData, error) {
	d, err := u.fetchData(ctx)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return d, u.pool.storage.Set(ctx, map[string]string{u.keyPrefix(u.Username()) + keyUserData: string(text)})
}

func (u *User) fetchData(ctx context.Context) (*UserData, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	out, err := call(ctx, "GetUser", u.pool.sdk.GetUser, &idp.GetUserInput{AccessToken: token})
	if err != nil {
		return nil, err
	}
	d := &UserData{
		Username: aws.ToString(out.Username), UserAttributes: fromSDKAttributes(out.UserAttributes),
		PreferredMFA: MFAType(aws.ToString(out.PreferredMfaSetting)),
	}
	for _, o := range out.MFAOptions {
		d.MFAOptions = append(d.MFAOptions, MFAOption{string(o.DeliveryMedium), aws.ToString(o.AttributeName)})
	}
	for _, name := range out.UserMFASettingList {
		d.MFA = append(d.MFA, MFAType(name))
	}
	return d, nil
}

// UpdateAttributes changes attributes of the signed-in user. It returns where codes were sent that new addresses are to be verified with.
func (u *User) UpdateAttributes(ctx context.Context, attributes ...Attribute) ([]CodeDelivery, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	out, err := call(ctx, "UpdateUserAttributes", u.pool.sdk.UpdateUserAttributes, &idp.UpdateUserAttributesInput{
		AccessToken: token, UserAttributes: sdkAttributes(attributes), ClientMetadata: u.metadata,
	})
	if err != nil {
		return nil, err
	}
	return codeDeliveries(out.CodeDeliveryDetailsList), u.dropData(ctx)
}

// DeleteAttributes removes attributes of the signed-in user.
func (u *User) DeleteAttributes(ctx context.Context, names ...string) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	_, err = call(ctx, "DeleteUserAttributes", u.pool.sdk.DeleteUserAttributes, &idp.DeleteUserAttributesInput{
		AccessToken: token, UserAttributeNames: names,
	})
	if err != nil {
		return err
	}
	return u.dropData(ctx)
}

// dropData makes the next Data ask the service.
func (u *User) dropData(ctx context.Context) error {
	return u.pool.storage.Remove(ctx, u.keyPrefix(u.Username())+keyUserData)
}

// AttributeVerificationCode sends a code to the e-mail address or phone number of the signed-in user, for VerifyAttribute.
func (u *User) AttributeVerificationCode(ctx context.Context, attribute string) (*CodeDelivery, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	out, err := call(ctx, "GetUserAttributeVerificationCode", u.pool.sdk.GetUserAttributeVerificationCode, &idp.GetUserAttributeVerificationCodeInput{
		AccessToken: token, AttributeName: &attribute, ClientMetadata: u.metadata,
	})
	if err != nil {
		return nil, err
	}
	return codeDelivery(out.CodeDeliveryDetails), nil
}

// VerifyAttribute gives the code that was sent to an e-mail address or phone number.
func (u *User) VerifyAttribute(ctx context.Context, attribute, code string) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	_, err = call(ctx, "VerifyUserAttribute", u.pool.sdk.VerifyUserAttribute, &idp.VerifyUserAttributeInput{
		AccessToken: token, AttributeName: &attribute, Code: &code,
	})
	if err != nil {
		return err
	}
	return u.dropData(ctx)
}
