//go:build linux

package cluster

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience is how long anything may take that has to come about: far more than it takes, for machines under load.
const patience = 2 * time.Minute

const (
	etcdPort     = 2379
	peerPort     = 2380
	patroniPort  = 8008
	postgresPort = 5432

	superuser = "postgres"
	secret    = "a-secret-of-a-test"
)

// patroniFile is the configuration that docs/operators.md recommends, but for the watchdog, which this takes a device for.
const patroniFile = `
scope: cenote
name: %[1]s
restapi: {listen: "%[2]s:8008", connect_address: "%[2]s:8008"}
etcd: {hosts: [%[3]s]}
bootstrap:
  dcs:
    ttl: %[6]d
    loop_wait: 2
    retry_timeout: 3
    primary_start_timeout: 15
    maximum_lag_on_failover: 1048576
    failsafe_mode: true
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {wal_log_hints: "on", max_connections: 100, wal_keep_size: 128MB, max_wal_size: 128MB, wal_sender_timeout: 5s, wal_receiver_timeout: 5s}
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums]
  pg_hba:
    - local all all trust
    - host replication replicator 10.77.0.0/24 scram-sha-256
    - host all all 10.77.0.0/24 scram-sha-256
postgresql:
  listen: "%[2]s:5432"
  connect_address: "%[2]s:5432"
  data_dir: %[4]s/data
  bin_dir: %[5]s
  pgpass: %[4]s/pgpass
  basebackup: {checkpoint: fast}
  authentication:
    superuser: {username: postgres, password: a-secret-of-a-test}
    replication: {username: replicator, password: a-secret-of-a-test}
    rewind: {username: rewinder, password: a-secret-of-a-test}
  parameters: {unix_socket_directories: %[4]s, shared_buffers: 64MB, password_encryption: scram-sha-256}
`

// database is the machines with PostgreSQL, Patroni and etcd.
type database struct {
	here     *machine
	machines []*machine
	programs string // folder of PostgreSQL's programs
}

// startDatabase makes three machines and starts everything on them.
func startDatabase(t *testing.T, here *machine) *database {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	must(t, err)
	if len(found) == 0 {
		t.Fatal("PostgreSQL is not installed")
	}
	d := &database{here: here, programs: found[len(found)-1]}
	for i := range 3 {
		d.machines = append(d.machines, newMachine(t, here, fmt.Sprint("db", i+1), 11+i))
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, m := range d.machines {
				m.tell(t, "etcd")
				m.tell(t, "patroni")
			}
		}
	})
	for _, m := range d.machines {
		d.startEtcd(t, m)
	}
	for _, m := range d.machines {
		d.startPatroni(t, m)
	}
	return d
}

func (d *database) startEtcd(t *testing.T, m *machine) {
	t.Helper()
	var all []string
	for _, each := range d.machines {
		all = append(all, fmt.Sprintf("%s=http://%s:%d", each.name, each.address, peerPort))
	}
	client, peer := fmt.Sprintf("http://%s:%d", m.address, etcdPort), fmt.Sprintf("http://%s:%d", m.address, peerPort)
	m.start(t, "etcd", "--name", m.name, "--data-dir", m.folder+"/etcd", "--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster-state", "new",
		"--enable-v2", "--initial-cluster", strings.Join(all, ","), "--heartbeat-interval", "100", "--election-timeout", "1000")
}

func (d *database) startPatroni(t *testing.T, m *machine) {
	t.Helper()
	var hosts []string
	for _, each := range d.machines {
		hosts = append(hosts, fmt.Sprintf(`"%s:%d"`, each.address, etcdPort))
	}
	file := filepath.Join(m.folder, "patroni.yml")
	must(t, os.WriteFile(file, fmt.Appendf(nil, patroniFile, m.name, m.address, strings.Join(hosts, ", "), m.folder, d.programs, *ttl), 0o644))
	m.start(t, "patroni", file)
}

// back starts what does not run on a machine, after any fault.
func (d *database) back(t *testing.T, m *machine) {
	t.Helper()
	m.signal(t, syscall.SIGCONT)
	if len(m.processes(t, "etcd")) == 0 {
		d.startEtcd(t, m)
	}
	if len(m.processes(t, "patroni")) == 0 {
		d.startPatroni(t, m)
	}
}

// asks returns the status with which Patroni on a machine answers; 0 for no answer.
func (d *database) asks(m *machine, path string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s:%d%s", m.address, patroniPort, path), nil)
	if err != nil {
		return 0
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// leader is the machine whose Patroni says that it is the primary; nil when none or several do.
func (d *database) leader() (leader *machine) {
	for _, m := range d.machines {
		if d.asks(m, "/primary") == http.StatusOK {
			if leader != nil {
				return nil
			}
			leader = m
		}
	}
	return leader
}

// roles waits until there is a leader and both others follow it, one of them synchronously.
func (d *database) roles(t *testing.T) (leader, synchronous, other *machine) {
	t.Helper()
	await(t, "the database has a leader, a synchronous and another standby", func() bool {
		leader, synchronous, other = d.leader(), nil, nil
		for _, m := range d.machines {
			switch {
			case m == leader:
			case d.asks(m, "/synchronous") == http.StatusOK:
				synchronous = m
			case d.asks(m, "/replica?lag=1MB") == http.StatusOK:
				other = m
			}
		}
		return leader != nil && synchronous != nil && other != nil && d.streaming(leader) == 2
	})
	return leader, synchronous, other
}

// streaming is how many standbys receive the leader's log.
func (d *database) streaming(leader *machine) (n int) {
	_ = d.on(leader, "postgres", func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, "select count(*) from pg_stat_replication where state = 'streaming'").Scan(&n)
	})
	return n
}

// shows is a setting of PostgreSQL on a machine.
func (d *database) shows(m *machine, setting string) (value string) {
	err := d.on(m, "postgres", func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, "select current_setting($1)", setting).Scan(&value)
	})
	if err != nil {
		return err.Error()
	}
	return value
}

// url is of a database at an address.
func url(address, name string) string {
	return fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", superuser, secret, address, postgresPort, name)
}

// on has a connection to the database of a machine, not through HAProxy.
func (d *database) on(m *machine, name string, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, url(m.address, name))
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	return do(ctx, c)
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("within %s it did not come about that %s", patience, what)
		}
	}
}
