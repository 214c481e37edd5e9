package credential

import "github.com/cenote-id/cenote/internal/srpgroup"

const (
	groupBytes    = srpgroup.Bytes
	exponentBytes = srpgroup.ExponentBytes // x, b, u, and the client's a
)

var prime, multiplier = srpgroup.Prime(), srpgroup.Multiplier()
