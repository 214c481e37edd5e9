package importer

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// spreadID returns the id of the user that a part of a file of the given size makes: a random UUID of version 4 like any other, but that its
// first 48 bits lie where the part lies in the file. So the ids of a file are spread over all there are, as those of other users, and come in
// order: each row lands next to the one before it in every index by id, rather than on a page of its own.
func spreadID(part span, size int64) string {
	id := uuid.New()
	const room = 1 << 48
	step := uint64(room / max(size, part.to))
	first := uint64(part.from) * step
	first += binary.BigEndian.Uint64(id[:8]) % (uint64(part.to-part.from) * step)
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], first<<16)
	copy(id[:6], head[:6])
	return id.String()
}
