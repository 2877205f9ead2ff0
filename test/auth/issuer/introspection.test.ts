import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import { client, named, request, tokenRun } from '../issuer-lab.ts';
import { type Answer, scriptedIssuer } from '../scripted-issuer.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

describe('a token that a certified issuer is asked about', () => {
  it('is active, and then no more', async () => {
    const lab = await labIssuer();
    const { issuer, permits } = client(labDefinition(lab, 'lab-service'));
    const token = (await issuer.request(...request())).access?.value ?? new Secret('');
    const before = permits();
    expect(await issuer.introspect(tokenRun(), token)).toBe('active');
    expect(permits() - before).toBe(1);
    await lab.revoke(token.reveal());
    expect(await issuer.introspect(tokenRun(), token)).toBe('inactive');
  });

  it('is unknown to a client that is not known itself, and while the issuer is down', async () => {
    const lab = await labIssuer();
    const stranger = client(labDefinition(lab, 'lab-service', { clientSecret: new Secret('wrong') }));
    expect(await stranger.issuer.introspect(tokenRun(), new Secret('at'))).toBe('unknown');
    await lab.faults.set('down');
    expect(await stranger.issuer.introspect(tokenRun(), new Secret('at'))).toBe('unknown');
  });
});

describe('a token that a scripted issuer is asked about', () => {
  it.each<[string, Answer, string]>([
    ['active', { body: { active: true } }, 'active'],
    ['a word of its own', { body: { active: 'yes' } }, 'unknown'],
    ['nothing of it', { body: {} }, 'unknown'],
    ['a page', { body: '<html>' }, 'unknown'],
    ['an error', { status: 503, body: { active: true } }, 'unknown'],
  ])('of which it says %s', async (_what, answer, standing) => {
    const { origin, requests } = await scriptedIssuer(() => answer);
    const endpoints = { token: `${origin}/token`, introspection: `${origin}/introspect` };
    const { issuer } = client(definition({ endpoints, clientSecret: new Secret('s3cret') }));
    expect(await issuer.introspect(tokenRun(), new Secret('a+t'))).toBe(standing);
    expect(requests[0]).toMatchObject({ path: '/introspect', form: { token: 'a+t' } });
    expect(requests[0]?.headers.authorization).toMatch(/^Basic /);
  });

  it('is unknown without an endpoint', async () => {
    const { issuer, requests } = await named(() => ({ body: { active: true } }));
    expect(await issuer.introspect(tokenRun(), new Secret('at'))).toBe('unknown');
    expect(requests).toHaveLength(0);
  });
});
