import { namesCredential, namesSession } from '../model/credential-name.ts';
import { isKeyText } from '../model/pem.ts';
import { plainParts, readSchemed } from '../model/plain-credential.ts';
import { urlCredentials } from '../model/url-credentials.ts';
import type { WrittenCredential } from './probe.ts';

type Path = WrittenCredential['path'];
type Members = readonly (readonly [name: string, value: unknown, path: Path])[];

/** The members of a mapping; none of all else. */
function membersOf(data: unknown, path: Path): Members {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  return Object.entries(data).map(([name, value]) => [name, value, [...path, name]]);
}

function ofUrl(key: string, value: unknown): WrittenCredential[] {
  if (typeof value !== 'string') return [];
  return urlCredentials(value).map(({ name, text, around }) => ({
    path: [key],
    plain: plainParts(text),
    name,
    around,
  }));
}

/** Of a cookie header only what a session goes by, and what has no name. */
function ofCookies(text: string, path: Path): WrittenCredential[] {
  return text.split(';').flatMap((pair) => {
    const [name = '', value] = pair.trim().split(/=(.*)/s);
    if (name === '' || (value !== undefined && !namesSession(name))) return [];
    const around = (other: string) => (value === undefined ? other : `${name}=${other}`);
    return [{ path, plain: plainParts(value ?? name), name: 'cookie', around }];
  });
}

function ofHeader(name: string, value: unknown, path: Path): WrittenCredential[] {
  if (typeof value !== 'string' || value === '') return [];
  if (name.toLowerCase() === 'cookie') return ofCookies(value, path);
  if (!namesCredential(name)) return [];
  const { scheme, plain } = readSchemed(value, /authorization$/i.test(name));
  return [{ path, plain, around: (text) => `${scheme}${text}` }];
}

/** Members of this name and those within them; a list repeats its name. */
function ofMember(name: string, value: unknown, path: Path): WrittenCredential[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => ofMember(name, item, [...path, index]));
  if (typeof value !== 'string') return membersOf(value, path).flatMap((member) => ofMember(...member));
  if (value === '' || !namesCredential(name)) return [];
  return [{ path, plain: plainParts(value), name, around: (text) => text }];
}

/** A body that is text: JSON, or a form. */
function ofTextBody(text: string): WrittenCredential[] {
  const json = parseJson(text);
  const isForm = json === undefined && /^[^\s=&{]+=/.test(text);
  const members: Members = isForm
    ? [...new URLSearchParams(text)].map(([name, value]) => [name, value, ['body', name]])
    : membersOf({ body: json }, []);
  return members
    .flatMap((member) => ofMember(...member))
    .map(({ plain, name = '' }) => ({
      path: ['body'],
      plain,
      name,
      around: (other) => (isForm ? `…${name}=${other}…` : `…"${name}":"${other}"…`),
    }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The credentials that an http check sends, as they are written. */
export function httpCredentials(written: unknown): readonly WrittenCredential[] {
  return membersOf(written, []).flatMap(([key, value, path]): readonly WrittenCredential[] => {
    if (key === 'url' || key === 'proxy') return ofUrl(key, value);
    if (key === 'headers') return membersOf(value, path).flatMap((member) => ofHeader(...member));
    if (key === 'query') return ofMember('', value, path);
    if (key === 'body') return typeof value === 'string' ? ofTextBody(value) : ofMember('', value, path);
    if (key !== 'client_key' || typeof value !== 'string' || !isKeyText(value)) return [];
    return [{ path, plain: plainParts(value), around: (text) => text }];
  });
}
