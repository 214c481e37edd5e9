// Package operate is what an operator does to the data of a server, with or without a server running: opening the database with its
// master key, managing access keys, rotating signing keys, and examining the setup (Diagnose).
//
// Start with OpenData.
package operate
