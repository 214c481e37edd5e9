package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// Operations is the table of contents: every operation that is built, in reading order. What is not in it does not exist for
// callers (UnknownOperationException) and is listed as missing in docs/operations.md.
func (s *Service) Operations() []api.Operation {
	all := []api.Operation{
		// Signing up, and finding the way back in.
		op("SignUp", s.SignUp),
		op("ConfirmSignUp", s.ConfirmSignUp),
		op("ResendConfirmationCode", s.ResendConfirmationCode),
		op("ForgotPassword", s.ForgotPassword),
		op("ConfirmForgotPassword", s.ConfirmForgotPassword),

		// Signing in and out.
		op("InitiateAuth", s.InitiateAuth),
		op("RespondToAuthChallenge", s.RespondToAuthChallenge),
		op("AdminInitiateAuth", s.AdminInitiateAuth),
		op("AdminRespondToAuthChallenge", s.AdminRespondToAuthChallenge),
		op("GetTokensFromRefreshToken", s.GetTokensFromRefreshToken),
		op("GetClientToken", s.GetClientToken),
		op("RevokeToken", s.RevokeToken),
		op("GlobalSignOut", s.GlobalSignOut),
		op("AdminUserGlobalSignOut", s.AdminUserGlobalSignOut),

		// The signed-in user.
		op("GetUser", s.GetUser),
		op("UpdateUserAttributes", s.UpdateUserAttributes),
		op("DeleteUserAttributes", s.DeleteUserAttributes),
		op("GetUserAttributeVerificationCode", s.GetUserAttributeVerificationCode),
		op("VerifyUserAttribute", s.VerifyUserAttribute),
		op("ChangePassword", s.ChangePassword),
		op("DeleteUser", s.DeleteUser),

		// Devices and passkeys.
		op("ConfirmDevice", s.ConfirmDevice),
		op("GetDevice", s.GetDevice),
		op("ListDevices", s.ListDevices),
		op("UpdateDeviceStatus", s.UpdateDeviceStatus),
		op("ForgetDevice", s.ForgetDevice),
		op("AdminGetDevice", s.AdminGetDevice),
		op("AdminListDevices", s.AdminListDevices),
		op("AdminUpdateDeviceStatus", s.AdminUpdateDeviceStatus),
		op("AdminForgetDevice", s.AdminForgetDevice),
		op("StartWebAuthnRegistration", s.StartWebAuthnRegistration),
		op("CompleteWebAuthnRegistration", s.CompleteWebAuthnRegistration),
		op("ListWebAuthnCredentials", s.ListWebAuthnCredentials),
		op("DeleteWebAuthnCredential", s.DeleteWebAuthnCredential),

		// Second factors.
		op("AssociateSoftwareToken", s.AssociateSoftwareToken),
		op("VerifySoftwareToken", s.VerifySoftwareToken),
		op("SetUserMFAPreference", s.SetUserMFAPreference),
		op("AdminSetUserMFAPreference", s.AdminSetUserMFAPreference),
		op("SetUserSettings", s.SetUserSettings),
		op("AdminSetUserSettings", s.AdminSetUserSettings),
		op("AdminDeleteSoftwareToken", s.AdminDeleteSoftwareToken),
		op("GetUserAuthFactors", s.GetUserAuthFactors),
		op("AdminGetUserAuthFactors", s.AdminGetUserAuthFactors),
		op("SetUserPoolMfaConfig", s.SetUserPoolMfaConfig),
		op("GetUserPoolMfaConfig", s.GetUserPoolMfaConfig),

		// Sessions: the sign-ins of a user that can be seen and ended.
		op("ListUserSessions", s.ListUserSessions),
		op("RevokeUserSession", s.RevokeUserSession),
		op("AdminListUserSessions", s.AdminListUserSessions),
		op("AdminRevokeUserSession", s.AdminRevokeUserSession),
		op("GetUserPoolSessionConfiguration", s.GetUserPoolSessionConfiguration),
		op("SetUserPoolSessionConfiguration", s.SetUserPoolSessionConfiguration),
		op("GetUserPoolClientSessionConfiguration", s.GetUserPoolClientSessionConfiguration),
		op("SetUserPoolClientSessionConfiguration", s.SetUserPoolClientSessionConfiguration),

		// Threat protection.
		op("SetRiskConfiguration", s.SetRiskConfiguration),
		op("DescribeRiskConfiguration", s.DescribeRiskConfiguration),
		op("AdminListUserAuthEvents", s.AdminListUserAuthEvents),
		op("AdminUpdateAuthEventFeedback", s.AdminUpdateAuthEventFeedback),
		op("UpdateAuthEventFeedback", s.UpdateAuthEventFeedback),

		// Logs that are delivered elsewhere.
		op("SetLogDeliveryConfiguration", s.SetLogDeliveryConfiguration),
		op("GetLogDeliveryConfiguration", s.GetLogDeliveryConfiguration),

		// Users, by administrators.
		op("AdminCreateUser", s.AdminCreateUser),
		op("AdminGetUser", s.AdminGetUser),
		op("AdminUpdateUserAttributes", s.AdminUpdateUserAttributes),
		op("AdminDeleteUserAttributes", s.AdminDeleteUserAttributes),
		op("AdminSetUserPassword", s.AdminSetUserPassword),
		op("AdminResetUserPassword", s.AdminResetUserPassword),
		op("AdminConfirmSignUp", s.AdminConfirmSignUp),
		op("AdminEnableUser", s.AdminEnableUser),
		op("AdminDisableUser", s.AdminDisableUser),
		op("AdminDeleteUser", s.AdminDeleteUser),
		op("ListUsers", s.ListUsers),

		// Groups.
		op("CreateGroup", s.CreateGroup),
		op("GetGroup", s.GetGroup),
		op("UpdateGroup", s.UpdateGroup),
		op("DeleteGroup", s.DeleteGroup),
		op("ListGroups", s.ListGroups),
		op("AdminAddUserToGroup", s.AdminAddUserToGroup),
		op("AdminRemoveUserFromGroup", s.AdminRemoveUserFromGroup),
		op("AdminListGroupsForUser", s.AdminListGroupsForUser),
		op("ListUsersInGroup", s.ListUsersInGroup),

		// Users from files.
		op("GetCSVHeader", s.GetCSVHeader),
		op("CreateUserImportJob", s.CreateUserImportJob),
		op("DescribeUserImportJob", s.DescribeUserImportJob),
		op("ListUserImportJobs", s.ListUserImportJobs),
		op("StartUserImportJob", s.StartUserImportJob),
		op("StopUserImportJob", s.StopUserImportJob),

		// Pools.
		op("CreateUserPool", s.CreateUserPool),
		op("DescribeUserPool", s.DescribeUserPool),
		op("UpdateUserPool", s.UpdateUserPool),
		op("ListUserPools", s.ListUserPools),
		op("DeleteUserPool", s.DeleteUserPool),
		op("AddCustomAttributes", s.AddCustomAttributes),
		op("CreateUserPoolReplica", s.CreateUserPoolReplica),
		op("ListUserPoolReplicas", s.ListUserPoolReplicas),
		op("UpdateUserPoolReplica", s.UpdateUserPoolReplica),
		op("DeleteUserPoolReplica", s.DeleteUserPoolReplica),
		op("TagResource", s.TagResource),
		op("UntagResource", s.UntagResource),
		op("ListTagsForResource", s.ListTagsForResource),

		// App clients.
		op("CreateUserPoolClient", s.CreateUserPoolClient),
		op("DescribeUserPoolClient", s.DescribeUserPoolClient),
		op("UpdateUserPoolClient", s.UpdateUserPoolClient),
		op("ListUserPoolClients", s.ListUserPoolClients),
		op("DeleteUserPoolClient", s.DeleteUserPoolClient),
		op("AddUserPoolClientSecret", s.AddUserPoolClientSecret),
		op("ListUserPoolClientSecrets", s.ListUserPoolClientSecrets),
		op("DeleteUserPoolClientSecret", s.DeleteUserPoolClientSecret),

		// Resource servers, whose scopes clients can be allowed.
		op("CreateResourceServer", s.CreateResourceServer),
		op("DescribeResourceServer", s.DescribeResourceServer),
		op("UpdateResourceServer", s.UpdateResourceServer),
		op("DeleteResourceServer", s.DeleteResourceServer),
		op("ListResourceServers", s.ListResourceServers),

		// Domains.
		op("CreateUserPoolDomain", s.CreateUserPoolDomain),
		op("DescribeUserPoolDomain", s.DescribeUserPoolDomain),
		op("UpdateUserPoolDomain", s.UpdateUserPoolDomain),
		op("DeleteUserPoolDomain", s.DeleteUserPoolDomain),

		// The looks of the sign-in pages, and what people agree to there.
		op("SetUICustomization", s.SetUICustomization),
		op("GetUICustomization", s.GetUICustomization),
		op("CreateManagedLoginBranding", s.CreateManagedLoginBranding),
		op("DescribeManagedLoginBranding", s.DescribeManagedLoginBranding),
		op("DescribeManagedLoginBrandingByClient", s.DescribeManagedLoginBrandingByClient),
		op("UpdateManagedLoginBranding", s.UpdateManagedLoginBranding),
		op("DeleteManagedLoginBranding", s.DeleteManagedLoginBranding),
		op("CreateTerms", s.CreateTerms),
		op("DescribeTerms", s.DescribeTerms),
		op("DescribeTermsByClient", s.DescribeTermsByClient),
		op("UpdateTerms", s.UpdateTerms),
		op("DeleteTerms", s.DeleteTerms),
		op("ListTerms", s.ListTerms),

		// Identity providers, and the accounts that users have there.
		op("CreateIdentityProvider", s.CreateIdentityProvider),
		op("DescribeIdentityProvider", s.DescribeIdentityProvider),
		op("GetIdentityProviderByIdentifier", s.GetIdentityProviderByIdentifier),
		op("UpdateIdentityProvider", s.UpdateIdentityProvider),
		op("DeleteIdentityProvider", s.DeleteIdentityProvider),
		op("ListIdentityProviders", s.ListIdentityProviders),
		op("AdminLinkProviderForUser", s.AdminLinkProviderForUser),
		op("AdminDisableProviderForUser", s.AdminDisableProviderForUser),
		op("GetSigningCertificate", s.GetSigningCertificate),

		// Limits of the account.
		op("GetProvisionedLimit", s.GetProvisionedLimit),
		op("UpdateProvisionedLimit", s.UpdateProvisionedLimit),
	}
	for i, o := range all {
		all[i] = revokedWhenGone(o).Within(s.checkAccount)
	}
	return all
}

// op binds a method to the name of its operation.
func op[In, Out any](name string, call func(context.Context, *In) (*Out, error)) api.Operation {
	return api.Bind(wire.UserPools, name, call)
}

// revokedWhenGone answers the token of a deleted user where the operation declares no exception for a user who does not exist.
func revokedWhenGone(o api.Operation) api.Operation {
	if o.Auth != wire.Token || o.Declares(fault.UserNotFound) {
		return o
	}
	bound := o.Call
	o.Call = func(ctx context.Context, in any) (any, error) {
		out, err := bound(ctx, in)
		if fault.Is(err, fault.UserNotFound) {
			return out, token.Revoked()
		}
		return out, err
	}
	return o
}
