package hostile_test

import "strings"

func (p *play) aboutUsers() request {
	name, given := p.name(), p.attributes()
	who := p.inPool(object{"Username": name})
	return one(p.draw,
		request{"AdminCreateUser", p.some(who.with("UserAttributes", given).with("MessageAction", "SUPPRESS").with("TemporaryPassword", p.password()).
			with("ForceAliasCreation", true).with("DesiredDeliveryMediums", []any{one(p.draw, "EMAIL", "SMS")}), "UserPoolId", "Username"), p.known(name, given)},
		request{"AdminUpdateUserAttributes", who.with("UserAttributes", given), func([2]answer) { p.reach(given) }},
		request{"AdminDeleteUserAttributes", who.with("UserAttributeNames", []any{one(p.draw, attributeNames...), one(p.draw, attributeNames...)}), nil},
		request{"AdminSetUserPassword", who.with("Password", p.password()).with("Permanent", !p.chance(4)), nil},
		request{one(p.draw, "AdminGetUser", "AdminListDevices", "AdminListUserAuthEvents", "AdminGetUserAuthFactors", "AdminListGroupsForUser"), who, nil},
		request{one(p.draw, "AdminDisableUser", "AdminEnableUser", "AdminEnableUser", "AdminConfirmSignUp", "AdminResetUserPassword", "AdminDeleteUser", "AdminUserGlobalSignOut"), who, nil},
	)
}

func (p *play) aboutSignUps() request {
	name, given, client := p.name(), p.attributes(), one(p.draw, p.clients...)
	who := object{"ClientId": client, "Username": name}
	return one(p.draw,
		request{"SignUp", who.with("Password", p.password()).with("UserAttributes", given), p.known(name, given)},
		request{"ConfirmSignUp", who.with("ConfirmationCode", p.sentCode()).with("ForceAliasCreation", p.chance(3)), nil},
		request{one(p.draw, "ResendConfirmationCode", "ForgotPassword"), who, nil},
		request{"ConfirmForgotPassword", who.with("ConfirmationCode", p.sentCode()).with("Password", p.password()), nil},
	)
}

