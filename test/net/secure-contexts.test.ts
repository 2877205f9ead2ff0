import { describe, expect, it } from 'vitest';
import { createSecureContexts } from '../../src/net/secure-contexts.ts';
import { createTestAuthority } from '../support/certificates.ts';

const authority = await createTestAuthority();
const client = await authority.issue({ isClient: true });
const other = await authority.issue({ isClient: true });

describe('secure contexts', () => {
  it('are made once for the same content', () => {
    const contexts = createSecureContexts();
    const plain = contexts.contextFor({});
    expect(contexts.contextFor({})).toBe(plain);
    const own = contexts.contextFor({ ca: authority.certificate });
    expect(own).not.toBe(plain);
    expect(contexts.contextFor({ ca: authority.certificate })).toBe(own);
    const identity = { clientCertificate: client.certificate, clientKey: client.key };
    expect(contexts.contextFor({ ca: authority.certificate, ...identity })).not.toBe(own);
  });

  it('drop the oldest beyond their limit', () => {
    const contexts = createSecureContexts(2);
    const plain = contexts.contextFor({});
    const own = contexts.contextFor({ ca: authority.certificate });
    contexts.contextFor({ ca: other.certificate });
    expect(contexts.contextFor({ ca: authority.certificate })).toBe(own);
    expect(contexts.contextFor({})).not.toBe(plain);
  });

  it.each([
    ['a certificate that is no PEM', { clientCertificate: 'nonsense', clientKey: client.key }],
    ["another certificate's key", { clientCertificate: client.certificate, clientKey: other.key }],
  ])('refuse %s', (_, identity) => {
    expect(() => createSecureContexts().contextFor(identity)).toThrowError(
      expect.objectContaining({
        code: expect.stringMatching(/^ERR_OSSL_/),
        message: expect.stringMatching(/^TLS: /),
        circumstances: { phase: 'tls' },
      }),
    );
  });
});
