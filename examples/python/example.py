"""Signs a new user up, confirms them with the code in the inbox of cenote dev, and signs in.

    pip install boto3 && python example.py http://127.0.0.1:4310 <client id>
"""

import os
import sys
import time
import urllib.parse
import urllib.request

import boto3
from botocore import UNSIGNED
from botocore.config import Config

args = sys.argv[1:] or [os.environ.get("CENOTE_URL", ""), os.environ.get("CENOTE_CLIENT_ID", "")]
if len(args) != 2 or not all(args):
    sys.exit("usage: python example.py <url> <client id>")
url, client_id = args

# Operations of users need no AWS credentials; for those of administrators, leave UNSIGNED out and give an access key.
cognito = boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=url, config=Config(signature_version=UNSIGNED))
email, password = f"ann+{time.time_ns()}@example.com", "Passw0rd!"

cognito.sign_up(ClientId=client_id, Username=email, Password=password, UserAttributes=[{"Name": "email", "Value": email}])
print("signed up as", email)

# Only `cenote dev` has an inbox. With a real server the user reads the code and types it in.
code = urllib.request.urlopen(f"{url}/_cenote/code?to={urllib.parse.quote(email)}").read().decode()
cognito.confirm_sign_up(ClientId=client_id, Username=email, ConfirmationCode=code)

tokens = cognito.initiate_auth(
    ClientId=client_id,
    AuthFlow="USER_PASSWORD_AUTH",
    AuthParameters={"USERNAME": email, "PASSWORD": password},
)["AuthenticationResult"]
print("signed in; the user has", cognito.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"])
