import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sonde, startSonde } from '../support/sonde-process.ts';
import { startTarget } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A folder with this configuration, for a daemon on a free port. */
async function folderWith(yaml: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'sonde.yaml'), yaml);
  return folder;
}

const checkOf = (url: string) =>
  `server:\n  listen: 127.0.0.1:0\nchecks:\n  api:\n    every: 100ms\n    http: ${url}\n`;
const running = /"msg":"sonde .* runs 1 check; http:/;

describe('sonde', () => {
  it('says what it can do', async () => {
    const { code, out } = await sonde(['--help']);
    expect(code).toBe(0);
    const commands = [...out.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, command]) => command);
    // In the order in which a newcomer needs them.
    expect(commands).toEqual(['init', 'validate', 'once', 'run', 'login', 'logout', 'diff', 'schema', 'help']);
  });

  it('tells its version', async () => {
    expect(await sonde(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [['schema'], 0],
    [['once', 'http://127.0.0.1:1/'], 1],
    [['validate', 'absent.yaml'], 2],
  ])('%j keeps its exit code and shows no stack when nobody reads what it says', async (args, expected) => {
    const daemon = startSonde(args);
    daemon.child.stdout?.destroy();
    daemon.child.stderr?.destroy();
    expect((await daemon.ended).code).toBe(expected);
  });

  it.each([
    [['rnu']],
    [[]],
    [['run']],
    [['run', '--port', '1', 'x.yaml']],
    [['once', '--junit']],
    [['schema', 'too', 'many']],
  ])('%j is refused with exit code 2 and a hint', async (args) => {
    const { code, out, err } = await sonde(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/error: |Usage: /);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe('a bug', () => {
  const secret = 'secret-that-a-bug-quotes-0123';
  const broken = { NODE_OPTIONS: `--import=${new URL('../support/bug.ts', import.meta.url)}`, SECRET: secret };
  const yaml = (url: string) => `${checkOf(url).replace(`http: ${url}`, `http:\n      url: ${url}`)}      headers:
        x-key: \${env:SECRET}
`;

  it('ends a command with exit code 3, and with its words but for secrets', async () => {
    const target = await startTarget();
    const cwd = await folderWith(yaml(target.origin));
    const { code, out, err } = await sonde(['once', 'sonde.yaml', '--json'], { cwd, env: broken });
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^sonde has a bug: TypeError: a bug that quotes \[secret\]\n {4}at /);
    expect(err).not.toContain(secret);
  });

  it('that nobody waits for ends a daemon so, and shows nothing that hangs on the error', async () => {
    const target = await startTarget();
    const cwd = await folderWith(yaml(target.origin));
    const daemon = startSonde(['run', 'sonde.yaml'], { cwd, env: broken });
    await daemon.line(running);
    await daemon.line(/"outcome":"passed"/);
    daemon.child.kill('SIGUSR2');
    const { code, err } = await daemon.ended;
    expect(code).toBe(3);
    expect(err).toMatch(/^sonde has a bug: TypeError: a bug that quotes \[secret\]\n {4}at /);
    expect(err).not.toContain(secret);
  });
});

describe('sonde run', () => {
  it('ends with 0 when it is told to stop', async () => {
    const folder = await folderWith(checkOf((await startTarget()).origin));
    const daemon = startSonde(['run', 'sonde.yaml'], { cwd: folder });
    await daemon.line(running);
    daemon.child.kill('SIGTERM');
    const { code, out, err } = await daemon.ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('sonde has stopped');
    expect(
      out
        .trim()
        .split('\n')
        .every((line) => JSON.parse(line)),
    ).toBe(true);
  });

  it('ends at once by a second signal', async () => {
    const target = await startTarget();
    const asked = Promise.withResolvers<void>();
    target.answerWith(() => asked.resolve());
    const folder = await folderWith(`${checkOf(target.origin)}    timeout: 1h\nshutdown_grace: 1h\n`);
    const daemon = startSonde(['run', 'sonde.yaml'], { cwd: folder });
    await asked.promise;
    daemon.child.kill('SIGINT');
    await daemon.line(/sonde is stopping/);
    daemon.child.kill('SIGINT');
    expect((await daemon.ended).code).toBe(3);
  });

  it('reloads by SIGHUP', async () => {
    const { origin } = await startTarget();
    const folder = await folderWith(checkOf(origin));
    const daemon = startSonde(['run', 'sonde.yaml'], { cwd: folder });
    await daemon.line(running);
    daemon.child.kill('SIGHUP');
    await daemon.line(/the configuration was reloaded/);
  });

  it('tells each mistake in the configuration with its place, and ends with 2', async () => {
    const folder = await folderWith('checks:\n  api:\n    evry: 1s\n    http: http://127.0.0.1/\n');
    expect(await sonde(['run', 'sonde.yaml'], { cwd: folder })).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/^sonde\.yaml:3:5: .*"evry".*did you mean "every"\?\n$/),
    });
  });

  it('names the variable that a reference needs', async () => {
    const folder = await folderWith(
      'checks:\n  api:\n    http:\n      url: http://127.0.0.1/\n      headers:\n        x-key: $\u007benv:API_KEY}\n',
    );
    const { code, err } = await sonde(['run', 'sonde.yaml'], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toMatch(/^sonde\.yaml:6:16: .*API_KEY/);
  });

  it('ends with 3 when its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const folder = await folderWith(checkOf('http://127.0.0.1:1/'));
    const { code, err } = await sonde(['run', 'sonde.yaml', '--listen', `127.0.0.1:${port}`], { cwd: folder });
    taken.close();
    expect({ code, err }).toEqual({
      code: 3,
      err: `sonde cannot listen on 127.0.0.1:${port}: another process listens there already.\n`,
    });
  });

  it.each([
    [['--listen', 'everywhere'], {}, /--listen everywhere is no address; expected HOST:PORT/],
    [['--env', 'prod'], {}, /there is no environment "prod"/],
    [[], { SONDE_LOG_LEVEL: 'loud' }, /SONDE_LOG_LEVEL is none of/],
  ])('%j with %j is refused with exit code 2', async (args, env, reason) => {
    const folder = await folderWith(checkOf('http://127.0.0.1:1/'));
    const { code, err } = await sonde(['run', 'sonde.yaml', ...args], { cwd: folder, env });
    expect(code).toBe(2);
    expect(err).toMatch(reason);
  });
});

