// The functions behind triggers, as the judges play them: a server that speaks the Invoke API of Lambda, at the address where the server
// under test expects Lambda to be: a port (CENOTE_TEST_LAMBDA_PORT), or a socket that is listening already and was inherited
// (CENOTE_TEST_LAMBDA_FD). Each function has an ARN of its own, and the events it gets are kept.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before } from "node:test";
import { everyFlowOfChoice, makePool, region, sdk } from "./support.mjs";

const handlers = new Map();
let made = 0;

const server = createServer(async (request, response) => {
  const [, name] = /^\/2015-03-31\/functions\/(.+)\/invocations$/.exec(decodeURIComponent(request.url.split("?")[0])) ?? [];
  let body = "";
  for await (const chunk of request) body += chunk;
  const send = (text, headers = {}) => response.writeHead(200, { "content-type": "application/json", ...headers }).end(text);
  const handle = handlers.get(name);
  if (!handle) {
    response.writeHead(404, { "content-type": "application/json", "x-amzn-errortype": "ResourceNotFoundException" });
    return response.end(JSON.stringify({ Type: "User", Message: `Function not found: ${name}` }));
  }
  try {
    const answer = await handle(JSON.parse(body));
    send(answer instanceof Raw ? answer.text : JSON.stringify(answer));
  } catch (error) {
    if (error instanceof Status) return response.writeHead(error.status, { "x-amzn-errortype": error.type }).end("{}");
    send(JSON.stringify({ errorMessage: error.message, errorType: error.name }), { "x-amz-function-error": "Unhandled" });
  }
});

/** Raw is an answer that is not the JSON of a value. */
export class Raw {
  constructor(text) {
    this.text = text;
  }
}

/** Status, when thrown, is how the Invoke API itself refuses. */
export class Status {
  constructor(status, type) {
    Object.assign(this, { status, type });
  }
}

/** serveFunctions is called once by a test file that uses functions. */
export function serveFunctions() {
  before(async () => {
    const [port, fd] = ["PORT", "FD"].map((name) => Number(process.env[`CENOTE_TEST_LAMBDA_${name}`]));
    assert.ok(port || fd, "CENOTE_TEST_LAMBDA_PORT is not set: where the server under test expects Lambda");
    await new Promise((resolve, reject) => server.once("error", reject).listen(fd ? { fd } : { port, host: "127.0.0.1" }, resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
}

/**
 * Functions are those of one pool. What each answers is given as {PreSignUp: (request, event) => response}; what they were asked is in
 * events, in order. Without an answer of their own they return the event as it came.
 */
export class Functions {
  events = [];

  constructor(answers = {}) {
    this.answers = answers;
    this.name = `judge-${++made}`;
  }

  /** arn names the function of a trigger. */
  arn(trigger) {
    const arn = `arn:aws:lambda:us-east-1:123456789012:function:${this.name}-${trigger}`;
    handlers.set(arn, async (event) => {
      this.events.push(structuredClone(event));
      const answer = await this.answers[trigger]?.(event.request, event);
      if (answer instanceof Raw) return answer;
      return { ...event, response: { ...event.response, ...answer } };
    });
    return arn;
  }

  /** config is a LambdaConfig with a function for each of the triggers, or for those that have an answer. */
  config(...triggers) {
    return Object.fromEntries((triggers.length ? triggers : Object.keys(this.answers)).map((trigger) => [trigger, this.arn(trigger)]));
  }

  /** sources empties the record and returns which triggers fired. */
  sources() {
    return this.events.splice(0).map((event) => event.triggerSource);
  }

  /** take empties the record and returns the events by their source; each source must have fired once. */
  take() {
    const events = this.events.splice(0);
    const bySource = Object.fromEntries(events.map((event) => [event.triggerSource, event]));
    assert.equal(Object.keys(bySource).length, events.length, `a trigger fired twice: ${events.map((event) => event.triggerSource)}`);
    return bySource;
  }
}

/** These have no answer but the event itself, which means that everything goes as it would without. */
export const everyTrigger = [
  "PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication", "PreTokenGeneration", "UserMigration", "CustomMessage",
];

/** makeTriggerPool makes a pool with functions for the triggers that have an answer; without answers, for all that need none. */
export async function makeTriggerPool(answers, settings = {}, clientSettings = {}) {
  const functions = new Functions(answers);
  const triggers = answers ? [] : everyTrigger;
  const pool = await makePool(
    { AutoVerifiedAttributes: ["email"], LambdaConfig: functions.config(...triggers), ...settings },
    { ExplicitAuthFlows: everyFlowOfChoice, ...clientSettings },
  );
  return { pool, functions };
}

/** fails is an answer that is none. */
export const fails = (text) => () => {
  throw new Error(text);
};

const [[sdkName, sdkVersion]] = await sdk().config.defaultUserAgentProvider(); // as the SDK names itself to servers

/** envelope is what an event has around its request and response, when the SDK called. */
export const envelope = (pool, triggerSource, userName, clientId = pool.clientId) => ({
  version: "1", region, userPoolId: pool.id, userName, triggerSource, callerContext: { awsSdkVersion: `${sdkName}-${sdkVersion}`, clientId },
});

/** A riddle is custom authentication with one question: how many rounds there are, and which answer is right in each. */
export const riddle = (answers = ["blue"], tries = 3) => ({
  DefineAuthChallenge: ({ session }) => {
    const asked = session.filter(({ challengeName }) => challengeName === "CUSTOM_CHALLENGE");
    const right = asked.filter(({ challengeResult }) => challengeResult).length;
    if (session.length === 1 && session[0].challengeName === "SRP_A") return { challengeName: "PASSWORD_VERIFIER" };
    if (right === answers.length) return { issueTokens: true, failAuthentication: false };
    if (asked.length - right >= tries) return { issueTokens: false, failAuthentication: true };
    return { challengeName: "CUSTOM_CHALLENGE", issueTokens: false, failAuthentication: false };
  },
  CreateAuthChallenge: ({ session }) => {
    const round = session.filter(({ challengeName, challengeResult }) => challengeName === "CUSTOM_CHALLENGE" && challengeResult).length;
    return {
      publicChallengeParameters: { question: `colour ${round + 1}` },
      privateChallengeParameters: { answer: answers[round] },
      challengeMetadata: `ROUND_${round + 1}`,
    };
  },
  VerifyAuthChallengeResponse: ({ privateChallengeParameters, challengeAnswer }) => ({
    answerCorrect: privateChallengeParameters.answer === challengeAnswer,
  }),
});
