package pool

import (
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// The categories of operations whose limits can be changed.
const (
	UserAuthentication = "UserAuthentication"
	UserCreation       = "UserCreation"
	UserFederation     = "UserFederation"
	UserRead           = "UserRead"
	UserToken          = "UserToken"
	UserResourceRead   = "UserResourceRead"
)

// freeLimits are the service's default limits by category, in requests per second (Quotas in Amazon Cognito).
var freeLimits = map[string]int64{
	UserAuthentication: 120, UserCreation: 50, UserFederation: 25, UserRead: 120, UserToken: 120, UserResourceRead: 50,

	"UserAccountRecovery": 30, "UserUpdate": 25, "UserResourceUpdate": 25, "UserList": 30, "UserPoolRead": 15, "UserPoolUpdate": 15,
	"UserPoolResourceRead": 20, "UserPoolResourceUpdate": 15, "UserPoolClientRead": 15, "UserPoolClientUpdate": 15,
	"ClientAuthentication": 150, "LimitManagement": 1,
}

// maxRequestLimit is the highest limit, in requests per second: what Service Quotas grants an account on the service. More than one server
// can answer, so that it stands for none.
const maxRequestLimit = 1_000_000

// RequestLimit is the limit of a category of operations.
type RequestLimit struct {
	Category string
	Free     int64 // the default, in requests per second
}

// FindRequestLimit returns the limit that a definition names.
func FindRequestLimit(d *wire.LimitDefinitionType) (RequestLimit, error) {
	category, named := d.Attributes["Category"]
	if !named || len(d.Attributes) != 1 {
		return RequestLimit{}, fault.New(fault.InvalidParameter, "LimitDefinition.Attributes must have the key Category and no other.")
	}
	free, known := freeLimits[category]
	if !known {
		return RequestLimit{}, fault.New(fault.ResourceNotFound, "The category in LimitDefinition.Attributes does not exist.")
	}
	return RequestLimit{category, free}, nil
}

// Check refuses a value that the limit cannot be set to.
func (l RequestLimit) Check(value int64) error {
	switch l.Category {
	case UserAuthentication, UserCreation, UserFederation, UserRead, UserToken, UserResourceRead:
	default:
		return fault.Newf(fault.InvalidParameter, "The limit of the category %s cannot be changed.", l.Category)
	}
	if value < l.Free {
		return fault.Newf(fault.InvalidParameter, "RequestedLimitValue must be at least %d, the default limit of the category %s.", l.Free, l.Category)
	}
	if value > maxRequestLimit {
		return fault.Newf(fault.ServiceQuotaExceeded, "RequestedLimitValue must be at most %d.", maxRequestLimit)
	}
	return nil
}

// Show returns the limit as operations answer it; provisioned is what was set, by category.
func (l RequestLimit) Show(provisioned map[string]int64) *wire.LimitType {
	value, set := provisioned[l.Category]
	if !set {
		value = l.Free
	}
	return &wire.LimitType{
		LimitDefinition:       &wire.LimitDefinitionType{LimitClass: "API_CATEGORY", Attributes: map[string]string{"Category": l.Category}},
		ProvisionedLimitValue: value,
		FreeLimitValue:        l.Free,
	}
}
