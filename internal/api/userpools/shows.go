package userpools

import (
	"cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// show reads what an act of an administrator is about, for the audit log (trail.Show).
type show = func(tx *store.Tx, p *pool.Pool, of func(member string) string) (any, error)

// Shows says for each operation of administrators that changes something what to look at before and after it, by X-Amz-Target. An
// operation that is not listed is told by its parameters alone.
func (s *Service) Shows() map[string]show {
	all := make(map[string]show)
	for _, group := range []struct {
		show  show
		names []string
	}{
		{showUserActs, []string{
			"AdminCreateUser", "AdminUpdateUserAttributes", "AdminDeleteUserAttributes", "AdminSetUserPassword", "AdminResetUserPassword", "AdminConfirmSignUp",
			"AdminEnableUser", "AdminDisableUser", "AdminDeleteUser", "AdminUserGlobalSignOut", "AdminSetUserMFAPreference", "AdminSetUserSettings",
			"AdminDeleteSoftwareToken", "AdminUpdateDeviceStatus", "AdminForgetDevice", "AdminRevokeUserSession", "AdminUpdateAuthEventFeedback",
			"AdminAddUserToGroup", "AdminRemoveUserFromGroup",
		}},
		{showPoolActs, []string{
			"CreateUserPool", "UpdateUserPool", "DeleteUserPool", "AddCustomAttributes", "TagResource", "UntagResource", "SetUserPoolMfaConfig",
			"SetUserPoolSessionConfiguration", "SetLogDeliveryConfiguration",
		}},
		{showClientActs, []string{
			"CreateUserPoolClient", "UpdateUserPoolClient", "DeleteUserPoolClient", "AddUserPoolClientSecret", "DeleteUserPoolClientSecret",
			"SetUserPoolClientSessionConfiguration",
		}},
		{showRiskActs, []string{"SetRiskConfiguration"}},
		{showGroupActs, []string{"CreateGroup", "UpdateGroup", "DeleteGroup"}},
		{showResourceServerActs, []string{"CreateResourceServer", "UpdateResourceServer", "DeleteResourceServer"}},
		{showDomainActs, []string{"CreateUserPoolDomain", "UpdateUserPoolDomain", "DeleteUserPoolDomain"}},
		{showLookActs, []string{"SetUICustomization"}},
		{showBrandingActs, []string{"CreateManagedLoginBranding", "UpdateManagedLoginBranding", "DeleteManagedLoginBranding"}},
		{showTermsActs, []string{"CreateTerms", "UpdateTerms", "DeleteTerms"}},
		{showProviderActs, []string{"CreateIdentityProvider", "UpdateIdentityProvider", "DeleteIdentityProvider"}},
		{showImportActs, []string{"CreateUserImportJob", "StartUserImportJob", "StopUserImportJob"}},
	} {
		for _, name := range group.names {
			o, _ := wire.Find(wire.UserPools, name)
			all[o.Target()] = group.show
			if !makesPool[name] {
				all[o.Target()] = withinPool(group.show)
			}
		}
	}
	return all
}

// makesPool are the operations whose pool is not there yet.
var makesPool = map[string]bool{"CreateUserPool": true}

// withinPool shows nothing where there is no pool.
func withinPool(of show) show {
	return func(tx *store.Tx, p *pool.Pool, member func(string) string) (any, error) {
		if p == nil {
			return nil, nil
		}
		return of(tx, p, member)
	}
}

// person is a user as the audit log shows it.
type person struct {
	sub, username string

	Status     string
	Enabled    bool
	Attributes []wire.AttributeType
	Factors    []string `json:",omitzero"`
	Preferred  string   `json:",omitzero"`
	SignOuts   uint32   `json:",omitzero"` // how often all tokens were revoked
}

// Names implements trail.Person.
func (p *person) Names() (sub, username string) { return p.sub, p.username }

func showUserActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	u, err := tx.WithoutPasswords().UserByName(p, of("Username"))
	if err != nil {
		return nil, err
	}
	return newPerson(u), nil
}

func newPerson(u *user.User) *person {
	return &person{
		sub: u.ID, username: u.Username, Status: string(u.Status), Enabled: u.Enabled, Attributes: showAttributes(u, nil),
		Factors: u.EnabledFactors(), Preferred: string(u.Factors.Preferred), SignOuts: u.SignOuts,
	}
}

func showPoolActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	id := of("UserPoolId")
	if id == "" && p != nil { // named by its ARN
		id = p.ID
	}
	p, err := tx.Pool(id)
	if err != nil {
		return nil, err
	}
	return &struct {
		Settings wire.UserPoolType
		Mfa      pool.MfaSettings
		Sessions pool.SessionSettings
		Logs     *wire.LogDeliveryConfigurationType `json:",omitzero"`
	}{p.Settings, p.Mfa, p.Sessions, p.Logs}, nil
}

func showClientActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	c, err := tx.Client(p, of("ClientId"))
	if err != nil {
		return nil, err
	}
	var secrets []wire.ClientSecretDescriptorType
	for _, secret := range c.Secrets {
		secrets = append(secrets, showSecret(secret))
	}
	return &struct {
		Settings wire.UserPoolClientType
		Sessions pool.ClientSessionSettings
		Secrets  []wire.ClientSecretDescriptorType `json:",omitzero"`
	}{c.Settings, c.Sessions, secrets}, nil
}

func showRiskActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	p, err := tx.Pool(p.ID)
	if err != nil {
		return nil, err
	}
	id := of("ClientId")
	if id == "" {
		return pool.ShowRisk(p.Risk, p.ID, ""), nil
	}
	c, err := tx.Client(p, id)
	if err != nil {
		return nil, err
	}
	return pool.ShowRisk(c.Risk, p.ID, id), nil
}

func showGroupActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	g, err := tx.Group(p.ID, of("GroupName"))
	if err != nil {
		return nil, err
	}
	return new(showGroup(g)), nil
}

func showResourceServerActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	r, err := tx.ResourceServer(p, of("Identifier"))
	if err != nil {
		return nil, err
	}
	return &r.Settings, nil
}

func showDomainActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	d, err := poolDomain(tx, p, of("Domain"))
	if err != nil {
		return nil, err
	}
	return &d.Settings, nil
}

func showLookActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	look, err := tx.UICustomization(p, cmp.Or(of("ClientId"), pool.AllClients))
	if err != nil || look == nil {
		return nil, err
	}
	return &look.Settings, nil
}

func showBrandingActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	id := of("ManagedLoginBrandingId")
	if id == "" {
		return nil, nil
	}
	b, err := tx.Branding(p, id)
	if err != nil {
		return nil, err
	}
	return &b.Settings, nil
}

func showTermsActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	id := of("TermsId")
	if id == "" {
		return nil, nil
	}
	t, err := tx.Terms(p, id)
	if err != nil {
		return nil, err
	}
	return &t.Settings, nil
}

func showProviderActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	v, err := tx.Provider(p, of("ProviderName"))
	if err != nil {
		return nil, err
	}
	return &v.Settings, nil
}

// showImportActs leaves out how far a job is, and where its file is uploaded.
func showImportActs(tx *store.Tx, p *pool.Pool, of func(string) string) (any, error) {
	id := of("JobId")
	if id == "" {
		return nil, nil
	}
	job, err := tx.ImportJob(p, id)
	if err != nil {
		return nil, err
	}
	return &struct{ JobId, JobName, Status string }{job.ID, job.Name, string(job.Status)}, nil //nolint:revive // the names of the API
}
