package client

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Attribute is one attribute of a user, such as {"email", "ann@example.com"}. Its JSON is {"Name": ..., "Value": ...}.
type Attribute struct {
	Name  string
	Value string
}

// String returns the JSON.
func (a Attribute) String() string {
	text, err := json.Marshal(a)
	if err != nil {
		panic(err) // two strings
	}
	return string(text)
}

func sdkAttributes(list []Attribute) []types.AttributeType {
	var out []types.AttributeType
	for _, a := range list {
		out = append(out, types.AttributeType{Name: &a.Name, Value: &a.Value})
	}
	return out
}

func fromSDKAttributes(list []types.AttributeType) []Attribute {
	out := make([]Attribute, len(list))
	for i, a := range list {
		out[i] = Attribute{aws.ToString(a.Name), aws.ToString(a.Value)}
	}
	return out
}

// CodeDelivery says where a code was sent.
type CodeDelivery struct {
	Attribute   string // "email" or "phone_number"
	Medium      string // "EMAIL" or "SMS"
	Destination string // masked, such as "a***@e***"
}

func codeDelivery(d *types.CodeDeliveryDetailsType) *CodeDelivery {
	if d == nil {
		return nil
	}
	return &CodeDelivery{aws.ToString(d.AttributeName), string(d.DeliveryMedium), aws.ToString(d.Destination)}
}

func codeDeliveries(list []types.CodeDeliveryDetailsType) []CodeDelivery {
	out := make([]CodeDelivery, len(list))
	for i := range list {
		out[i] = *codeDelivery(&list[i])
	}
	return out
}
