// Builds the application and serves it: COGNITO_ENDPOINT, COGNITO_POOL_ID and COGNITO_CLIENT_ID say where its users are, PORT is where it is.
import { context } from "esbuild";

const { COGNITO_ENDPOINT: endpoint, COGNITO_POOL_ID: pool, COGNITO_CLIENT_ID: client, PORT = "5173" } = process.env;
if (!endpoint || !pool || !client) throw new Error("COGNITO_ENDPOINT, COGNITO_POOL_ID and COGNITO_CLIENT_ID are needed");

const builder = await context({
  entryPoints: ["app.mjs"], outdir: "public", bundle: true, format: "esm", write: false, logLevel: "error",
  define: { ENDPOINT: JSON.stringify(endpoint), POOL: JSON.stringify(pool), CLIENT: JSON.stringify(client) },
});
await builder.serve({ host: "127.0.0.1", port: Number(PORT), servedir: "public" });
console.log(`http://localhost:${PORT}/`);
