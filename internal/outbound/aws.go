package outbound

import (
	"net/url"
	"strings"
)

// domains are where the services of a partition are, by the partition of an ARN; all others are where those of "aws" are.
var domains = map[string]string{
	"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu", "aws-iso": "c2s.ic.gov", "aws-iso-b": "sc2s.sgov.gov",
	"aws-iso-e": "cloud.adc-e.uk", "aws-iso-f": "csp.hci.ic.gov",
}

// Exception returns the name of an exception of AWS as its services write it in the header X-Amzn-Errortype or in __type, without the namespace
// in front and the address behind: "com.amazonaws.kms#NotFoundException:http://..." is NotFoundException.
func Exception(text string) string {
	text, _, _ = strings.Cut(text, ":")
	return text[strings.LastIndexByte(text, '#')+1:]
}

// AWS returns the URL of a service of AWS in a region of the partition that an ARN names.
func AWS(service, region, arn string) *url.URL {
	domain := "amazonaws.com"
	if parts := strings.SplitN(arn, ":", 3); len(parts) == 3 && domains[parts[1]] != "" {
		domain = domains[parts[1]]
	}
	return &url.URL{Scheme: "https", Host: service + "." + region + "." + domain}
}
