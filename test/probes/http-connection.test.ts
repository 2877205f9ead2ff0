import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { httpKind } from '../../src/probes/http.ts';
import type { HttpSpec } from '../../src/probes/http-spec.ts';
import { createTestAuthority, type TestAuthority, type TestCertificate } from '../support/certificates.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { answer, createProbeWorld, createScriptedHttp, httpSpec, noDatagrams } from './probe-world.ts';

let authority: TestAuthority;
let client: TestCertificate;

beforeAll(async () => {
  authority = await createTestAuthority();
  client = await authority.issue({ isClient: true });
});

/** The connection options that a bound spec asks its (scripted fake) client with. */
async function connectionOf(written: Record<string, unknown>, secrets: Partial<HttpSpec> = {}) {
  const world = createProbeWorld();
  const http = createScriptedHttp(() => ({ response: answer(200) }));
  const probe = await httpKind.bind(httpSpec(written, secrets), { system: world.system, http, datagrams: noDatagrams });
  await probe(world.context);
  return http.requests[0]?.connection;
}

async function fileWith(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'some.pem');
  await writeFile(path, text);
  return path;
}

describe('what a connection is secured with', () => {
  it('is read from files', async () => {
    const bundle = `the root:\n${authority.certificate}and another:\n${client.certificate}`;
    const connection = await connectionOf({
      ca: await fileWith(bundle),
      client_certificate: await fileWith(client.certificate),
      client_key: await fileWith(client.key),
    });
    expect(connection).toMatchObject({ ca: bundle, clientCertificate: client.certificate, clientKey: client.key });
  });

  it('is taken as PEM text, also from a secret', async () => {
    const written = { ca: authority.certificate, client_certificate: client.certificate, client_key: 'later' };
    const connection = await connectionOf(written, { client_key: new Secret(client.key) });
    expect(connection).toMatchObject({ ca: authority.certificate, clientKey: client.key });
  });

  it.each(['ca', 'client_certificate', 'client_key'])(
    'is refused with the path of its file when that is missing: %s',
    async (key) => {
      const path = join(await temporaryFolder(), 'gone.pem');
      const written = { client_certificate: client.certificate, client_key: client.key, [key]: path };
      await expect(connectionOf(written)).rejects.toMatchObject({
        code: 'PROBE_SPEC',
        path: [key],
        message: `${path} is not there; expected PEM text or the path of a PEM file`,
      });
    },
  );

  it('is refused when it is a folder', async () => {
    const path = join(await temporaryFolder(), 'folder');
    await mkdir(path);
    await expect(connectionOf({ ca: path })).rejects.toMatchObject({
      message: `${path} is a folder, not a file; expected PEM text or the path of a PEM file`,
    });
  });

  it('is refused without the path when that is a secret', async () => {
    const ca = new Secret('/nowhere/s3cret');
    await expect(connectionOf({}, { ca })).rejects.toMatchObject({
      message: 'the file is not there; expected PEM text or the path of a PEM file',
    });
  });

  it('is refused when there is no certificate in it', async () => {
    await expect(connectionOf({ ca: await fileWith('hello') })).rejects.toMatchObject({
      path: ['ca'],
      message: 'there is no PEM certificate in it',
    });
    const broken = authority.certificate.replace(/\n\w{20}/, '\nAAAA');
    await expect(connectionOf({ ca: broken })).rejects.toMatchObject({
      message: expect.stringMatching('cannot be read'),
    });
  });

  it('is refused when the key is none, is locked, or belongs to another certificate', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
    for (const key of [await fileWith('hello'), String(locked)])
      await expect(connectionOf({ client_certificate: client.certificate, client_key: key })).rejects.toMatchObject({
        path: ['client_key'],
        message: 'there is no private key in it that can be read without a passphrase',
      });
    const other = await authority.issue();
    await expect(connectionOf({ client_certificate: client.certificate, client_key: other.key })).rejects.toMatchObject(
      {
        path: ['client_key'],
        message: 'this is not the key of the client certificate',
      },
    );
  });
});

describe('a secret that cannot stand where it does', () => {
  it.each([
    [{ url: new Secret('s3cret') }, ['url']],
    [{ proxy: new Secret('s3cret') }, ['proxy']],
    [{ headers: { 'x-key': new Secret('s3cret\n') } }, ['headers', 'x-key']],
  ])('is named by its place and not shown: %j', async (secrets, path) => {
    await expect(connectionOf({}, secrets)).rejects.toMatchObject({
      code: 'PROBE_SPEC',
      path,
      message: expect.not.stringContaining('s3cret'),
    });
  });
});
