#!/bin/sh
# Signs a new user up with the AWS CLI, confirms them with the code in the inbox of cenote dev, and signs in.
#
#   examples/cli.sh http://127.0.0.1:4310 <client id>
set -eu
url=${1:-${CENOTE_URL:?usage: cli.sh <url> <client id>}}
client=${2:-${CENOTE_CLIENT_ID:?usage: cli.sh <url> <client id>}}
user=ann$(date +%s)@example.com
password=Passw0rd!
export AWS_PAGER=

# Sign-up and sign-in need no credentials, hence --no-sign-request.
cognito() { aws --endpoint-url "$url" --region us-east-1 --no-sign-request --output text cognito-idp "$@"; }

cognito sign-up --client-id "$client" --username "$user" --password "$password" --query UserSub
code=$(curl -fsS "$url/_cenote/code?to=$user")
cognito confirm-sign-up --client-id "$client" --username "$user" --confirmation-code "$code"
token=$(cognito initiate-auth --client-id "$client" --auth-flow USER_PASSWORD_AUTH \
	--auth-parameters "USERNAME=$user,PASSWORD=$password" --query AuthenticationResult.AccessToken)
cognito get-user --access-token "$token" --query UserAttributes
