package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/wire"
)

// Operations is the table of contents: every operation that is built, in reading order. What is not in it does not exist for callers
// (UnknownOperationException) and is listed as missing in docs/operations.md.
func (s *Service) Operations() []api.Operation {
	operations := []api.Operation{
		// For applications: who is this, and which credentials are there.
		op("GetId", s.GetId),
		op("GetCredentialsForIdentity", s.GetCredentialsForIdentity),
		op("GetOpenIdToken", s.GetOpenIdToken),
		op("UnlinkIdentity", s.UnlinkIdentity),

		// For back ends with users of their own.
		op("GetOpenIdTokenForDeveloperIdentity", s.GetOpenIdTokenForDeveloperIdentity),
		op("LookupDeveloperIdentity", s.LookupDeveloperIdentity),
		op("MergeDeveloperIdentities", s.MergeDeveloperIdentities),
		op("UnlinkDeveloperIdentity", s.UnlinkDeveloperIdentity),

		// Identities, by administrators.
		op("DescribeIdentity", s.DescribeIdentity),
		op("ListIdentities", s.ListIdentities),
		op("DeleteIdentities", s.DeleteIdentities),

		// Pools.
		op("CreateIdentityPool", s.CreateIdentityPool),
		op("DescribeIdentityPool", s.DescribeIdentityPool),
		op("UpdateIdentityPool", s.UpdateIdentityPool),
		op("ListIdentityPools", s.ListIdentityPools),
		op("DeleteIdentityPool", s.DeleteIdentityPool),
		op("SetIdentityPoolRoles", s.SetIdentityPoolRoles),
		op("GetIdentityPoolRoles", s.GetIdentityPoolRoles),
		op("SetPrincipalTagAttributeMap", s.SetPrincipalTagAttributeMap),
		op("GetPrincipalTagAttributeMap", s.GetPrincipalTagAttributeMap),
		op("TagResource", s.TagResource),
		op("UntagResource", s.UntagResource),
		op("ListTagsForResource", s.ListTagsForResource),
	}
	for i, o := range operations {
		operations[i] = o.Within(s.checkAccount)
	}
	return operations
}

// op binds a method to the name of its operation.
func op[In, Out any](name string, call func(context.Context, *In) (*Out, error)) api.Operation {
	return api.Bind(wire.IdentityPools, name, call)
}
