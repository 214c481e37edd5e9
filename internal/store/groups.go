package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// InsertGroup stores a new group; GroupExists when the pool has one with the name.
func (tx *Tx) InsertGroup(g pool.Group) error {
	n, err := tx.exec(`insert into pool_groups (pool_id, group_name, description, role_arn, precedence, created, modified, generation)
		values ($1, $2, $3, $4, $5, $6, $7, coalesce((select generation + 1 from deleted_groups where pool_id = $1 and group_name = $2), 0))
		on conflict (pool_id, group_name) do nothing`,
		g.PoolID, g.Name, g.Description, g.RoleARN, g.Precedence, micros(g.Created), micros(g.Modified))
	if err != nil {
		return fmt.Errorf("insert group: %w", err)
	}
	if n == 0 {
		return fault.New(fault.GroupExists, "A group with the name already exists.")
	}
	return nil
}

// Group loads a group; pool.GroupNotFound when there is none.
func (tx *Tx) Group(poolID, name string) (pool.Group, error) {
	g, err := scanGroup(tx.queryRow(`select pool_id, group_name, description, role_arn, precedence, created, modified from pool_groups
		where pool_id = $1 and group_name = $2`, poolID, name))
	if errors.Is(err, sql.ErrNoRows) {
		return pool.Group{}, pool.GroupNotFound()
	}
	return g, err
}

// SaveGroup stores a group's description, role, precedence and times; pool.GroupNotFound when it is gone.
func (tx *Tx) SaveGroup(g pool.Group) error {
	n, err := tx.exec(`update pool_groups set description = $3, role_arn = $4, precedence = $5, created = $6, modified = $7
		where pool_id = $1 and group_name = $2`,
		g.PoolID, g.Name, g.Description, g.RoleARN, g.Precedence, micros(g.Created), micros(g.Modified))
	if err != nil {
		return fmt.Errorf("save group: %w", err)
	}
	if n == 0 {
		return pool.GroupNotFound()
	}
	return nil
}

// DeleteGroup removes a group and its memberships; pool.GroupNotFound when there is none. They are gone at once; of a large group, Sweep
// removes the rows.
func (tx *Tx) DeleteGroup(poolID, name string) error {
	var generation int64
	err := tx.queryRow(`delete from pool_groups where pool_id = $1 and group_name = $2 returning generation`, poolID, name).Scan(&generation)
	if errors.Is(err, sql.ErrNoRows) {
		return pool.GroupNotFound()
	}
	if err != nil {
		return fmt.Errorf("delete group: %w", err)
	}
	n, err := tx.exec(formerMembers.remove(4), poolID, name, generation, sweepBatch)
	if err != nil {
		return fmt.Errorf("delete memberships: %w", err)
	}
	if n < sweepBatch {
		return nil
	}
	_, err = tx.exec(`insert into deleted_groups (pool_id, group_name, generation) values ($1, $2, $3)
		on conflict (pool_id, group_name) do update set generation = excluded.generation`, poolID, name, generation)
	if err != nil {
		return fmt.Errorf("delete group: %w", err)
	}
	return nil
}

// Groups lists a pool's groups by name, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) Groups(poolID, after string, limit int) ([]pool.Group, error) {
	return collect(tx.query(`select pool_id, group_name, description, role_arn, precedence, created, modified from pool_groups
		where pool_id = $1 and group_name > $2 order by group_name limit cast($3 as bigint)`, poolID, after, rowLimit(limit)), scanGroup)
}

// AddMember puts a user into a group; nothing happens when the user is in it. Both must exist.
func (tx *Tx) AddMember(poolID, group, userID string, at time.Time) error {
	_, err := tx.exec(`insert into memberships (pool_id, user_id, group_name, created, generation)
		values ($1, $2, $3, $4, coalesce((select generation from pool_groups where pool_id = $1 and group_name = $3), 0))
		on conflict (pool_id, user_id, group_name) do update set created = excluded.created, generation = excluded.generation
		where memberships.generation <> excluded.generation`, poolID, userID, group, micros(at))
	if err != nil {
		return fmt.Errorf("add member: %w", err)
	}
	return nil
}

// RemoveMember takes a user out of a group; nothing happens when the user is not in it.
func (tx *Tx) RemoveMember(poolID, group, userID string) error {
	_, err := tx.exec(`delete from memberships where pool_id = $1 and user_id = $2 and group_name = $3`, poolID, userID, group)
	if err != nil {
		return fmt.Errorf("remove member: %w", err)
	}
	return nil
}

// UserGroups lists the groups of a user by name, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) UserGroups(poolID, userID, after string, limit int) ([]pool.Group, error) {
	return collect(tx.query(userGroups+` and m.group_name > $3 order by m.group_name limit cast($4 as bigint)`, poolID, userID, after, rowLimit(limit)), scanGroup)
}

// A cross join keeps SQLite from beginning with the other table.
const userGroups = `select g.pool_id, g.group_name, g.description, g.role_arn, g.precedence, g.created, g.modified
	from memberships m cross join pool_groups g
	where m.pool_id = $1 and m.user_id = $2 and g.pool_id = m.pool_id and g.group_name = m.group_name and g.generation = m.generation`

// Members lists the users of a group by id, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) Members(p *pool.Pool, group, after string, limit int) ([]*user.User, error) {
	return collect(tx.users(groupMembers, p.ID, group, after, rowLimit(limit)), tx.scanUser(p))
}

var groupMembers = loadUsers(`from memberships m cross join users u
	where m.pool_id = $1 and m.group_name = $2 and m.user_id > $3
		and m.generation = (select g.generation from pool_groups g where g.pool_id = $1 and g.group_name = $2) and u.pool_id = m.pool_id and u.user_id = m.user_id
	order by m.user_id limit cast($4 as bigint)`)

func scanGroup(r scanner) (pool.Group, error) { return scanGroupBehind(r) }

// scanGroupBehind reads a group whose columns come behind others.
func scanGroupBehind(r scanner, others ...any) (g pool.Group, err error) {
	var created, modified int64
	err = r.Scan(append(others, &g.PoolID, &g.Name, &g.Description, &g.RoleARN, &g.Precedence, &created, &modified)...)
	g.Created, g.Modified = fromMicros(created), fromMicros(modified)
	return g, err
}
