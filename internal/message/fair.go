package message

import "slices"

// fairQueue gives pools turns, and within a pool its destinations: whatever one of them has waiting, the next of another comes after at
// most one of each. It is not safe for concurrent use.
type fairQueue struct {
	perPool int // errands of a pool that may be out at once
	perLine int // errands that may wait for one destination
	pools   map[string]*poolLines
	turns   []*poolLines // those with an errand that may go, next first
	waiting int
}

// poolLines are the lines of one pool.
type poolLines struct {
	id      string
	lines   map[string]*line
	turns   []*line // those with an errand that may go, next first
	out     int     // errands taken and not released
	waiting int
	queued  bool // in turns of the queue
}

// line is what waits for one destination. One errand of it is out at a time.
type line struct {
	pool    *poolLines
	to      string
	errands []errand
	out     bool
}

func newFairQueue(perPool, perLine int) fairQueue {
	return fairQueue{perPool: perPool, perLine: perLine, pools: map[string]*poolLines{}}
}

// push adds an errand to the end of its line, unless the line is full.
func (q *fairQueue) push(e errand) bool {
	p := q.pools[e.about.PoolID]
	if p == nil {
		p = &poolLines{id: e.about.PoolID, lines: map[string]*line{}}
		q.pools[p.id] = p
	}
	l := p.lines[e.about.To]
	if l == nil {
		l = &line{pool: p, to: e.about.To}
		p.lines[l.to] = l
	}
	if len(l.errands) >= q.perLine {
		return false
	}
	l.errands = append(l.errands, e)
	p.waiting++
	q.waiting++
	if len(l.errands) == 1 && !l.out {
		p.turns = append(p.turns, l)
	}
	q.offer(p)
	return true
}

// offer gives the pool a turn if it may have one.
func (q *fairQueue) offer(p *poolLines) {
	if !p.queued && len(p.turns) > 0 && p.out < q.perPool {
		p.queued = true
		q.turns = append(q.turns, p)
	}
}

// pop takes the errand whose turn it is. Its line has to be released when it is done.
func (q *fairQueue) pop() (l *line, e errand, ok bool) {
	if len(q.turns) == 0 {
		return nil, errand{}, false
	}
	p := q.turns[0]
	q.turns = q.turns[1:]
	p.queued = false
	l, p.turns = p.turns[0], p.turns[1:]
	e, l.errands = l.errands[0], l.errands[1:]
	l.out = true
	p.out++
	p.waiting--
	q.waiting--
	q.offer(p)
	return l, e, true
}

// release lets the line have its next turn, or forgets it.
func (q *fairQueue) release(l *line) {
	p := l.pool
	l.out = false
	p.out--
	if len(l.errands) > 0 {
		p.turns = append(p.turns, l)
	} else {
		delete(p.lines, l.to)
	}
	if len(p.lines) == 0 {
		delete(q.pools, p.id)
	}
	q.offer(p)
}

// drop takes away the newest errand of a line of the pool with the most waiting: the line whose turn is last. Something is waiting.
func (q *fairQueue) drop() errand {
	var p *poolLines
	for _, other := range q.pools {
		if p == nil || other.waiting > p.waiting {
			p = other
		}
	}
	var l *line
	if n := len(p.turns); n > 0 {
		l = p.turns[n-1]
	} else {
		for _, l = range p.lines { // all are out, so they are few
			if len(l.errands) > 0 {
				break
			}
		}
	}
	last := len(l.errands) - 1
	e := l.errands[last]
	l.errands = l.errands[:last]
	p.waiting--
	q.waiting--
	if last == 0 && !l.out {
		q.forget(l)
	}
	return e
}

// forget removes a line that waits for a turn it does not need any more.
func (q *fairQueue) forget(l *line) {
	p := l.pool
	delete(p.lines, l.to)
	p.turns = slices.DeleteFunc(p.turns, func(other *line) bool { return other == l })
	if len(p.turns) == 0 && p.queued {
		p.queued = false
		q.turns = slices.DeleteFunc(q.turns, func(other *poolLines) bool { return other == p })
	}
	if len(p.lines) == 0 {
		delete(q.pools, p.id)
	}
}
