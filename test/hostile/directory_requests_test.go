package hostile_test

import (
	"maps"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
)

// The requests of what a pool has beside its users: resource servers, domains, identity providers, looks, terms.
func init() {
	maps.Copy(validRequests, map[string]valid{
		"CreateResourceServer": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			return resourceServer.with("UserPoolId", f.pool).with("Identifier", fresh())
		}},
		"DescribeResourceServer": {make: aboutResourceServer(nil)},
		"UpdateResourceServer":   {make: aboutResourceServer(resourceServer)},
		"DeleteResourceServer":   {make: aboutResourceServer(nil)},
		"ListResourceServers":    {make: aboutPool(object{"MaxResults": 5})},

		"CreateUserPoolDomain": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			return object{"UserPoolId": f.pool, "Domain": fresh(), "ManagedLoginVersion": 1}
		}},
		"DescribeUserPoolDomain": {make: func(t testing.TB, f *fixture) object { return object{"Domain": f.newDomain(t)} }},
		"UpdateUserPoolDomain":   {make: aboutDomain(object{"ManagedLoginVersion": 2})},
		"DeleteUserPoolDomain":   {make: aboutDomain(nil)},
		"GetSigningCertificate":  {make: aboutPool(nil)},
		"CreateIdentityProvider": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			return provider.with("UserPoolId", f.pool).with("ProviderName", fresh())
		}},
		"DescribeIdentityProvider": {make: aboutProvider(nil)},
		"UpdateIdentityProvider":   {make: aboutProvider(object{"ProviderDetails": provider["ProviderDetails"], "AttributeMapping": object{"name": "cn"}, "IdpIdentifiers": []any{"x"}})},
		"DeleteIdentityProvider":   {make: aboutProvider(nil)},
		"ListIdentityProviders":    {make: aboutPool(object{"MaxResults": 5})},
		"GetIdentityProviderByIdentifier": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			name := fresh()
			f.must(t, "CreateIdentityProvider", provider.with("UserPoolId", f.pool).with("ProviderName", name).with("IdpIdentifiers", []any{name}))
			return object{"UserPoolId": f.pool, "IdpIdentifier": name}
		}},
		"AdminLinkProviderForUser": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			return f.link(t)
		}},
		"AdminDisableProviderForUser": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			in := f.link(t)
			f.must(t, "AdminLinkProviderForUser", in)
			return object{"UserPoolId": f.pool, "User": in["SourceUser"]}
		}},
		"SetUICustomization": {make: func(t testing.TB, f *fixture) object {
			f.newDomain(t)
			return object{
				"UserPoolId": f.pool, "ClientId": f.newClient(t, nil), "CSS": ".label-customizable { font-weight: 400 }",
				"ImageFile": "iVBORw0KGgo=",
			}
		}},
		"GetUICustomization": {make: aboutClient(nil)},
		"CreateManagedLoginBranding": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			return style.with("UserPoolId", f.pool).with("ClientId", f.newClient(t, nil))
		}},
		"DescribeManagedLoginBranding": {make: func(t testing.TB, f *fixture) object {
			_, id := f.newStyle(t)
			return object{"UserPoolId": f.pool, "ManagedLoginBrandingId": id, "ReturnMergedResources": true}
		}},
		"DescribeManagedLoginBrandingByClient": {make: func(t testing.TB, f *fixture) object {
			client, _ := f.newStyle(t)
			return object{"UserPoolId": f.pool, "ClientId": client, "ReturnMergedResources": true}
		}},
		"UpdateManagedLoginBranding": {make: func(t testing.TB, f *fixture) object {
			_, id := f.newStyle(t)
			return style.with("UserPoolId", f.pool).with("ManagedLoginBrandingId", id)
		}},
		"DeleteManagedLoginBranding": {make: func(t testing.TB, f *fixture) object {
			_, id := f.newStyle(t)
			return object{"UserPoolId": f.pool, "ManagedLoginBrandingId": id}
		}},
		"CreateTerms": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			return terms.with("UserPoolId", f.pool).with("ClientId", f.newClient(t, nil))
		}},
		"DescribeTerms": {make: aboutTerms(nil)},
		"DescribeTermsByClient": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			client := f.newClient(t, nil)
			f.must(t, "CreateTerms", terms.with("UserPoolId", f.pool).with("ClientId", client))
			return object{"UserPoolId": f.pool, "ClientId": client, "TermsName": "terms-of-use"}
		}},
		"UpdateTerms": {make: aboutTerms(terms)},
		"DeleteTerms": {make: aboutTerms(nil)},
		"ListTerms":   {make: aboutPool(object{"MaxResults": 5})},
		"SetLogDeliveryConfiguration": {make: aboutPool(object{"LogConfigurations": []any{object{
			"LogLevel": "ERROR", "EventSource": "userNotification",
			"CloudWatchLogsConfiguration": object{"LogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:pool"},
		}}})},
		"GetLogDeliveryConfiguration": {make: aboutPool(nil)},
		"CreateUserPoolReplica":       {refused: fault.OperationNotEnabled, make: aboutPool(object{"RegionName": "eu-west-1", "UserPoolTags": object{"k": "v"}})},
		"ListUserPoolReplicas":        {make: aboutPool(nil)},
		"UpdateUserPoolReplica":       {refused: fault.ResourceNotFound, make: aboutPool(object{"RegionName": "eu-west-1", "Status": "ACTIVE"})},
		"DeleteUserPoolReplica":       {refused: fault.ResourceNotFound, make: aboutPool(object{"RegionName": "eu-west-1"})},
		"GetProvisionedLimit":         {make: aboutLimit(nil)},
		"UpdateProvisionedLimit":      {make: aboutLimit(object{"RequestedLimitValue": 30})},
		"GetClientToken": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			server := f.newResourceServer(t)
			made := f.must(t, "CreateUserPoolClient", object{
				"UserPoolId": f.pool, "ClientName": "machine", "GenerateSecret": true,
				"ExplicitAuthFlows": []any{"ALLOW_CLIENT_TOKEN_AUTH"}, "AllowedOAuthScopes": []any{server + "/read"},
			})
			return object{
				"ClientId": made.at("UserPoolClient", "ClientId"), "Secret": made.at("UserPoolClient", "ClientSecret"),
				"Scopes": []any{server + "/read"}, "ClientMetadata": object{"k": "v"},
			}
		}},
	})
}