func (p *play) aboutSignIns() request {
	name, client := p.name(), one(p.draw, p.clients...)
	keep := p.signedIn(client, name)
	refresh := p.newest(p.refresh)
	signIn := passwordSignIn(client, name, p.password())
	all := []request{
		{"InitiateAuth", signIn, keep},
		{"InitiateAuth", object{"ClientId": client, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": object{"USERNAME": name, "SRP_A": strings.Repeat("a", 768)}}, keep},
		{"AdminInitiateAuth", p.inPool(signIn.with("AuthFlow", "ADMIN_USER_PASSWORD_AUTH")), keep},
		{"GetTokensFromRefreshToken", object{"ClientId": client, "RefreshToken": refresh}, keep},
		{"InitiateAuth", object{"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": object{"REFRESH_TOKEN": refresh}}, keep},
		{"RevokeToken", object{"ClientId": client, "Token": refresh}, nil},
	}
	if len(p.challenges) > 0 {
		c := one(p.draw, p.challenges...)
		responses := c["ChallengeResponses"].(object)
		if c["ChallengeName"] == "NEW_PASSWORD_REQUIRED" {
			attribute := one(p.draw, attributeNames...)
			responses = p.some(responses.with("NEW_PASSWORD", p.password()).with("userAttributes."+attribute, p.attributeValue(attribute)), "USERNAME")
		}
		all = append(all, request{"RespondToAuthChallenge", c.with("ChallengeResponses", responses), keep})
	}
	return one(p.draw, all...)
}

func (p *play) aboutMyself() request {
	mine, given := object{"AccessToken": p.newest(p.access)}, p.attributes()
	return one(p.draw,
		request{one(p.draw, "GetUser", "GetUser", "GetUserAuthFactors", "ListDevices", "GlobalSignOut"), mine, nil},
		request{"UpdateUserAttributes", mine.with("UserAttributes", given), func([2]answer) { p.reach(given) }},
		request{"DeleteUserAttributes", mine.with("UserAttributeNames", []any{one(p.draw, attributeNames...), one(p.draw, attributeNames...)}), nil},
		request{"GetUserAttributeVerificationCode", mine.with("AttributeName", one(p.draw, attributeNames...)), nil},
		request{"VerifyUserAttribute", mine.with("AttributeName", one(p.draw, "email", "phone_number")).with("Code", p.sentCode()), nil},
		request{"ChangePassword", mine.with("PreviousPassword", p.password()).with("ProposedPassword", p.password()), nil},
		request{"SetUserMFAPreference", mine.with("SMSMfaSettings", object{"Enabled": true, "PreferredMfa": true}), nil},
	)
}

func (p *play) aboutSearches() request {
	text, attribute := p.filter()
	all := p.inPool(object{"Filter": text})
	p.pages("ListUsers", "Users", "Limit", "PaginationToken", 1+p.IntN(3), all, p.orderedBy(attribute))
	all["AttributesToGet"], all["Limit"] = []any{one(p.draw, attributeNames...)}, one(p.draw, 0, 60, 61, -1)
	return request{"ListUsers", p.some(all, "UserPoolId"), nil}
}

func (p *play) aboutGroups() request {
	group := p.inPool(object{"GroupName": p.group()})
	settings := p.some(group.with("Description", one(p.draw, oddNames...)).with("Precedence", one(p.draw, 0, 1, -1, 2147483647, 2147483648)).
		with("RoleArn", one(p.draw, roleARN, "arn:aws:iam::1:role/x")), "UserPoolId", "GroupName")
	if p.chance(6) {
		n := 1 + p.IntN(3)
		p.pages("ListGroups", "Groups", "Limit", "NextToken", n, p.inPool(nil), nil)
		p.pages("ListUsersInGroup", "Users", "Limit", "NextToken", n, group, nil)
		p.pages("AdminListGroupsForUser", "Groups", "Limit", "NextToken", n, p.inPool(object{"Username": p.name()}), nil)
	}
	return one(p.draw,
		request{one(p.draw, "CreateGroup", "CreateGroup", "UpdateGroup"), settings, nil},
		request{one(p.draw, "GetGroup", "DeleteGroup"), group, nil},
		request{one(p.draw, "AdminAddUserToGroup", "AdminAddUserToGroup", "AdminRemoveUserFromGroup"), group.with("Username", p.name()), nil},
	)
}

func (p *play) aboutPools() request {
	const arn = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/"
	tagged := object{"ResourceArn": pair{arn + p.pool[0], arn + p.pool[1]}}
	custom := object{
		"Name": one(p.draw, "a", "z", "ü", "A", "x:y", strings.Repeat("n", 20), strings.Repeat("n", 21), "e\u0301", "é"), "Mutable": p.chance(2),
		"AttributeDataType": one(p.draw, "String", "Number", "Boolean", "DateTime"),
	}
	if p.chance(6) {
		p.pages("ListUserPoolClients", "UserPoolClients", "MaxResults", "NextToken", 1+p.IntN(3), p.inPool(nil), nil)
		p.pages("ListUserImportJobs", "UserImportJobs", "MaxResults", "PaginationToken", 1+p.IntN(3), p.inPool(nil), nil)
	}
	client := p.inPool(object{"ClientId": one(p.draw, p.clients...)})
	return one(p.draw,
		request{one(p.draw, "DescribeUserPool", "GetCSVHeader", "GetUserPoolMfaConfig", "ListTerms"), p.inPool(nil), nil},
		request{"UpdateUserPool", p.some(p.inPool(poolSettings), "UserPoolId"), nil},
		request{"AddCustomAttributes", p.inPool(object{"CustomAttributes": []any{custom}}), nil},
		request{"TagResource", tagged.with("Tags", object{one(p.draw, "k", "K", "ü", "aws:x", "e\u0301"): one(p.draw, "", "v", "😀", strings.Repeat("v", 257))}), nil},
		request{"UntagResource", tagged.with("TagKeys", []any{one(p.draw, "k", "K", "ü", "é")}), nil},
		request{"CreateUserImportJob", p.inPool(importJob.with("JobName", one(p.draw, "j", "ü", "a b", strings.Repeat("j", 128)))), nil},
		request{one(p.draw, "DescribeUserPoolClient", "ListUserPoolClientSecrets", "GetUICustomization", "DescribeManagedLoginBrandingByClient"), client, nil},
		request{"UpdateUserPoolClient", p.some(clientSettings.with("UserPoolId", p.pool).with("ClientId", client["ClientId"]), "UserPoolId", "ClientId", "ExplicitAuthFlows"), nil},
		request{"CreateManagedLoginBranding", style.with("UserPoolId", p.pool).with("ClientId", client["ClientId"]), nil},
	)
}

func (p *play) aboutFederation() request {
	server := p.inPool(object{
		"Identifier": one(p.draw, "https://a", "https://A", "ü", "a b", "x/y", strings.Repeat("r", 256)), "Name": one(p.draw, "a", "A b", "ü"),
		"Scopes": []any{object{"ScopeName": one(p.draw, "read", "Read", "ü", "x/y"), "ScopeDescription": "ü"}, object{"ScopeName": "write", "ScopeDescription": "w"}},
	})
	name := one(p.draw, "provider", "PROVIDER", "ünï", "e\u0301e\u0301", "éé", "a\uffffb", "a\U00010000b", "Google")
	identity := p.inPool(provider.with("ProviderName", name).with("IdpIdentifiers", []any{one(p.draw, "x", "X", "ü", "x y", "\uffff"), one(p.draw, "y", "x")}))
	account := object{"ProviderName": name, "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": one(p.draw, oddNames...)}
	if p.chance(6) {
		p.pages("ListResourceServers", "ResourceServers", "MaxResults", "NextToken", 1+p.IntN(3), p.inPool(nil), nil)
		p.pages("ListIdentityProviders", "Providers", "MaxResults", "NextToken", 1+p.IntN(3), p.inPool(nil), nil)
	}
	return one(p.draw,
		request{one(p.draw, "CreateResourceServer", "UpdateResourceServer", "DescribeResourceServer", "DeleteResourceServer"), server, nil},
		request{one(p.draw, "CreateIdentityProvider", "CreateIdentityProvider", "UpdateIdentityProvider", "DescribeIdentityProvider", "DeleteIdentityProvider"), identity, nil},
		request{"GetIdentityProviderByIdentifier", p.inPool(object{"IdpIdentifier": one(p.draw, "x", "X", "ü", "é")}), nil},
		request{"AdminDisableProviderForUser", p.inPool(object{"User": account}), nil},
		request{"AdminLinkProviderForUser", p.inPool(object{
			"DestinationUser": object{"ProviderName": "Cognito", "ProviderAttributeValue": p.name()}, "SourceUser": account,
		}), nil},
	)
}
