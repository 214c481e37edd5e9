package audit

import (
	"context"
	"net/netip"
	"strings"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// ByServer returns a context that knows the user for whom a server signs in, as the server describes the user. Without a description
// nothing is known: the request comes from the server itself.
func ByServer(ctx context.Context, d *wire.ContextDataType) context.Context {
	by := caller.From(ctx)
	by.For = &caller.User{}
	if d != nil {
		by.For.SourceIP = address(d.IpAddress)
		for _, h := range d.HttpHeaders {
			if strings.EqualFold(h.HeaderName, "User-Agent") {
				by.For.UserAgent = caller.CutAgent(h.HeaderValue)
			}
		}
	}
	return caller.With(ctx, by)
}

// ByClient returns a context that knows the user's address as a confidential client says it, if the client is trusted to say it. The
// collected data of client libraries is opaque and not looked at.
func ByClient(ctx context.Context, c *pool.Client, d *wire.UserContextDataType) context.Context {
	if d == nil || d.IpAddress == "" || len(c.Secrets) == 0 || !wire.Value(c.Settings.EnablePropagateAdditionalUserContextData, false) {
		return ctx
	}
	by := caller.From(ctx)
	by.For = &caller.User{SourceIP: address(d.IpAddress), UserAgent: by.UserAgent}
	return caller.With(ctx, by)
}

// address returns an address as it is compared, "" for what is none.
func address(text string) string {
	addr, err := netip.ParseAddr(strings.TrimSpace(text))
	if err != nil {
		return ""
	}
	return addr.Unmap().WithZone("").String()
}
