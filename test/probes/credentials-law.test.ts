import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
  status: fc.constantFrom(301, 302, 303, 307, 308),
  origin: fc.constantFrom(...origins),
  isRelative: fc.boolean(),
});

const shown = ({ url, headers, body }: HttpRequest) => JSON.stringify([url.href, headers, body]);

describe('credentials (scripted fake client)', async () => {
  const authority = await createTestAuthority();
  const { certificate, key } = await authority.issue({ isClient: true });

  it('are seen by the first origin alone, and by it only until a redirect has left it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 6 }),
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
        fc.constantFrom(undefined, 'plain', new Secret(`secret ${mark}`), { list: [new Secret(mark)] }),
        async (steps, method, body) => {
          const world = createProbeWorld();
          const http = createScriptedHttp((_, index) => {
            const next = steps[index];
            if (!next) return { response: answer(200) };
            const location = next.isRelative ? `/${index}` : `${next.origin}/${index}`;
            return { response: answer(next.status, { location }) };
          });
          const spec = httpSpec(
            {
              url: `https://user:${mark}@api.example.com/`,
              method,
              headers: { ...credentialHeaders, accept: '*/*' },
              client_certificate: certificate,
              client_key: key,
            },
            { ...(body !== undefined && { body }) },
          );
          const secretHeader = { ...spec, headers: { ...spec.headers, 'X-Plain-Name': new Secret(mark) } };
          const probe = await httpKind.bind(secretHeader, { system: world.system, http, datagrams: noDatagrams });
          const { failure } = await probe({
            ...world.context,
            authorize: async (request) => {
              const { headers } = await world.context.authorize(request);
              return { headers: { ...headers, 'x-token': mark } };
            },
          });

          const leftAt = http.requests.findIndex(({ url }) => url.origin !== home);
          const atHome = leftAt < 0 ? http.requests : http.requests.slice(0, leftAt);
          const away = leftAt < 0 ? [] : http.requests.slice(leftAt);
          for (const request of atHome) {
            expect(request.headers).toMatchObject({
              authorization: 'Bearer at-live',
              cookie: `session=${mark}`,
              'x-token': mark,
            });
            expect(request.connection).toMatchObject({ clientCertificate: certificate, clientKey: key });
          }
          for (const request of away) {
            expect(shown(request)).not.toContain(mark);
            expect(shown(request)).not.toContain('at-live');
            expect(request.headers).toMatchObject({ accept: '*/*', 'user-agent': 'sonde/0.0.0' });
            expect(request.connection).toEqual({ reuse: false });
          }
          expect(world.authorized).toHaveLength(atHome.length);
          expect(
            failure === undefined || failure.code === 'TOO_MANY_REDIRECTS' || failure.code === 'BAD_REDIRECT',
          ).toBe(true);
          if (failure?.code === 'BAD_REDIRECT') expect(failure.message).toContain('a body that holds a secret');
          expect(world.budget.level()).toBe(100 - http.requests.length);
        },
      ),
      { numRuns: 200 },
    );
  }, 60_000);
});
