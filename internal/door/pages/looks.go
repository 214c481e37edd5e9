package pages

import (
	"sync"
	"time"
)

const (
	// maxLooks bounds how many looks are kept. A full cache is emptied.
	maxLooks = 1024
	// lookLife is how long a look is kept at most. Servers before this one change a look without another version of its client.
	lookLife = time.Minute
)

// looks keeps what was made of the looks of clients. A style and its images may have two megabytes, of which a page needs the addresses and a
// few colours.
type looks struct {
	mu   sync.Mutex
	made map[lookOf]madeLook
}

// lookOf is what a look was made of: whoever changes a look gives its client, or its pool, another version.
type lookOf struct {
	pool, client               string
	poolVersion, clientVersion int64
	graphic                    string
}

type madeLook struct {
	look
	at time.Time
}

// get returns the look of the visit's client for pages with the graphic, and makes it where it is not at hand.
func (l *looks) get(v *visit, graphic string) (look, error) {
	of, now := lookOf{v.Pool.ID, v.Client.ID, v.Pool.Version, v.Client.Version, graphic}, v.Door.Now()
	l.mu.Lock()
	known, ok := l.made[of]
	l.mu.Unlock()
	if age := now.Sub(known.at); ok && age >= 0 && age < lookLife {
		return known.look, nil
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
		l.made = map[lookOf]madeLook{}
	}
	l.made[of] = madeLook{made, now}
	return made, nil
}
