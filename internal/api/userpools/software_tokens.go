package userpools

import "github.com/cenote-id/cenote/internal/fault"

// checkTokenOrSession asks for one of the two ways in which a caller can be known.
func checkTokenOrSession(accessToken, session string) error {
	if (accessToken == "") == (session == "") {
		return fault.New(fault.InvalidParameter, "Either AccessToken or Session must be provided, and not both.")
	}
	return nil
}
