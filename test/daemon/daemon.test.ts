import { mkdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigurationRefused } from '../../src/daemon.ts';
import { StateFolderError } from '../../src/system/state-folder.ts';
import { ListenError } from '../../src/web/listen.ts';
import { startIssuer } from '../lab/issuer.ts';
import { ask, runDaemon } from '../support/running-daemon.ts';
import { startTarget } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const check = (name: string, url: string, more = '') => `  ${name}:\n    every: 100ms\n    http: ${url}\n${more}`;
const checks = (...entries: string[]) => `checks:\n${entries.join('')}`;
const ran = (name: string) => (line: { fields: Readonly<Record<string, unknown>> }) => line.fields.check === name;

describe('the daemon', () => {
  it('runs its checks and shows them in metrics, API and page', async () => {
    const target = await startTarget();
    const daemon = await runDaemon(checks(check('api', `${target.origin}/health`)));
    await daemon.log.line(ran('api'));
    expect(await daemon.metrics('probe_success')).toEqual(['probe_success{check="api"} 1']);
    expect(await daemon.metrics('sonde_check_info')).toEqual([
      `sonde_check_info{check="api",kind="http",target="${target.origin}/health"} 1`,
    ]);
    const { checks: shown } = JSON.parse((await daemon.get('/api/v1/checks')).body);
    expect(shown).toMatchObject([{ name: 'api', state: 'passing', last_run: { outcome: 'passed' } }]);
    expect((await daemon.get('/')).body).toContain('api');
    expect(await daemon.get('/-/healthy')).toMatchObject({ status: 200 });
    expect(await daemon.get('/-/ready')).toMatchObject({ status: 200 });
    expect(target.requests[0]?.headers['user-agent']).toMatch(/^sonde\/\d/);
    expect(target.requests[0]?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('shows a run by its id, the one in the log line', async () => {
    const target = await startTarget();
    const daemon = await runDaemon(checks(check('api', target.origin)));
    const { fields } = await daemon.log.line(ran('api'));
    const shown = await daemon.get(`/api/v1/runs/${fields.run}`);
    expect(JSON.parse(shown.body)).toMatchObject({ check: 'api', id: fields.run, facts: { status: 200 } });
  });

  it('names the cause of a failure, and when it is over', async () => {
    const target = await startTarget();
    target.answerWith((_, response) => response.writeHead(503).end());
    const daemon = await runDaemon(checks(check('api', target.origin)));
    await daemon.log.line(({ fields }) => fields.cause === 'upstream_5xx');
    expect(await daemon.metrics('sonde_check_state')).toEqual([
      'sonde_check_state{check="api",cause="upstream_5xx",blame="target"} 0',
    ]);
    expect((await daemon.get('/')).body).toContain('upstream_5xx');
    target.answerWith((_, response) => response.end('{}'));
    await daemon.log.line(({ message }) => message.startsWith('api recovered'));
    expect(await daemon.metrics('sonde_check_state')).toEqual(['sonde_check_state{check="api",cause="",blame=""} 1']);
  });

  it('lets a run that is under way end before it stops', async () => {
    const target = await startTarget();
    const asked = Promise.withResolvers<void>();
    let answer = () => {};
    target.answerWith((_, response) => {
      answer = () => void response.end('{}');
      asked.resolve();
    });
    const daemon = await runDaemon(checks(check('api', target.origin)));
    await asked.promise;
    const stopped = daemon.stop();
    expect(await daemon.get('/-/ready')).toMatchObject({ status: 503 });
    answer();
    await stopped;
    expect(daemon.log.lines.some(({ fields }) => fields.outcome === 'passed')).toBe(true);
    await expect(daemon.get('/-/healthy')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('waits for its checks and its issuer side by side, no longer than shutdown_grace, and begins nothing meanwhile', async () => {
    const [issuer, target] = [await startTarget(), await startTarget()];
    const [askedIssuer, askedTarget] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    issuer.answerWith(() => askedIssuer.resolve());
    target.answerWith(() => askedTarget.resolve());
    const text = (secret: string) =>
      [
        'shutdown_grace: 7s',
        'allow_plaintext_secrets: true',
        'tokens:',
        '  lab:',
        `    token_endpoint: ${issuer.origin}/token`,
        '    grant: client_credentials',
        '    client_id: lab',
        `    client_secret: ${secret}`,
        '    timeout: 60s',
        checks(check('api', target.origin, '    timeout: 60s\n')),
      ].join('\n');
    const system = createVirtualSystem();
    const daemon = await runDaemon(text('first-secret'), { system });
    await system.clock.advance(100);
    await Promise.all([askedIssuer.promise, askedTarget.promise]);
    let hasStopped = false;
    const stopped = daemon.stop().then(() => {
      hasStopped = true;
    });
    await system.clock.advance(6999);
    await daemon.rewrite(text('second-secret'));
    await daemon.reload();
    expect(hasStopped).toBe(false);
    await system.clock.advance(1);
    await stopped;
    expect(daemon.log.lines.filter(({ fields }) => fields.cause === 'shutdown').map(({ fields }) => fields)).toEqual(
      expect.arrayContaining([expect.objectContaining({ token: 'lab' }), expect.objectContaining({ check: 'api' })]),
    );
    expect(issuer.requests).toHaveLength(1);
  });

  it('is reached by commands over a socket that only its own user can open', async () => {
    const daemon = await runDaemon(checks(check('api', (await startTarget()).origin)));
    const socketPath = join(daemon.stateDir, 'sonde.sock');
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
    expect(await ask({ socketPath, path: '/control/tokens/absent' })).toMatchObject({ status: 405 });
    expect(await daemon.get('/control/tokens/absent')).toMatchObject({ status: 404 });
  });
});

describe('a daemon that cannot start', () => {
  it('tells all that is wrong with its configuration', async () => {
    const wrong = checks(
      '  api:\n    htpp: http://127.0.0.1/\n',
      '  other:\n    budget: nowhere\n    http: http://127.0.0.1/\n',
    );
    await expect(runDaemon(wrong)).rejects.toThrow(ConfigurationRefused);
    await expect(runDaemon(wrong)).rejects.toThrow(/sonde\.yaml:3:5: .*"htpp"[\s\S]*sonde\.yaml:5:13: .*nowhere/);
  });

  it('names the certificate file that is not there', async () => {
    const text = checks('  api:\n    http:\n      url: https://127.0.0.1/\n      ca: /nowhere/ca.pem\n');
    await expect(runDaemon(text)).rejects.toThrow(
      /sonde\.yaml:5:11: checks\.api\.http\.ca: \/nowhere\/ca\.pem is not there/,
    );
  });

  it('leaves the state folder of another one alone', async () => {
    const folder = await temporaryFolder();
    const text = checks(check('api', (await startTarget()).origin));
    const first = await runDaemon(text, { folder });
    await expect(runDaemon(text, { folder })).rejects.toThrow(StateFolderError);
    await first.stop();
    await runDaemon(text, { folder });
  });

  it('says that its port is taken, and frees what it has taken itself', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const folder = await temporaryFolder();
    const text = checks(check('api', (await startTarget()).origin));
    await expect(runDaemon(text, { folder, listen: { host: '127.0.0.1', port } })).rejects.toThrow(ListenError);
    taken.close();
    await runDaemon(text, { folder });
  });

  it('says that its state folder cannot be had', async () => {
    const text = checks(check('api', (await startTarget()).origin));
    await expect(runDaemon(text, { stateDir: '/etc/hosts/sonde' })).rejects.toThrow(
      /^The state folder \/etc\/hosts\/sonde cannot be used: /,
    );
  });
});

describe('a reload', () => {
  it('takes the series of a check that is gone away, and keeps the counts of one that stays', async () => {
    const { origin } = await startTarget();
    const daemon = await runDaemon(checks(check('stays', origin), check('goes', origin)));
    await Promise.all([daemon.log.line(ran('stays')), daemon.log.line(ran('goes'))]);
    await daemon.rewrite(checks(check('stays', origin), check('comes', origin)));
    expect(await daemon.reload()).toMatchObject({ successful: true, problems: [] });
    expect((await daemon.get('/metrics')).body).not.toContain('goes');
    expect(await daemon.metrics('sonde_runs_total{check="comes",outcome="errored"}')).toHaveLength(1);
    const [passed] = await daemon.metrics('sonde_runs_total{check="stays",outcome="passed"}');
    expect(Number(passed?.split(' ')[1])).toBeGreaterThan(0);
  });

  it('of a wrong configuration keeps what runs, and shows what is wrong', async () => {
    const { origin } = await startTarget();
    const good = checks(check('api', origin));
    const daemon = await runDaemon(good);
    await daemon.rewrite(checks(check('api', origin), '  broken:\n    http: not-an-address\n'));
    const status = await daemon.reload();
    expect(status).toMatchObject({ successful: false, problems: [expect.stringMatching(/sonde\.yaml:\d+:\d+: /)] });
    expect(await daemon.metrics('sonde_config_last_reload_successful')).toEqual([
      'sonde_config_last_reload_successful 0',
    ]);
    expect((await daemon.get('/')).body).toContain('The configuration could not be reloaded');
    expect(daemon.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { problems: status.problems } }),
    );
    expect(await daemon.metrics('sonde_check_info')).toHaveLength(1);
    await daemon.rewrite(good);
    await daemon.reload();
    expect(await daemon.metrics('sonde_config_last_reload_successful')).toEqual([
      'sonde_config_last_reload_successful 1',
    ]);
    expect((await daemon.get('/')).body).not.toContain('could not be reloaded');
  });

  it('keeps what runs when a file that a check needs is not there', async () => {
    const { origin } = await startTarget();
    const daemon = await runDaemon(checks(check('api', origin)));
    await daemon.rewrite(checks(`  api:\n    http:\n      url: ${origin}\n      ca: /nowhere/ca.pem\n`));
    expect(await daemon.reload()).toMatchObject({ successful: false });
    await daemon.log.line(ran('api'));
  });

  it('follows by itself when the link of a mounted ConfigMap is switched', async () => {
    const { origin } = await startTarget();
    const folder = await temporaryFolder();
    const mount = async (version: string, text: string) => {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'sonde.yaml'), text);
      await symlink(version, join(folder, '..data.new'));
      await rename(join(folder, '..data.new'), join(folder, '..data'));
    };
    await mount('..2026_01', checks(check('before', origin)));
    await symlink(join('..data', 'sonde.yaml'), join(folder, 'sonde.yaml'));
    const daemon = await runDaemon('', { paths: [folder] });
    await mount('..2026_02', checks(check('after', origin)));
    await daemon.log.line(({ message }) => message === 'the configuration was reloaded');
    await daemon.log.line(ran('after'));
  }, 20_000);

  it('follows a secret whose file changes', async () => {
    const target = await startTarget();
    const key = join(await temporaryFolder(), 'key');
    await writeFile(key, 'first-key\n');
    const daemon = await runDaemon(
      checks(
        `  api:\n    every: 100ms\n    http:\n      url: ${target.origin}\n      headers:\n        x-key: \${file:${key}}\n`,
      ),
    );
    await daemon.log.line(ran('api'));
    expect(target.requests[0]?.headers['x-key']).toBe('first-key');
    await writeFile(key, 'second-key\n');
    await daemon.log.line(({ message }) => message === 'the configuration was reloaded');
    const before = target.requests.length;
    while (target.requests.length === before) await daemon.get('/-/healthy');
    expect(target.requests.at(-1)?.headers['x-key']).toBe('second-key');
    expect(JSON.stringify(daemon.log.lines)).not.toMatch(/(first|second)-key/);
  }, 20_000);

  it('labels all its metrics with the environment where that is asked for, and only while it is', async () => {
    const { origin } = await startTarget();
    const text = (asked: boolean) =>
      `metrics:\n  environment_label: ${asked}\nenvironments:\n  prod: {}\n${checks(check('api', origin))}`;
    const daemon = await runDaemon(text(true), { environment: 'prod' });
    const unlabelled = async () =>
      (await daemon.metrics('')).filter((line) => !line.startsWith('#') && !/^\w+\{environment="prod"[,}]/.test(line));
    expect(await unlabelled()).toEqual(['']);
    await daemon.rewrite(text(false));
    await daemon.reload();
    expect((await daemon.metrics('')).filter((line) => line.includes('environment='))).toEqual([]);
  });

  it('goes on sending a token that lives while its new definition does not work', async () => {
    const issuer = await startIssuer();
    onTestFinished(issuer.close);
    const { origin } = await startTarget();
    const text = (secret: string) =>
      [
        'allow_plaintext_secrets: true',
        'tokens:',
        '  lab:',
        `    issuer: ${issuer.origin}`,
        '    grant: client_credentials',
        '    client_id: lab-service',
        `    client_secret: ${secret}`,
        checks(check('api', origin, '    token: lab\n')),
      ].join('\n');
    const daemon = await runDaemon(text(issuer.clientSecret('lab-service')));
    await daemon.log.line(ran('api'));
    await daemon.rewrite(text('mistyped-secret'));
    await daemon.reload();
    await daemon.log.line(({ fields }) => fields.token === 'lab' && fields.cause === 'invalid_client');
    const before = daemon.log.lines.length;
    const passed = () => daemon.metrics('sonde_runs_total{check="api",outcome="passed"}');
    const [count] = await passed();
    while ((await passed())[0] === count) await daemon.get('/-/healthy');
    expect(daemon.log.lines.slice(before).some(({ fields }) => fields.cause === 'token_absent')).toBe(false);
  });

  it('tells what takes effect at the next start only', async () => {
    const { origin } = await startTarget();
    const daemon = await runDaemon(checks(check('api', origin)));
    await daemon.rewrite(`server:\n  listen: 127.0.0.1:1\nstate_dir: ./elsewhere\n${checks(check('api', origin))}`);
    await daemon.reload();
    const warned = daemon.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warned).toEqual([
      '`server.listen` has changed; that takes effect when sonde is started again',
      '`state_dir` has changed; that takes effect when sonde is started again',
    ]);
  });

  it('is done by POST where that is allowed, and refused where not', async () => {
    const { origin } = await startTarget();
    const daemon = await runDaemon(checks(check('api', origin)));
    expect(await daemon.get('/-/reload', {}, 'POST')).toMatchObject({ status: 403 });
    await daemon.rewrite(`server:\n  allow_reload: true\n${checks(check('api', origin))}`);
    await daemon.reload();
    expect(await daemon.get('/-/reload', {}, 'POST')).toMatchObject({ status: 200 });
    expect(await daemon.get('/-/reload')).toMatchObject({ status: 405 });
  });
});

describe('beyond loopback', () => {
  it('only metrics and health are served', async () => {
    const daemon = await runDaemon(checks(check('api', (await startTarget()).origin)), {
      listen: { host: '0.0.0.0', port: 0 },
    });
    expect(await daemon.get('/metrics')).toMatchObject({ status: 200 });
    expect(await daemon.get('/-/healthy')).toMatchObject({ status: 200 });
    expect(await daemon.get('/')).toMatchObject({ status: 403 });
    expect(await daemon.get('/api/v1/checks')).toMatchObject({ status: 403 });
  });
});