// aboutLimit is about the category that no other request here counts in.
func aboutLimit(more object) func(testing.TB, *fixture) object {
	return func(testing.TB, *fixture) object {
		return more.with("LimitDefinition", object{"LimitClass": "API_CATEGORY", "Attributes": object{"Category": "UserFederation"}})
	}
}

var resourceServer = object{"Name": "api", "Scopes": []any{object{"ScopeName": "read", "ScopeDescription": "d"}}}

func (f *fixture) newResourceServer(t testing.TB) string {
	t.Helper()
	return f.must(t, "CreateResourceServer", resourceServer.with("UserPoolId", f.pool).with("Identifier", fresh())).at("ResourceServer", "Identifier")
}

// newDomain makes the only prefix domain of the pool.
func (f *fixture) newDomain(t testing.TB) string {
	t.Helper()
	f.clear(t)
	name := fresh()
	f.must(t, "CreateUserPoolDomain", object{"UserPoolId": f.pool, "Domain": name})
	return name
}

func aboutResourceServer(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		f.clear(t)
		return more.with("UserPoolId", f.pool).with("Identifier", f.newResourceServer(t))
	}
}

func aboutDomain(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		return more.with("UserPoolId", f.pool).with("Domain", f.newDomain(t))
	}
}

const metadata = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:idp"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
	`<KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + certificate + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>` +
	`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>`

// certificate is valid for a hundred years; nobody has its key.
const certificate = "MIICrzCCAZegAwIBAgIBATANBgkqhkiG9w0BAQsFADAaMRgwFgYDVQQDEw9pZHAuZXhhbXBsZS5jb20wIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw" +
	"MDBaMBoxGDAWBgNVBAMTD2lkcC5leGFtcGxlLmNvbTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALXFOJxW65c6s4MU+IeYW2G0NDj1VsRYHnkd" +
	"Bh7lsFeYrvtk1raUHaKerFAJbHSiCUSdX4FWtU5bAPVugoNNCn533JYnync8fFjIT5B0zGrVAMYsc3Cv+PMSV5lenBQSQdywsMCxQSTyjaK4tcCorg7wyZRb" +
	"zxCiVWXvf4huS6SR2bqSuD/Bst2Tz4uLeuS8v38nVyP3wD5T2cFy7O44VsbxnhzXs8R5EUAvUQOgQIoqN11ifxsHYi4vIu1dFJxmRvbu77t2v+vRfytmnXxt" +
	"SMcGJgYmm713I/WmFRkulf5k6cPshvsgasN7skmKeS44f1GYMPJkTakzNU2lBsORvJUCAwEAATANBgkqhkiG9w0BAQsFAAOCAQEAVZunkNdaFwNfKeidNuSs" +
	"A8oO+a+zDDVYeXX1B3KbQTw0fx6q6+JFBer17AZGLEYmZvfsQvV0nEEe/NS8fYbQwNGEU3SHnIlj2urH34tH1XBOlWGeBrcGTZ/gHNTd7UcHunjCcYQr4zcw" +
	"qqg6fXYNxcWKIMDA8l7JiMttHt1hBQ3F7mm2wk7meVERrmWktooBcovfIRJqSD2VYBpbvZPne5lU3EFYJGSKOvvsxgKPhTX7EUbs1mzHYwMUs1ZTqG3VbFCU" +
	"F/cOxwtUOTMdF4U+VBjSxFTXpKecdrKejPo57g+sTHHgpVNL3N0yJkEJ+g2w4UsA8vYF/b8OqXNgTqlhWg=="

