// Hello: lists the user pools of the account.
import { paginateListUserPools } from "@aws-sdk/client-cognito-identity-provider";
import { client } from "./setup.mjs";

for await (const page of paginateListUserPools({ client }, { MaxResults: 10 })) {
  for (const { Name, Id } of page.UserPools) console.log(`${Name}: ${Id}`);
}
