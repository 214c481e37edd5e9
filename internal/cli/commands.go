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
const answers = "If standard input is not a terminal, each prompt reads one line of it."

var commands = []command{
	{
		name: "serve", short: "serve user pools", takes: allSettings, prepare: serve,
		long: "Serves until SIGTERM or SIGINT, then finishes the requests in flight and stops. A second signal stops at once. " +
			"The first start creates the database, the master key and an access key, which it prints once; under systemd, whose journal " +
			"would keep it, it writes the access key to the file first-access-key in the data folder instead.",
	},
	{
		name: "dev", short: "serve user pools for development, with a ready-made pool", takes: allSettings, prepare: dev,
		long: "Listens on this machine only and accepts any AWS credentials. Messages go to an inbox page instead of to people, and you can " +
			"move the clock forward. Prints the ids of a pool and a client with snippets to paste. Users and ids are kept in the data folder.",
	},
	{
		name: "migrate", short: "migrate the database and exit", takes: dataSettings, prepare: migrate,
		long: "serve migrates by itself. Run this first to keep the migration apart from the start.",
	},
	{
		name: "doctor", short: "check the settings and everything they point to", takes: allSettings, prepare: doctor,
		long: "Takes the settings of serve and checks everything that serve needs. Prints one line for each check: ok, warn or fail. " +
			"Sends no messages and changes nothing. Exits with 1 if a check fails.",
	},
	{
		name: "health", short: "check whether the server on this machine is up", takes: allSettings, prepare: health,
		long: "Takes the settings of serve, requests /healthz at its address, and exits with 0 if the status is 200, else with 1. For the health " +
			"checks of containers and supervisors.",
	},
	{
		name: "backup", short: "back up the embedded database to a file; the server may be running", takes: dataSettings, prepare: backup,
		long: "Writes one consistent file that only this user can read, then reads it back and checks it. The backup does not contain the master " +
			"key: keep a copy of that elsewhere. For PostgreSQL use its own tools: pg_dump or WAL archiving.",
	},
	{
		name: "restore", short: "restore the embedded database from a backup into an empty folder", takes: dataSettings, prepare: restore,
		long: "The data folder must be empty or hold only the master key, which must be the one of the backup. Nothing is ever overwritten. Whatever " +
			"happened after the backup is lost, including revocations and sign-outs.",
	},
	{
		name: "export", short: "export pools to an encrypted archive; the server may be running", takes: dataSettings, prepare: exportPools,
		long: "The archive contains everything in a user pool: settings, app clients, groups, users with their passwords, factors and devices, keys, providers, domains; " +
			"and of an identity pool: settings, roles, identities and their logins. " +
			"It is encrypted with age, to public keys or with a passphrase of at least 12 characters. Access keys are not included.",
	},
	{
		name: "import", short: "import pools from an archive, with the same ids", takes: dataSettings, prepare: importPools,
		long: "Checks the whole archive first. If a pool, app client or domain already exists, nothing is imported. Users keep their passwords, " +
			"factors and devices; tokens stay valid if the server has the same public URL.",
	},
	{
		name: "import-log", args: "JOB", short: "print the result of each line of a user import", takes: dataSettings, prepare: importLog,
		long: "JOB is the id of an import job of the API (CreateUserImportJob), such as import-mAgUtd8PMm. The header of the file is line 1.",
	},
	{
		name: "provider-log", short: "list the latest sign-ins through the identity providers of a pool", takes: dataSettings, prepare: providerLog,
		long: "Shows for each provider when its metadata was fetched, the last error of a fetch, and the latest 50 sign-ins: what the application or the " +
			"user was told, why, and the request ID that the user can quote. Personal data from the provider is masked. " +
			"--json adds the mapped attributes. Sign-ins are kept for 30 days.",
	},
	{
		name: "audit", short: "list the audit log of administrators' actions", takes: dataSettings, prepare: audit,
		long: "Prints the audit log in the database, newest first: who did what to whom, from where, and with which outcome. --json adds the parameters " +
			"and the changes, without secrets. The server's setting audit decides what is recorded, audit-age how long it is kept.",
	},
	{
		name: "key create", short: "create an access key", takes: dataSettings, prepare: keyCreate,
		long: "Prints the key as two environment variables. The secret is not shown again. Works while a server runs.",
	},
	{name: "key list", short: "list the access keys", takes: dataSettings, prepare: keyList},
	{
		name: "key delete", args: "ID", short: "delete an access key", takes: dataSettings, prepare: keyDelete,
		long: "Running servers refuse the key within a second.",
	},
	{
		name: "key rotate-master", short: "re-encrypt all secrets under a new master key", takes: dataSettings, prepare: keyRotateMaster,
		long: "The new key is the first one of the settings, and the earlier one follows it, on every node. Works while servers run. " +
			"After an interruption, run it again. Once it has succeeded the earlier key can be removed.",
	},
	{
		name: "key rotate-identity", short: "replace the key that signs the OpenID tokens of identity pools", takes: dataSettings, prepare: keyRotateIdentity,
		long: "The server has one such key for all identity pools (GetOpenIdToken). Running servers sign with the new one within two seconds; the " +
			"previous key stays published and valid for another 24 hours and a minute. The setting signing-key-age rotates it on a schedule.",
	},
	{
		name: "pool list", short: "list the user pools of a server, or those in a database", takes: dataSettings, prepare: poolList,
		long: "Lists the pools of the server that --endpoint, --profile or the environment names (CENOTE_URL, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, AWS_ENDPOINT_URL, " +
			"or AWS_PROFILE if the profile has an endpoint_url). " +
			"Without one, and where --data-dir or another setting of the database is given, it reads the database.",
	},
	{name: "pool show", args: "POOL", short: "show a user pool of a server", prepare: apiCommand(poolShow)},
	{name: "pool create", args: "NAME", short: "create a user pool on a server and print its id", prepare: apiCommand(poolCreate)},
	{name: "pool delete", args: "POOL", short: "delete a user pool of a server and its users", prepare: apiCommand(poolDelete)},
	{
		name: "pool rotate-keys", args: "POOL", short: "replace the signing keys of a user pool", takes: dataSettings, prepare: poolRotateKeys,
		long: "Running servers sign with the new keys within a second. Tokens signed earlier stay valid: the previous keys verify " +
			"until the longest-lived token has expired.",
	},
	{
		name: "pool rotate-data-key", args: "POOL", short: "replace the data key of a user pool and re-encrypt its secrets", takes: dataSettings, prepare: poolRotateDataKey,
		long: "Works while servers run; every node must have this version. Takes at least 35 seconds, so that every node knows the key before it is used. " +
			"After an interruption, run it again. The previous key still opens what clients hold until --overlap is over, and is then dropped. " +
			"After a leak, give --overlap 1m: users sign in again.",
	},
	{name: "client list", short: "list the app clients of a pool", prepare: poolCommand(clientList)},
	{name: "client show", args: "ID", short: "show an app client", prepare: poolCommand(clientShow)},
	{name: "client create", args: "NAME", short: "create an app client and print its id", prepare: poolCommand(clientCreate)},
	{name: "client delete", args: "ID", short: "delete an app client", prepare: poolCommand(clientDelete)},
	{
		name: "client add-secret", args: "ID", short: "give an app client a second secret, and print it", prepare: poolCommand(clientAddSecret),
		long: "The secret is not shown again. Both secrets work until one of them is deleted.",
	},
	{name: "client list-secrets", args: "ID", short: "list the secrets of an app client, without their values", prepare: poolCommand(clientListSecrets)},
	{
		name: "client delete-secret", args: "ID SECRET", short: "delete a secret of an app client that has two", prepare: poolCommand(clientDeleteSecret),
		long: "SECRET is what \"client list-secrets\" shows. Servers refuse it within a second.",
	},
	{name: "group list", short: "list the groups of a pool", prepare: poolCommand(groupList)},
	{name: "group create", args: "NAME", short: "create a group", prepare: poolCommand(groupCreate)},
	{name: "group delete", args: "NAME", short: "delete a group", prepare: poolCommand(groupDelete)},
	{name: "group add", args: "GROUP USER", short: "add a user to a group", prepare: poolCommand(groupAdd)},
	{name: "group remove", args: "GROUP USER", short: "remove a user from a group", prepare: poolCommand(groupRemove)},
	{name: "users list", short: "list the users of a pool", prepare: poolCommand(usersList)},
	{name: "users show", args: "USER", short: "show a user", prepare: poolCommand(usersShow)},
	{name: "users create", args: "USER", short: "create a user and send an invitation", prepare: poolCommand(usersCreate)},
	{name: "users passwd", args: "USER", short: "set the password of a user", prepare: poolCommand(usersPasswd), long: answers},
	{name: "users confirm", args: "USER", short: "confirm a user who signed up", prepare: poolCommand(usersDo("AdminConfirmSignUp"))},
	{name: "users disable", args: "USER", short: "disable a user: sign-ins fail, tokens are revoked", prepare: poolCommand(usersDo("AdminDisableUser"))},
	{name: "users enable", args: "USER", short: "let a user sign in again", prepare: poolCommand(usersDo("AdminEnableUser"))},
	{name: "users reset", args: "USER", short: "reset the password of a user, who gets a code to choose another", prepare: poolCommand(usersDo("AdminResetUserPassword"))},
	{name: "users sign-out", args: "USER", short: "end all sessions of a user", prepare: poolCommand(usersDo("AdminUserGlobalSignOut"))},
	{name: "users delete", args: "USER", short: "delete a user", prepare: poolCommand(usersDelete)},
	{
		name: "users import", args: "FILE", short: "create users from a CSV file, without invitations", prepare: poolCommand(usersImport),
		long: "The first line names the columns: cognito:username (without it, email or phone_number is the username), attributes, and optionally " +
			"password. Rejected lines are reported with their number and the rest is imported; the command then exits with 1.",
	},
	{
		name: "user sign-up", args: "USERNAME", short: "sign up a user", prepare: userCommand(userSignUp),
		long: "Asks for the password. " + answers,
	},
	{name: "user confirm", args: "USERNAME CODE", short: "confirm a sign-up with the code that was sent", prepare: userCommand(userConfirm)},
	{name: "user resend", args: "USERNAME", short: "resend the code of a sign-up", prepare: userCommand(userResend)},
	{
		name: "user sign-in", args: "[USERNAME]", short: "sign in, with every challenge that the pool asks for", prepare: userCommand(userSignIn),
		long: "Asks for the password, which SRP proves without sending it, and for whatever else the pool requires. Setting up an authenticator app " +
			"shows a QR code. " + answers,
	},
	{name: "user whoami", short: "show who is signed in", prepare: userCommand(userWhoami)},
	{name: "user token", short: "print the access token, refreshed if needed", prepare: userCommand(userToken)},
	{name: "user attributes", short: "list or change the attributes of the signed-in user", prepare: userCommand(userAttributes)},
	{name: "user mfa", short: "list or change the second factors", prepare: userCommand(userMFA)},
	{name: "user devices", short: "list, remember or forget devices", prepare: userCommand(userDevices)},
	{name: "user sessions", short: "list or end sessions, in pools that track them", prepare: userCommand(userSessions)},
	{name: "user passwd", short: "change the password", prepare: userCommand(userPasswd), long: answers},
	{name: "user forgot", args: "USERNAME", short: "reset a forgotten password with a code", prepare: userCommand(userForgot), long: answers},
	{name: "user sign-out", short: "sign out and revoke the tokens of this sign-in", prepare: userCommand(userSignOut)},
	{name: "user delete", short: "delete the account of the signed-in user", prepare: userCommand(userDelete)},
	{
		name: "completion", args: "SHELL", short: "print the completion of commands and flags for bash, zsh or fish", prepare: completion,
		long: "bash: source <(cenote completion bash)\n" +
			"zsh: source <(cenote completion zsh)\n" +
			"fish: cenote completion fish | source\n" +
			"Add the line to the shell's start-up file to keep it.",
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
