import { describe, expect, it } from 'vitest';
import { isKeyText, readCertificates, unfoldPem } from '../../src/model/pem.ts';
import { createTestAuthority } from '../support/certificates.ts';

describe('readCertificates', () => {
  it('reads all that stand in a text, in their order', async () => {
    const authority = await createTestAuthority();
    const leaf = await authority.issue();
    const chain = readCertificates(`leaf:\n${leaf.certificate}\nauthority:\n${authority.certificate}`);
    expect(chain?.map(({ ca }) => ca)).toEqual([false, true]);
    expect(readCertificates(leaf.certificate.trim().replaceAll('\n', '\\n'))).toHaveLength(1);
  });

  it('tells a text without any from one that cannot be read', () => {
    expect(readCertificates('hello')).toEqual([]);
    expect(readCertificates('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBeUndefined();
  });
});

describe('isKeyText', () => {
  it.each(['-----BEGIN PRIVATE KEY-----\nx', ' {"kty":"EC"}', '\n-----BEGIN CERTIFICATE-----'])('knows %j', (text) => {
    expect(isKeyText(text)).toBe(true);
  });

  it.each(['/run/key.pem', 'key.json', ''])('takes %j for something else', (text) => {
    expect(isKeyText(text)).toBe(false);
  });
});

describe('unfoldPem', () => {
  it('leaves a text with line breaks alone', () => {
    expect(unfoldPem('a\\nb\nc')).toBe('a\\nb\nc');
    expect(unfoldPem('a\\nb')).toBe('a\nb');
  });
});
