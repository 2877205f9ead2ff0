import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { httpKind } from '../../src/probes/http.ts';
import { bodyLimit } from '../../src/probes/http-spec.ts';
import { probeKinds } from '../../src/probes/index.ts';

const url = 'https://api.example.com/';

describe('the schema of kind http', () => {
  it('needs an address alone', () => {
    expect(httpKind.schema.parse({ url })).toEqual({
      url,
      method: 'GET',
      redirects: 5,
      max_body: '1MiB',
      no_proxy: [],
      reuse_connections: false,
    });
  });

  it('takes every key', () => {
    const written = {
      url: `https://\${env:HOST}/`,
      method: 'POST',
      query: { limit: 10, flag: true, tags: ['a', 1] },
      headers: { accept: '*/*', 'x-n': 1, authorization: `Bearer \${env:KEY}` },
      body: { a: [1, { b: null }] },
      redirects: 0,
      max_body: 65_536,
      prefer: 'ip4',
      proxy: 'http://proxy.example.net:3128',
      no_proxy: ['.example.com'],
      server_name: 'edge.example.com',
      ca: 'ca.pem',
      client_certificate: 'client.pem',
      client_key: 'client.key',
      reuse_connections: true,
    };
    expect(httpKind.schema.parse(written)).toEqual(written);
  });

  it.each([
    [{ url: 'api.example.com' }, ['url'], /an http or https URL/],
    [{ url: 'ftp://example.com' }, ['url'], /an http or https URL/],
    [{ method: 'get' }, ['method'], /in capitals/],
    [{ method: 'CONNECT' }, ['method'], /in capitals/],
    [{ query: { a: { b: 1 } } }, ['query', 'a'], /./],
    [{ headers: { 'a b': 'x' } }, ['headers', 'a b'], /the name of a header/],
    [{ headers: { 'Content-Length': 'x' } }, ['headers', 'Content-Length'], /set by sonde itself/],
    [{ headers: { a: 'x\r\ny: z' } }, ['headers', 'a'], /line ends/],
    [{ headers: { a: 'x', A: 'y' } }, ['headers', 'A'], /twice/],
    [{ body: 7 }, ['body'], /text, or a mapping or list/],
    [{ redirects: 21 }, ['redirects'], /20/],
    [{ max_body: '1MB' }, ['max_body'], /such as 64KiB/],
    [{ max_body: 0 }, ['max_body'], /such as 64KiB/],
    [{ max_body: '65MiB' }, ['max_body'], /up to 64MiB/],
    [{ max_body: true }, ['max_body'], /such as 64KiB/],
    [{ prefer: 'ipv4' }, ['prefer'], /ip4/],
    [{ proxy: 'socks5://proxy' }, ['proxy'], /http:\/\/proxy/],
    [{ client_certificate: 'x.pem' }, ['client_certificate'], /or neither/],
    [{ client_key: 'x.pem' }, ['client_key'], /or neither/],
  ])('says of %j what is wrong, and where', (written, path, message) => {
    const { error } = httpKind.schema.safeParse({ url, ...written });
    expect(error?.issues[0]).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  it('knows no other key', () => {
    expect(httpKind.schema.safeParse({ url, timeout: '5s' }).error?.issues[0]).toMatchObject({
      code: 'unrecognized_keys',
      keys: ['timeout'],
    });
  });

  it('tells an editor about each key, and wants the address alone', () => {
    const shown = z.toJSONSchema(httpKind.schema, { io: 'input' });
    expect(shown).toMatchObject({ type: 'object', required: ['url'], additionalProperties: false });
    expect(JSON.stringify(shown)).not.toContain('$ref');
    for (const field of Object.values(shown.properties ?? {})) expect(field).toHaveProperty('description');
  });
});

describe('bodyLimit', () => {
  it.each([
    [1024, 1024],
    ['64KiB', 65_536],
    [1.5, undefined],
    [-1, undefined],
    ['much', undefined],
  ])('reads %s as %s', (size, bytes) => {
    expect(bodyLimit(size)).toBe(bytes);
  });
});

describe('probeKinds', () => {
  it('gives each kind a key and a main key of its schema', () => {
    for (const { kind, mainKey, schema } of probeKinds) {
      expect(kind).toMatch(/^[a-z]+$/);
      expect(z.toJSONSchema(schema, { io: 'input' }).properties).toHaveProperty(mainKey);
    }
  });
});
