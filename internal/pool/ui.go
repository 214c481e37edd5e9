package pool

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// AllClients stands for every client of a pool that has no look of its own.
const AllClients = "ALL"

// maxImage is the size of the largest logo, in bytes.
const maxImage = 100 * 1024

// UICustomization is the look of the classic sign-in pages of a client, or of all clients of a pool.
type UICustomization struct {
	PoolID    string
	ClientID  string                   // or AllClients
	Settings  wire.UICustomizationType // as GetUICustomization shows it
	Image     []byte                   // the logo; nil for none
	ImageType string                   // its media type
}

// NewUICustomization makes a look from a request, in place of the one before, which may be nil. The images of a pool are served below the
// base address. The service has been seen to refuse a pool without a domain in these words.
func NewUICustomization(p *Pool, in *wire.SetUICustomizationInput, before *UICustomization, base string, now time.Time) (*UICustomization, error) {
	if p.Settings.Domain == "" && p.Settings.CustomDomain == "" {
		return nil, fault.New(fault.InvalidParameter, "There has to be an existing domain associated with this user pool")
	}
	if flaw := cssFlaw(in.CSS); flaw != "" {
		return nil, fault.New(fault.InvalidParameter, "Invalid CSS: "+flaw)
	}
	u := &UICustomization{PoolID: p.ID, ClientID: in.ClientId, Settings: wire.UICustomizationType{
		UserPoolId: p.ID, ClientId: in.ClientId, CSS: in.CSS, CSSVersion: now.UTC().Format("20060102150405"),
		CreationDate: wire.At(now), LastModifiedDate: wire.At(now),
	}}
	if before != nil {
		u.Settings.CreationDate = before.Settings.CreationDate
	}
	if len(in.ImageFile) == 0 {
		return u, nil
	}
	var extension string
	switch {
	case len(in.ImageFile) > maxImage:
		return nil, fault.Newf(fault.InvalidParameter, "The image is larger than %d bytes.", maxImage)
	case bytes.HasPrefix(in.ImageFile, []byte("\x89PNG\r\n\x1a\n")):
		u.ImageType, extension = "image/png", ".png"
	case bytes.HasPrefix(in.ImageFile, []byte("\xff\xd8\xff")):
		u.ImageType, extension = "image/jpeg", ".jpg"
	default:
		return nil, fault.New(fault.InvalidParameter, "The image is neither a PNG nor a JPEG file.")
	}
	sum := sha256.Sum256(in.ImageFile) // another image has another address, so that it can be cached for good
	u.Image, u.Settings.ImageUrl = in.ImageFile, base+"/"+p.ID+"/ui/"+in.ClientId+"/"+hex.EncodeToString(sum[:8])+extension
	return u, nil
}

// Sheet returns the style sheet for a page: without comments, which may hold anything, and nothing at all if it is not one that would be
// accepted today.
func (u *UICustomization) Sheet() string {
	if cssFlaw(u.Settings.CSS) != "" {
		return ""
	}
	return cssComment.ReplaceAllString(u.Settings.CSS, " ")
}

// Rename gives the look to another client of another pool, as a copy of a pool does. The address of the image names both.
func (u *UICustomization) Rename(poolID, clientID string) {
	old := "/" + u.PoolID + "/ui/" + u.ClientID + "/"
	u.Settings.ImageUrl = strings.Replace(u.Settings.ImageUrl, old, "/"+poolID+"/ui/"+clientID+"/", 1)
	u.PoolID, u.ClientID, u.Settings.UserPoolId, u.Settings.ClientId = poolID, clientID, poolID, clientID
}
