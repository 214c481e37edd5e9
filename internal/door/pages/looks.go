package pages

import "sync"

// maxLooks bounds how many looks are kept. A full cache is emptied.
const maxLooks = 1024

// looks keeps what was made of the looks of clients. A style and its images may have two megabytes, of which a page needs the addresses and a
// few colours.
type looks struct {
	mu   sync.Mutex
	made map[lookOf]look
}

// lookOf is what a look was made of: whoever changes a look gives its client, or its pool, another version.
type lookOf struct {
	pool, client               string
	poolVersion, clientVersion int64
	graphic                    string
}

// get returns the look of the visit's client for pages with the graphic, and makes it where it is not at hand.
func (l *looks) get(v *visit, graphic string) (look, error) {
	of := lookOf{v.Pool.ID, v.Client.ID, v.Pool.Version, v.Client.Version, graphic}
	l.mu.Lock()
	known, ok := l.made[of]
	l.mu.Unlock()
	if ok {
		return known, nil
	}
	made, err := v.makeLook(graphic)
	if err != nil {
		return look{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.made) >= maxLooks {
		clear(l.made)
	}
	if l.made == nil {
		l.made = map[lookOf]look{}
	}
	l.made[of] = made
	return made, nil
}