func (f *fixture) newProvider(t testing.TB) string {
	t.Helper()
	name := fresh()
	f.must(t, "CreateIdentityProvider", provider.with("UserPoolId", f.pool).with("ProviderName", name))
	return name
}

var provider = object{
	"ProviderType": "SAML", "ProviderDetails": object{"MetadataFile": metadata, "IDPInit": "true"},
	"AttributeMapping": object{"email": "mail"}, "IdpIdentifiers": []any{},
}

var style = object{
	"Settings": object{"categories": object{"global": object{"colorSchemeMode": "DARK"}}}, "UseCognitoProvidedValues": false,
	"Assets": []any{object{"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": "AQID", "ResourceId": "logo"}},
}

// newStyle makes a style of managed login for a new client.
func (f *fixture) newStyle(t testing.TB) (client, id string) {
	t.Helper()
	f.clear(t)
	client = f.newClient(t, nil)
	return client, f.must(t, "CreateManagedLoginBranding", style.with("UserPoolId", f.pool).with("ClientId", client)).at("ManagedLoginBranding", "ManagedLoginBrandingId")
}

var terms = object{
	"TermsName": "terms-of-use", "TermsSource": "LINK", "Enforcement": "NONE", "Links": object{"cognito:default": "https://example.com/terms"},
}

func aboutTerms(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		f.clear(t)
		made := f.must(t, "CreateTerms", terms.with("UserPoolId", f.pool).with("ClientId", f.newClient(t, nil)))
		return more.with("UserPoolId", f.pool).with("TermsId", made.at("Terms", "TermsId"))
	}
}

// link is the request to link an account at a new provider to a new user.
func (f *fixture) link(t testing.TB) object {
	t.Helper()
	return object{
		"UserPoolId":      f.pool,
		"DestinationUser": object{"ProviderName": "Cognito", "ProviderAttributeValue": f.newUser(t).name},
		"SourceUser":      object{"ProviderName": f.newProvider(t), "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": fresh()},
	}
}

func aboutProvider(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		f.clear(t)
		return more.with("UserPoolId", f.pool).with("ProviderName", f.newProvider(t))
	}
}

// clear takes from the pool what it can have few of: resource servers, domains, identity providers, and clients with their styles and terms.
func (f *fixture) clear(t testing.TB) {
	t.Helper()
	pool := object{"UserPoolId": f.pool}
	for _, id := range f.must(t, "ListUserPoolClients", pool.with("MaxResults", 60)).each("UserPoolClients", "ClientId") {
		if id != f.client {
			f.must(t, "DeleteUserPoolClient", pool.with("ClientId", id))
		}
	}
	for _, identifier := range f.must(t, "ListResourceServers", pool).each("ResourceServers", "Identifier") {
		f.must(t, "DeleteResourceServer", pool.with("Identifier", identifier))
	}
	for _, name := range f.must(t, "ListIdentityProviders", pool).each("Providers", "ProviderName") {
		f.must(t, "DeleteIdentityProvider", pool.with("ProviderName", name))
	}
	shown := f.must(t, "DescribeUserPool", pool)
	for _, kind := range []string{"Domain", "CustomDomain"} {
		if name := shown.at("UserPool", kind); name != "" {
			f.must(t, "DeleteUserPoolDomain", pool.with("Domain", name))
		}
	}
}

// directory is what the pool shows of what clear takes, for snapshots.
func (f *fixture) directory(t testing.TB) []map[string]any {
	t.Helper()
	shown := []map[string]any{f.must(t, "ListResourceServers", object{"UserPoolId": f.pool}).body}
	list := f.must(t, "ListTerms", object{"UserPoolId": f.pool})
	shown = append(shown, list.body)
	for _, id := range list.each("Terms", "TermsId") {
		shown = append(shown, f.must(t, "DescribeTerms", object{"UserPoolId": f.pool, "TermsId": id}).body)
	}
	for _, id := range f.must(t, "ListUserPoolClients", object{"UserPoolId": f.pool, "MaxResults": 60}).each("UserPoolClients", "ClientId") {
		shown = append(shown, f.must(t, "GetUICustomization", object{"UserPoolId": f.pool, "ClientId": id}).body)
		if a := f.call(t, "DescribeManagedLoginBrandingByClient", object{"UserPoolId": f.pool, "ClientId": id}); a.ok() {
			shown = append(shown, a.body)
		}
	}
	for _, name := range f.must(t, "ListIdentityProviders", object{"UserPoolId": f.pool}).each("Providers", "ProviderName") {
		shown = append(shown, f.must(t, "DescribeIdentityProvider", object{"UserPoolId": f.pool, "ProviderName": name}).body)
	}
	pool := f.must(t, "DescribeUserPool", object{"UserPoolId": f.pool})
	for _, kind := range []string{"Domain", "CustomDomain"} {
		if name := pool.at("UserPool", kind); name != "" {
			shown = append(shown, f.must(t, "DescribeUserPoolDomain", object{"Domain": name}).body)
		}
	}
	return shown
}
