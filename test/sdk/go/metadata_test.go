package gosdk_test

// samlMetadata is the metadata document of a SAML provider. Its certificate is valid for a hundred years; nobody has the key.
const samlMetadata = `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
MIICrzCCAZegAwIBAgIBATANBgkqhkiG9w0BAQsFADAaMRgwFgYDVQQDEw9pZHAuZXhhbXBsZS5jb20wIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw
MDBaMBoxGDAWBgNVBAMTD2lkcC5leGFtcGxlLmNvbTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALXFOJxW65c6s4MU+IeYW2G0NDj1VsRYHnkd
Bh7lsFeYrvtk1raUHaKerFAJbHSiCUSdX4FWtU5bAPVugoNNCn533JYnync8fFjIT5B0zGrVAMYsc3Cv+PMSV5lenBQSQdywsMCxQSTyjaK4tcCorg7wyZRb
zxCiVWXvf4huS6SR2bqSuD/Bst2Tz4uLeuS8v38nVyP3wD5T2cFy7O44VsbxnhzXs8R5EUAvUQOgQIoqN11ifxsHYi4vIu1dFJxmRvbu77t2v+vRfytmnXxt
SMcGJgYmm713I/WmFRkulf5k6cPshvsgasN7skmKeS44f1GYMPJkTakzNU2lBsORvJUCAwEAATANBgkqhkiG9w0BAQsFAAOCAQEAVZunkNdaFwNfKeidNuSs
A8oO+a+zDDVYeXX1B3KbQTw0fx6q6+JFBer17AZGLEYmZvfsQvV0nEEe/NS8fYbQwNGEU3SHnIlj2urH34tH1XBOlWGeBrcGTZ/gHNTd7UcHunjCcYQr4zcw
qqg6fXYNxcWKIMDA8l7JiMttHt1hBQ3F7mm2wk7meVERrmWktooBcovfIRJqSD2VYBpbvZPne5lU3EFYJGSKOvvsxgKPhTX7EUbs1mzHYwMUs1ZTqG3VbFCU
F/cOxwtUOTMdF4U+VBjSxFTXpKecdrKejPo57g+sTHHgpVNL3N0yJkEJ+g2w4UsA8vYF/b8OqXNgTqlhWg==
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/slo"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/post"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`
