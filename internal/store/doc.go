// Package store keeps everything cenote must not forget, in SQLite or in PostgreSQL, with one SQL text for both.
//
// The central idea: a caller hands a function to View or Update and gets a Tx, on which the rows are reached by methods
// (one file per noun). What differs between the two databases is behind the interface engine; row methods
// never ask which one they speak to. An Update that returned nil has survived: SQLite syncs its log before the
// answer (and many Updates share one sync), PostgreSQL has committed.
//
// Start with store.go, then tx.go for what a row method may use. The engines are sqlite.go with sqlite_writer.go (group
// commit), and postgres.go with postgres_tx.go (retries) and postgres_settle.go (commits whose answer was lost). The schema is schema/*.sql,
// applied by migrate.go.
package store
