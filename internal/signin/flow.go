package signin

import (
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// Door is the way by which a request of a sign-in comes.
type Door int

// The doors.
const (
	ByClient Door = iota // InitiateAuth and RespondToAuthChallenge
	ByServer             // AdminInitiateAuth and AdminRespondToAuthChallenge, whose caller has credentials
	ByPage               // the managed login pages: they need no flow of the client's, and know no secret of it
)

// checkFlow refuses a flow that does not come by the door, or that the client does not allow. Texts observed many times.
func checkFlow(flow string, by Door, c *pool.Client) error {
	needs, closed := flow, flow+" is not enabled for the client."
	switch flow {
	case "USER_PASSWORD_AUTH":
		if by == ByServer {
			return flowUnsupported()
		}
		closed = "USER_PASSWORD_AUTH flow not enabled for this client"
	case "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH":
		if by != ByServer {
			return flowUnsupported()
		}
		needs, closed = "ADMIN_USER_PASSWORD_AUTH", "Auth flow not enabled for this client"
	case "USER_SRP_AUTH", "CUSTOM_AUTH", "USER_AUTH":
	default:
		return flowUnsupported()
	}
	if by != ByPage && !c.AllowsFlow(needs) {
		return fault.New(fault.InvalidParameter, closed)
	}
	return nil
}

func flowUnsupported() error {
	return fault.New(fault.InvalidParameter, "Initiate Auth method not supported.")
}

// checkSecret checks the secret hash over the username as it was typed. Pages are the server's own and send none.
func (r Request) checkSecret(username string, params map[string]string) error {
	if r.By == ByPage {
		return nil
	}
	return r.Client.CheckSecretHash(username, params["SECRET_HASH"])
}