describe('sonde once', () => {
  it('takes a bare address', async () => {
    const { origin } = await startTarget();
    const { code, out } = await sonde(['once', `${origin}/health?key=1`]);
    expect(code).toBe(0);
    expect(out).toMatch(/^127\.0\.0\.1-\d+ +passed +200 /m);
  });

  it('ends with 1 and names the cause when a check does not pass', async () => {
    const target = await startTarget();
    target.close();
    const { code, out } = await sonde(['once', target.origin]);
    expect(code).toBe(1);
    expect(out).toContain('connect_refused (target)');
  });

  it('prints JSON that another program can read', async () => {
    const { origin } = await startTarget();
    const { code, out } = await sonde(['once', '--json', origin, origin]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ outcome: 'passed', facts: { status: 200 } }, { outcome: 'passed' }]);
  });

  it('writes a JUnit report', async () => {
    const folder = await folderWith(checkOf((await startTarget()).origin));
    await sonde(['once', 'sonde.yaml', '--junit', 'report.xml'], { cwd: folder });
    expect(await readFile(join(folder, 'report.xml'), 'utf8')).toContain(
      '<testsuite name="sonde" tests="1" failures="0"',
    );
  });

  it('says that the report cannot be written', async () => {
    const { origin } = await startTarget();
    const { code, err } = await sonde(['once', origin, '--junit', '/nowhere/report.xml']);
    expect({ code, err }).toEqual({
      code: 3,
      err: 'The report cannot be written to /nowhere/report.xml (ENOENT).\n',
    });
  });

  it.each([
    [['once', 'absent.yaml'], /absent\.yaml/],
    [['once', 'sonde.yaml', '--check', 'apy'], /There is no check "apy"; did you mean "api"\?/],
    [['once', 'sonde.yaml', 'http://127.0.0.1/'], /not both at a time/],
    [['once', 'http://'], /^http:\/\/ is no address; expected one such as/],
    [['once', 'http://127.0.0.1/', '--env', 'prod'], /--env goes with files/],
  ])('%j is refused with exit code 2', async (args, reason) => {
    const folder = await folderWith(checkOf('http://127.0.0.1:1/'));
    const { code, err } = await sonde(args, { cwd: folder });
    expect(code).toBe(2);
    expect(err).toMatch(reason);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('ends by a signal while an issuer hangs', async () => {
    const issuer = await startTarget();
    const asked = Promise.withResolvers<void>();
    issuer.answerWith(() => asked.resolve());
    const token = `allow_plaintext_secrets: true\ntokens:\n  t:\n    grant: client_credentials\n    token_endpoint: ${issuer.origin}/token\n    client_id: a\n    client_secret: abcdef\n    timeout: 1h\n`;
    const folder = await folderWith(`${token}${checkOf('http://127.0.0.1:1/')}    token: t\n`);
    const run = startSonde(['once', 'sonde.yaml'], { cwd: folder });
    await asked.promise;
    run.child.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 1, out: expect.stringContaining('token_absent') });
  });

  it('runs one check alone', async () => {
    const target = await startTarget();
    const folder = await folderWith(`${checkOf(target.origin)}  other:\n    http: ${target.origin}/other\n`);
    const { code } = await sonde(['once', 'sonde.yaml', '--check', 'other'], { cwd: folder });
    expect(code).toBe(0);
    expect(target.requests.map(({ url }) => url)).toEqual(['/other']);
  });
});
