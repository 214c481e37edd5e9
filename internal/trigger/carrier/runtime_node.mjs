// Loads a handler module and passes events from the Lambda Runtime API to it, as the Node.js runtime of Lambda does: handlers may
// be async, take a callback, or end through the context.
import { spawnSync } from 'node:child_process';
import http from 'node:http';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const env = process.env;
const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });
let currentId = null;

function call(method, route, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const options = { host, port, agent, method, path: `/2018-06-01/runtime/${route}`, headers };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function describe(error) {
  if (error instanceof Error || (error && typeof error === 'object' && 'message' in error && 'stack' in error)) {
    return { errorType: error.name, errorMessage: error.message, trace: String(error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

async function giveUp(route, report) {
  console.error(JSON.stringify(report));
  try {
    await call('POST', route, JSON.stringify(report));
  } finally {
    process.exit(1);
  }
}

function onFatal(report) {
  giveUp(currentId === null ? 'init/error' : `invocation/${currentId}/error`, report);
}
process.on('uncaughtException', (error) => onFatal(describe(error)));
process.on('unhandledRejection', (reason) => onFatal({
  errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: String(reason), trace: describe(reason).trace,
}));

async function load() {
  const setting = env._HANDLER;
  const [base, ...names] = path.basename(setting).split('.');
  const stem = path.join(env.LAMBDA_TASK_ROOT, path.dirname(setting), base);
  const file = ['.mjs', '.js', '.cjs'].map((extension) => stem + extension).find((name) => fs.existsSync(name));
  if (file === undefined) {
    throw Object.assign(new Error(`Cannot find module '${base}'`), { name: 'Runtime.ImportModuleError' });
  }
  const module = await import(pathToFileURL(file).href);
  const pick = (from) => names.reduce((value, name) => value?.[name], from);
  const handler = pick(module) ?? pick(module.default);
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${setting} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  }
  return handler;
}

// Node tells where a module does not parse only as it dies of it. So the handler's files are checked one by one, in processes of their own.
function whereItDoesNotParse() {
  const root = env.LAMBDA_TASK_ROOT;
  const files = fs.readdirSync(root, { recursive: true })
    .filter((name) => /\.[mc]?js$/.test(name) && !name.split(path.sep).includes('node_modules'));
  for (const name of files.slice(0, 100)) {
    const said = spawnSync(process.execPath, ['--check', path.join(root, name)], { encoding: 'utf8' });
    const line = /:(\d+)\r?\n/.exec(said.stderr ?? '');
    if (said.status !== 0 && line !== null) {
      console.error(said.stderr.trim());
      return ` (${name}, line ${line[1]})`;
    }
  }
  return '';
}

// A module that does not parse is told as Lambda tells it, and where.
function describeStart(error) {
  const report = describe(error);
  if (!(error instanceof SyntaxError)) {
    return report;
  }
  return { ...report, errorType: 'Runtime.UserCodeSyntaxError', errorMessage: `SyntaxError: ${error.message}${whereItDoesNotParse()}` };
}

// A handler that returns no promise answers by its callback; one that never does answers null when nothing is left to wait for.
function invoke(handler, event, context) {
  return new Promise((resolve, reject) => {
    const idle = () => resolve(null);
    process.once('beforeExit', idle);
    const settle = (finish) => (value) => { process.removeListener('beforeExit', idle); finish(value); };
    const [succeed, fail] = [settle(resolve), settle(reject)];
    const callback = (error, value) => (error === null || error === undefined ? succeed(value) : fail(error));
    context.succeed = succeed;
    context.fail = (error) => fail(error ?? 'handled');
    context.done = callback;
    const returned = handler(event, context, callback);
    if (typeof returned?.then === 'function') {
      returned.then(succeed, fail);
    }
  });
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

let handler;
try {
  handler = await load();
} catch (error) {
  await giveUp('init/error', describeStart(error));
}
for (;;) {
  let next;
  try {
    next = await call('GET', 'invocation/next');
  } catch {
    process.exit(0); // the server is gone
  }
  if (next.status !== 200) {
    process.exit(1);
  }
  currentId = next.headers['lambda-runtime-aws-request-id'];
  let report;
  let answer;
  try {
    answer = JSON.stringify(await invoke(handler, JSON.parse(next.body), contextOf(next.headers))) ?? 'null';
  } catch (error) {
    report = describe(error);
    console.error(JSON.stringify(report));
  }
  const id = currentId;
  currentId = null;
  if (report === undefined) {
    await call('POST', `invocation/${id}/response`, answer);
  } else {
    await call('POST', `invocation/${id}/error`, JSON.stringify(report));
  }
}
