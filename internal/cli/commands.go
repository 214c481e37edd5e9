package cli

import (
	"context"
	"flag"
	"io"

	"github.com/cenote-id/cenote/internal/config"
)

// command is one line of the table.
type command struct {
	name  string // one or two words
	args  string // the arguments, in words: "ID"
	short string // what it does, for the list
	long  string // what more there is to know; may be empty
	takes takes
	// prepare defines the command's own flags and returns what it does.
	prepare func(in *invocation, own *flag.FlagSet) func(context.Context) error
}

// takes says which settings a command has flags for.
type takes int

const (
	noSettings   takes = iota
	dataSettings       // those that open the database
	allSettings
)

// answers is how scripts answer commands that ask.
const answers = "Where standard input is not a terminal, each question takes one line of it."

var commands = []command{
	{
		name: "serve", short: "serve user pools", takes: allSettings, prepare: serve,
		long: "Serves until SIGTERM or SIGINT, then answers the requests under way and stops. A second signal stops at once. " +
			"The first start makes the database, the master key and an access key, which it shows once; where systemd would keep what it " +
			"prints, the file first-access-key in the data folder gets it.",
	},
	{
		name: "dev", short: "serve user pools for development, with a pool that is ready", takes: allSettings, prepare: dev,
		long: "Serves on this machine only and accepts any AWS credentials. Messages go to an inbox page instead of to people, and the " +
			"clock can be moved forward. Prints a pool, a client and lines to paste. Users and ids are kept in the data folder.",
	},
	{
		name: "migrate", short: "bring the database up to date and exit", takes: dataSettings, prepare: migrate,
		long: "serve does so itself. Run it beforehand to see a migration apart from a start.",
	},
	{
		name: "doctor", short: "say what is wrong with the settings", takes: allSettings, prepare: doctor,
		long: "Takes the settings of serve and looks at everything that serve needs, one line for each check: ok, warn or fail. " +
			"Sends nothing. Exits with 1 when a check fails.",
	},
	{
		name: "health", short: "ask the server on this machine whether it lives", takes: allSettings, prepare: health,
		long: "Takes the settings of serve, asks the address that they name, and exits with 0 when the answer is 200. For the health checks of " +
			"containers and supervisors.",
	},
	{
		name: "backup", short: "copy the embedded database to a file, while a server runs", takes: dataSettings, prepare: backup,
		long: "Writes one consistent file for this user alone, reads it back and checks it. The master key is not in it: keep a copy of that " +
			"elsewhere. PostgreSQL has its own tools: pg_dump, or WAL archiving.",
	},
	{
		name: "restore", short: "make the embedded database from a backup, in an empty folder", takes: dataSettings, prepare: restore,
		long: "The data folder must be empty, or hold the master key alone, which must fit. Nothing is ever overwritten. What happened after the backup is " +
			"gone, revocations and sign-outs included.",
	},
	{
		name: "export", short: "write pools to an encrypted archive, while a server runs", takes: dataSettings, prepare: exportPools,
		long: "The archive has all of a user pool: settings, app clients, groups, users with their passwords, factors and devices, keys, providers, domains; " +
			"and of an identity pool: settings, roles, identities and their logins. " +
			"It is encrypted with age, for public keys or with a passphrase of 12 characters or more. Access keys are not in it.",
	},
	{
		name: "import", short: "restore pools from an archive, under the same ids", takes: dataSettings, prepare: importPools,
		long: "The archive is checked to its end first. A pool, app client or domain that exists is refused, and then nothing is restored. Users sign in " +
			"with their old passwords, factors and devices; tokens stay valid where the server has the same public URL.",
	},
	{
		name: "import-log", args: "JOB", short: "print what became of each line of a user import", takes: dataSettings, prepare: importLog,
		long: "JOB is the id of an import job of the API (CreateUserImportJob), such as import-mAgUtd8PMm. The header of the file is line 1.",
	},
	{
		name: "provider-log", short: "list the last sign-ins by identity providers of a pool", takes: dataSettings, prepare: providerLog,
		long: "For each provider, when its metadata was fetched and why that failed last, and what became of the last 50 sign-ins: the answer that the " +
			"application or the person got, its cause, and the request ID that the person can quote. What the provider says about people is masked. " +
			"--json adds the mapped attributes. Sign-ins are kept for 30 days.",
	},
	{
		name: "audit", short: "list what administrators did", takes: dataSettings, prepare: audit,
		long: "Reads the audit log of the database, newest first: who did what, on whom, from where, and how it ended. --json adds the parameters " +
			"and what changed, without secrets. --audit of the server says what is recorded, --audit-age how long it is kept.",
	},
	{
		name: "key create", short: "make an access key", takes: dataSettings, prepare: keyCreate,
		long: "Prints the key as two variables of the environment. The secret is not shown again. Works while a server runs.",
	},
	{name: "key list", short: "list the access keys", takes: dataSettings, prepare: keyList},
	{
		name: "key delete", args: "ID", short: "delete an access key", takes: dataSettings, prepare: keyDelete,
		long: "Running servers refuse the key within a second.",
	},
	{
		name: "key rotate-master", short: "seal everything under a new master key", takes: dataSettings, prepare: keyRotateMaster,
		long: "The new key is the first one of the settings, and the earlier one follows it, on every node. Works while servers run. " +
			"After an interruption, run it again. Once it has succeeded the earlier key can be removed.",
	},
	{
		name: "key rotate-identity", short: "give the OpenID tokens of identity pools a new signing key", takes: dataSettings, prepare: keyRotateIdentity,
		long: "The server has one such key for all identity pools (GetOpenIdToken). Running servers sign with the new one within two seconds; the key " +
			"before is published and verifies for another 24 hours and a minute. --signing-key-age of the server does it by schedule.",
	},
	{
		name: "pool list", short: "list the user pools of a server, or those in a database", takes: dataSettings, prepare: poolList,
		long: "Asks the server that --endpoint, --profile or the environment names (CENOTE_URL, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, AWS_ENDPOINT_URL, " +
			"or AWS_PROFILE if the profile has an endpoint_url). " +
			"Without one, and where --data-dir or another setting of the database is given, it reads the database.",
	},
	{name: "pool show", args: "POOL", short: "show a user pool of a server", prepare: apiCommand(poolShow)},
	{name: "pool create", args: "NAME", short: "make a user pool on a server, and print its id", prepare: apiCommand(poolCreate)},
	{name: "pool delete", args: "POOL", short: "delete a user pool of a server, with its users", prepare: apiCommand(poolDelete)},
	{
		name: "pool rotate-keys", args: "POOL", short: "give a user pool new signing keys", takes: dataSettings, prepare: poolRotateKeys,
		long: "Running servers sign with the new keys within a second. Tokens that were signed before stay valid: the keys before verify " +
			"as long as the longest token lives.",
	},
	{
		name: "pool rotate-data-key", args: "POOL", short: "give a user pool a new data key, and seal its secrets again", takes: dataSettings, prepare: poolRotateDataKey,
		long: "Works while servers run; every node must have this version. Takes 35 seconds and more, so that each node knows the key before it is used. " +
			"After an interruption, run it again. The earlier key goes on opening what clients hold, for the time of --overlap, and is then dropped. " +
			"After a leak, give --overlap 1m: users sign in again.",
	},
	{name: "client list", short: "list the app clients of a pool", prepare: poolCommand(clientList)},
	{name: "client show", args: "ID", short: "show an app client", prepare: poolCommand(clientShow)},
	{name: "client create", args: "NAME", short: "make an app client, and print its id", prepare: poolCommand(clientCreate)},
	{name: "client delete", args: "ID", short: "delete an app client", prepare: poolCommand(clientDelete)},
	{name: "group list", short: "list the groups of a pool", prepare: poolCommand(groupList)},
	{name: "group create", args: "NAME", short: "make a group", prepare: poolCommand(groupCreate)},
	{name: "group delete", args: "NAME", short: "delete a group", prepare: poolCommand(groupDelete)},
	{name: "group add", args: "GROUP USER", short: "put a user into a group", prepare: poolCommand(groupAdd)},
	{name: "group remove", args: "GROUP USER", short: "take a user out of a group", prepare: poolCommand(groupRemove)},
	{name: "users list", short: "list the users of a pool", prepare: poolCommand(usersList)},
	{name: "users show", args: "USER", short: "show a user", prepare: poolCommand(usersShow)},
	{name: "users create", args: "USER", short: "make a user, who is invited", prepare: poolCommand(usersCreate)},
	{name: "users passwd", args: "USER", short: "set the password of a user", prepare: poolCommand(usersPasswd), long: answers},
	{name: "users confirm", args: "USER", short: "confirm a user who signed up", prepare: poolCommand(usersDo("AdminConfirmSignUp"))},
	{name: "users disable", args: "USER", short: "keep a user from signing in", prepare: poolCommand(usersDo("AdminDisableUser"))},
	{name: "users enable", args: "USER", short: "let a user sign in again", prepare: poolCommand(usersDo("AdminEnableUser"))},
	{name: "users reset", args: "USER", short: "have a user choose a new password, with a code that is sent", prepare: poolCommand(usersDo("AdminResetUserPassword"))},
	{name: "users sign-out", args: "USER", short: "end all sessions of a user", prepare: poolCommand(usersDo("AdminUserGlobalSignOut"))},
	{name: "users delete", args: "USER", short: "delete a user", prepare: poolCommand(usersDelete)},
	{
		name: "users import", args: "FILE", short: "make users of the lines of a CSV file, without invitations", prepare: poolCommand(usersImport),
		long: "The first line names the columns: cognito:username (else email or phone_number is the name), attributes, and perhaps password. " +
			"Lines that are refused are told with their number; the others go on, and the command exits with 1.",
	},
	{
		name: "user sign-up", args: "USERNAME", short: "register a user", prepare: userCommand(userSignUp),
		long: "Asks for the password. " + answers,
	},
	{name: "user confirm", args: "USERNAME CODE", short: "confirm a registration with the code that was sent", prepare: userCommand(userConfirm)},
	{name: "user resend", args: "USERNAME", short: "send the code of a registration again", prepare: userCommand(userResend)},
	{
		name: "user sign-in", args: "[USERNAME]", short: "sign in, whatever the pool asks", prepare: userCommand(userSignIn),
		long: "Asks for the password, which is proved over SRP and never sent, and for whatever else the pool wants. Setting up an authenticator app " +
			"shows a QR code. " + answers,
	},
	{name: "user whoami", short: "tell who is signed in", prepare: userCommand(userWhoami)},
	{name: "user token", short: "print the access token, a new one if need be", prepare: userCommand(userToken)},
	{name: "user attributes", short: "list or change the attributes of the signed-in user", prepare: userCommand(userAttributes)},
	{name: "user mfa", short: "list or change the second factors", prepare: userCommand(userMFA)},
	{name: "user devices", short: "list, remember or forget devices", prepare: userCommand(userDevices)},
	{name: "user sessions", short: "list or end sessions, in pools that track them", prepare: userCommand(userSessions)},
	{name: "user passwd", short: "change the password", prepare: userCommand(userPasswd), long: answers},
	{name: "user forgot", args: "USERNAME", short: "choose a new password with a code", prepare: userCommand(userForgot), long: answers},
	{name: "user sign-out", short: "sign out and revoke the tokens of this sign-in", prepare: userCommand(userSignOut)},
	{name: "user delete", short: "delete the account of the signed-in user", prepare: userCommand(userDelete)},
	{
		name: "completion", args: "SHELL", short: "print the completion of commands and flags for bash, zsh or fish", prepare: completion,
		long: "bash: source <(cenote completion bash)\n" +
			"zsh: source <(cenote completion zsh)\n" +
			"fish: cenote completion fish | source\n" +
			"Put the line into the shell's start-up file to have it always.",
	},
	{
		name: "man", args: "[PAGE]", short: "print a manual page: cenote, or cenote.yaml for the settings", prepare: man,
		long: "To read it: cenote man | man -l -",
	},
	{name: "version", short: "print the version", prepare: version},
}

// parser returns the command's flags, which fill in, and what it does.
func (c *command) parser(in *invocation) (*flag.FlagSet, func(context.Context) error) {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Run tells errors itself
	for _, s := range c.settings() {
		set := func(value string) error { in.flags[s.Name] = value; return nil }
		if s.Switch {
			flags.BoolFunc(s.Name, s.Help, set)
			continue
		}
		if s.Choices != nil {
			flags.Var(&choiceFlag{s.Choices, set}, s.Name, s.Help)
			continue
		}
		flags.Func(s.Name, s.Help, set)
	}
	return flags, c.prepare(in, flags)
}

// settings returns the settings that the command has flags for.
func (c *command) settings() []config.Setting {
	var out []config.Setting
	for _, s := range config.Settings() {
		if !s.NoFlag && !s.Table && c.reads(s) {
			out = append(out, s)
		}
	}
	return out
}

// reads reports whether the command obeys a setting.
func (c *command) reads(s config.Setting) bool {
	return c.takes == allSettings || c.takes == dataSettings && s.Data
}
