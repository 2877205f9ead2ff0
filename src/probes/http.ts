import { unescape as decodePercent } from 'node:querystring';
import { isLoopbackHost } from '../model/loopback.ts';
import { addTimings, type Facts, type Failure, type Hop, type Observation, type Timing } from '../model/observation.ts';
import { Secret } from '../model/secret.ts';
import { basicCredentials } from '../net/basic-credentials.ts';
import { abortError, failureOf } from '../net/failure.ts';
import type { HttpClient, HttpExchange, HttpResponse } from '../net/http.ts';
import { bindConnection, type ConnectionFor, identityOf } from './http-connection.ts';
import { httpCredentials } from './http-credentials.ts';
import { firstLeg, type Leg } from './http-leg.ts';
import { isRedirect, redirectedLeg, toldRedirect } from './http-redirect.ts';
import { bodyLimit, type HttpSpec, httpSchema } from './http-spec.ts';
import type { Probe, ProbeKind, ProbePorts, RunContext, Target } from './probe.ts';
import { shownUrl, webUrl } from './web-url.ts';

/** Asks over HTTP and follows redirects. Credentials never follow one to another origin. */
export const httpKind: ProbeKind<HttpSpec> = {
  kind: 'http',
  mainKey: 'url',
  schema: httpSchema,
  target,
  credentials: httpCredentials,
  bind,
};

/** What a bound probe keeps from run to run. */
interface BoundSpec {
  readonly http: HttpClient;
  readonly first: Leg;
  readonly mostRedirects: number;
  readonly maxBodyBytes: number;
  readonly connectionFor: ConnectionFor;
  /** A URL of the run for people. */
  readonly show: (url: URL) => string;
}

function target({ url: text }: HttpSpec): Target {
  const url = webUrl(text, ['url']);
  return {
    display: showFor(text)(url),
    origin: url.origin,
    plaintext: url.protocol === 'http:' && !isLoopbackHost(url.hostname),
    ...(url.password !== '' && { credentials: credentialsIn(url) }),
  };
}

/** The password, and what the header `Authorization` makes of it. */
function credentialsIn(url: URL): readonly Secret[] {
  return [decodePercent(url.password), (basicCredentials(url) as string).replace(/^Basic /, '')].map(
    (text) => new Secret(text),
  );
}

async function bind(spec: HttpSpec, { system, http }: ProbePorts): Promise<Probe> {
  const first = firstLeg(spec);
  const bound: BoundSpec = {
    http,
    first,
    mostRedirects: spec.redirects,
    maxBodyBytes: bodyLimit(spec.max_body) as number,
    connectionFor: await bindConnection(spec, first.url, system.files),
    show: showFor(spec.url),
  };
  return (context) => run(bound, context);
}

/** Where the address is a secret, no URL of the run is shown: a redirect may well repeat what is secret in it. */
function showFor(text: HttpSpec['url']): (url: URL) => string {
  return text instanceof Secret ? () => text.toString() : shownUrl;
}

async function run(bound: BoundSpec, context: RunContext): Promise<Observation> {
  const { mostRedirects, show } = bound;
  const redirects: Hop[] = [];
  let timing: Timing = { phases: {}, uncertaintyMs: 0 };
  let leg = bound.first;
  let url = show(leg.url);
  for (;;) {
    const exchange = await ask(leg, bound, context);
    timing = addTimings(timing, exchange);
    const facts = { url, overTls: leg.url.protocol === 'https:', redirects, ...factsOf(exchange) };
    const { response, failure } = exchange;
    if (failure) return { ...timing, facts, failure };
    if (!response || !isRedirect(response) || mostRedirects === 0) return { ...timing, facts };

    redirects.push({ url, status: response.status });
    if (redirects.length > mostRedirects)
      return {
        ...timing,
        facts,
        failure: refusal('TOO_MANY_REDIRECTS', `there are more than ${mostRedirects} redirects`),
      };
    const next = redirectedLeg(leg, response);
    if (typeof next === 'string') return { ...timing, facts, failure: refusal('BAD_REDIRECT', next) };
    const told = toldRedirect(leg, response, context.conceal);
    url = told ? show(told) : '[secret]';
    leg = next;
  }
}

function refusal(code: string, message: string): Failure {
  return { phase: 'transfer', code, message };
}

/** Asks one leg; a target that wants a nonce of its own in the proof (RFC 9449 section 9) is asked once more. */
async function ask(leg: Leg, bound: BoundSpec, context: RunContext): Promise<HttpExchange> {
  const first = await exchange(leg, bound, context);
  if (hear(leg, first, context) === 'done') return first;
  const second = await exchange(leg, bound, context);
  hear(leg, second, context);
  return { ...second, ...addTimings(first, second) };
}

function hear({ url, method, credentials }: Leg, { response, failure }: HttpExchange, context: RunContext) {
  if (response) context.received(response.headers);
  if (!credentials || !response) return 'done';
  const wish = context.heard({ url, method }, response);
  return failure ? 'done' : wish;
}

async function exchange(
  leg: Leg,
  { http, maxBodyBytes, connectionFor }: BoundSpec,
  context: RunContext,
): Promise<HttpExchange> {
  const { url, method, credentials, body } = leg;
  const { deadline } = context;
  const permit = await context.permit();
  try {
    if (deadline.signal.aborted) return { phases: {}, failure: failureOf(abortError(deadline.signal), 'queue') };
    const authorization = credentials && (await context.authorize({ url, method }));
    const headers = { ...context.ownHeaders(), ...leg.headers, ...credentials, ...authorization?.headers };
    const connection = {
      ...connectionFor(url, credentials !== undefined),
      ...identityOf(authorization?.clientCertificate),
    };
    const request = { url, method, headers, maxBodyBytes, connection, ...(body && { body: body.text }) };
    return await http.exchange(permit, request, deadline);
  } finally {
    // Does nothing once the permit is spent.
    permit.release();
  }
}

function factsOf({ address, ipVersion, tls, response }: HttpExchange): Facts {
  return {
    ...(address !== undefined && { address }),
    ...(ipVersion !== undefined && { ipVersion }),
    ...(tls && { tls }),
    ...(response && responseFacts(response)),
  };
}

const utf8 = new TextDecoder();

function responseFacts({ status, httpVersion, headers, body, wireBytes }: HttpResponse): Facts {
  const length = headers['content-length'];
  return {
    status,
    httpVersion,
    headers,
    body: utf8.decode(body),
    bodyBytes: wireBytes,
    ...(length !== undefined && /^\d{1,15}$/.test(length) && { contentLength: Number(length) }),
  };
}
