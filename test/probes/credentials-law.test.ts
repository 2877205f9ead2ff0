import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Authorization, AuthorizedRequest, TokenHearing } from '../../src/auth/authorizer.ts';
import type { ClientCertificate } from '../../src/model/check.ts';
import { Secret } from '../../src/model/secret.ts';
import type { HttpRequest } from '../../src/net/http.ts';
import { httpKind } from '../../src/probes/http.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { answer, createProbeWorld, createScriptedHttp, httpSpec, noDatagrams } from './probe-world.ts';

const home = 'https://api.example.com';
const origins = [home, 'http://api.example.com', `${home}:8443`, 'https://www.example.com', 'https://example.com'];

/** Everything that must not be seen elsewhere; the rest of the request is free of this word. */
const mark = 'crdntl';
const credentialHeaders = {
  Authorization: `Basic ${mark}`,
  Cookie: `session=${mark}`,
  'Proxy-Authorization': mark,
  'X-Api-Key': mark,
  'Ocp-Apim-Subscription-Key': mark,
  'X-Auth-Token': mark,
  'X-Amz-Security-Token': mark,
  'X-Hub-Signature-256': mark,
  'Client-Secret': mark,
  'X-Session-Id': mark,
  Host: `${mark}.example.com`,
};

const step = fc.record({
  /** How many times in a row a nonce is asked for. */
  nonces: fc.nat({ max: 2 }),
  status: fc.constantFrom(301, 302, 303, 307, 308),
  origin: fc.constantFrom(...origins),
  isRelative: fc.boolean(),
});

/** Everything that is told of a request to who gets it, the connection's own certificate and key included. */
const shown = ({ url, headers, body, connection }: HttpRequest) =>
  JSON.stringify([url.href, headers, body, connection]);

/** A token with a proof for each request, that is bound to a certificate as well; `send_to` names the first origin alone. */
function createBoundToken(certificate: ClientCertificate) {
  const authorized: URL[] = [];
  const heardUrls: URL[] = [];
  return {
    authorized,
    heardUrls,
    async authorize({ url }: AuthorizedRequest): Promise<Authorization> {
      authorized.push(url);
      if (url.origin !== home) return { headers: {} };
      const headers = { authorization: `DPoP ${mark}`, dpop: `${mark} ${authorized.length}` };
      return { headers, clientCertificate: certificate };
    },
    heard({ url }: AuthorizedRequest, { status }: TokenHearing) {
      heardUrls.push(url);
      return status === 401 ? ('again' as const) : ('done' as const);
    },
  };
}

describe('credentials (scripted fake client)', async () => {
  const authority = await createTestAuthority();
  const own = await authority.issue({ isClient: true });
  const bound = { certificate: `bound ${mark}`, key: new Secret(`bound key ${mark}`) };

  it('are seen by the first origin alone, and by it only until a redirect has left it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 6 }),
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
        fc.constantFrom(undefined, 'plain', new Secret(`secret ${mark}`), { list: [new Secret(mark)] }),
        async (steps, method, body) => {
          const world = createProbeWorld();
          const token = createBoundToken(bound);
          // A step that asks for nonces is answered with 401 so many times before it leads on.
          const answers = steps.flatMap((next, index) => {
            const location = next.isRelative ? `/${index}` : `${next.origin}/${index}`;
            return [...Array(next.nonces).fill(answer(401)), answer(next.status, { location })];
          });
          const http = createScriptedHttp((_, index) => ({ response: answers[index] ?? answer(200) }));
          const spec = httpSpec(
            {
              url: `https://user:${mark}@api.example.com/`,
              method,
              headers: { ...credentialHeaders, accept: '*/*' },
              client_certificate: own.certificate,
              client_key: own.key,
            },
            { ...(body !== undefined && { body }) },
          );
          const secretHeader = { ...spec, headers: { ...spec.headers, 'X-Plain-Name': new Secret(mark) } };
          const probe = await httpKind.bind(secretHeader, { system: world.system, http, datagrams: noDatagrams });
          const { failure } = await probe({ ...world.context, authorize: token.authorize, heard: token.heard });

          const leftAt = http.requests.findIndex(({ url }) => url.origin !== home);
          const atHome = leftAt < 0 ? http.requests : http.requests.slice(0, leftAt);
          const away = leftAt < 0 ? [] : http.requests.slice(leftAt);
          for (const [index, request] of atHome.entries()) {
            expect(request.headers).toMatchObject({
              authorization: `DPoP ${mark}`,
              cookie: `session=${mark}`,
              // Each request has a proof of its own, also when it is the same one again.
              dpop: `${mark} ${index + 1}`,
            });
            // What the token is bound to wins over the check's own.
            expect(request.connection).toMatchObject({
              clientCertificate: bound.certificate,
              clientKey: bound.key.reveal(),
            });
          }
          for (const request of away) {
            expect(shown(request)).not.toContain(mark);
            expect(request.headers).toMatchObject({ accept: '*/*', 'user-agent': 'sonde/0.0.0' });
            expect(request.connection).toEqual({ reuse: false });
          }
          const repeated = http.requests.filter(({ url }, index) => url === http.requests[index - 1]?.url);
          for (const [index, request] of repeated.entries()) {
            expect(atHome).toContain(request);
            expect(repeated[index + 1]?.url).not.toBe(request.url);
          }
          expect(token.authorized).toEqual(atHome.map(({ url }) => url));
          expect(token.heardUrls).toEqual(token.authorized);
          expect(failure === undefined || ['TOO_MANY_REDIRECTS', 'BAD_REDIRECT'].includes(failure.code)).toBe(true);
          if (failure?.code === 'BAD_REDIRECT') expect(failure.message).toContain('a body that holds a secret');
          expect(world.budget.level()).toBe(100 - http.requests.length);
        },
      ),
      { numRuns: 200 },
    );
  }, 60_000);
});
