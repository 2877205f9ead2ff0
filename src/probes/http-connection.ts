import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../model/check.ts';
import { revealText, Secret, type Text } from '../model/secret.ts';
import type { ConnectionOptions } from '../net/http.ts';
import { bypassesProxy } from '../net/no-proxy.ts';
import { fileErrorText } from '../system/file-error.ts';
import type { Files } from '../system/files.ts';
import { type HttpSpec, proxyFault } from './http-spec.ts';
import { ProbeSpecError } from './probe.ts';

/** How the connection of one request is made. `isTrusted`: the request may carry credentials. */
export type ConnectionFor = (url: URL, isTrusted: boolean) => ConnectionOptions;

/** Reads the files that a spec names. Throws a `ProbeSpecError` for what cannot be read or used. */
export async function bindConnection(spec: HttpSpec, home: URL, files: Files): Promise<ConnectionFor> {
  const ca = await readPem(spec.ca, 'ca', files);
  if (ca !== undefined) certificatesOf(ca, 'ca');
  const identity = await readIdentity(spec, files);
  const proxy = spec.proxy === undefined ? undefined : proxyUrl(spec.proxy);
  return (url, isTrusted) => ({
    reuse: spec.reuse_connections,
    ...(spec.prefer !== undefined && { prefer: spec.prefer }),
    ...(proxy && !bypassesProxy(url, spec.no_proxy) && { proxy }),
    ...(spec.server_name !== undefined && url.hostname === home.hostname && { serverName: spec.server_name }),
    ...(ca !== undefined && { ca }),
    ...(isTrusted && identity),
  });
}

function proxyUrl(proxy: Text): URL {
  const plain = revealText(proxy);
  const fault = proxyFault(plain);
  if (fault !== undefined) throw new ProbeSpecError(['proxy'], fault);
  return new URL(plain);
}

type Identity = Pick<ConnectionOptions, 'clientCertificate' | 'clientKey'>;

/** The certificate that a token is bound to, as the connection shows it; empty without one. */
export function identityOf(bound: ClientCertificate | undefined): Identity {
  return bound ? { clientCertificate: bound.certificate, clientKey: bound.key.reveal() } : {};
}

/** The client's certificate and key, which belong together; empty without them. */
async function readIdentity(spec: HttpSpec, files: Files): Promise<Identity> {
  const clientCertificate = await readPem(spec.client_certificate, 'client_certificate', files);
  const clientKey = await readPem(spec.client_key, 'client_key', files);
  if (clientCertificate === undefined || clientKey === undefined) return {};
  const [leaf] = certificatesOf(clientCertificate, 'client_certificate');
  if (!leaf?.checkPrivateKey(keyOf(clientKey)))
    throw new ProbeSpecError(['client_key'], 'this is not the key of the client certificate');
  return { clientCertificate, clientKey };
}

async function readPem(source: Text | undefined, key: string, files: Files): Promise<string | undefined> {
  if (source === undefined) return undefined;
  const pathOrText = revealText(source);
  if (pathOrText.includes('-----BEGIN ')) return pathOrText;
  try {
    return await files.readText(pathOrText);
  } catch (error) {
    const file = source instanceof Secret ? 'the file' : pathOrText;
    throw new ProbeSpecError([key], `${file} ${fileErrorText(error)}; expected PEM text or the path of a PEM file`);
  }
}

const certificateBlock =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.*?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/gs;

function certificatesOf(pem: string, key: string): X509Certificate[] {
  const blocks = pem.match(certificateBlock) ?? [];
  if (blocks.length === 0) throw new ProbeSpecError([key], 'there is no PEM certificate in it');
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw new ProbeSpecError([key], 'there is a certificate in it that cannot be read');
  }
}

function keyOf(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ProbeSpecError(['client_key'], 'there is no private key in it that can be read without a passphrase');
  }
}
