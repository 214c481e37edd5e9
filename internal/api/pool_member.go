package api

import (
	"reflect"
	"strings"

	"github.com/cenote-id/cenote/internal/wire"
)

// PoolMember is where the inputs of an operation name the pool they concern. It is found once for each operation.
type PoolMember struct {
	field int  // of the input struct; -1 when none names a pool
	isARN bool // the field holds the ARN of a pool, not its id
}

// FindPoolMember finds the member in an input of the operation, which may be empty.
func FindPoolMember(in any) PoolMember {
	t := reflect.TypeOf(in).Elem()
	for _, m := range []struct {
		name  string
		isARN bool
	}{{"UserPoolId", false}, {"IdentityPoolId", false}, {"ResourceArn", true}} {
		if f, ok := t.FieldByName(m.name); ok && f.Type.Kind() == reflect.String {
			return PoolMember{field: f.Index[0], isARN: m.isARN}
		}
	}
	return PoolMember{field: -1}
}

// Of returns the id of the pool that an input concerns, or "" when it names none.
func (m PoolMember) Of(in any) string {
	if m.field < 0 {
		return ""
	}
	s := reflect.ValueOf(in).Elem().Field(m.field).String()
	if !m.isARN {
		return s
	}
	return poolOfARN(s)
}

// poolOfARN reads the id out of arn:aws:cognito-idp:<region>:<account>:userpool/<id> and of its identity pool twin. Anything
// else is no pool, so that a key limited to pools can do nothing with it.
func poolOfARN(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return ""
	}
	kind, id, _ := strings.Cut(parts[5], "/")
	if strings.Contains(id, "/") {
		return ""
	}
	switch {
	case parts[2] == string(wire.UserPools) && kind == "userpool", parts[2] == string(wire.IdentityPools) && kind == "identitypool":
		return id
	}
	return ""
}
