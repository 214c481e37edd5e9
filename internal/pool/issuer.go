package pool

// AWSIssuer returns the issuer that the pool would have on AWS, in the form that IssuerConfiguration asks for.
func (p *Pool) AWSIssuer() string {
	host := "cognito-idp."
	if c := p.Settings.IssuerConfiguration; c != nil && c.Type == "UPDATED" {
		host = "issuer-cognito-idp."
	}
	return "https://" + host + p.Region() + ".amazonaws.com/" + p.ID
}
