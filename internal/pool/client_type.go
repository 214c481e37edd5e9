package pool

import "cmp"

// Type says how the client came to be: REGULAR, or DCR when it registered itself.
func (c *Client) Type() string { return cmp.Or(c.Settings.ClientType, "REGULAR") }
