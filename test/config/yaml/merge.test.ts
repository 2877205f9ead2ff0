import { describe, expect, it } from 'vitest';
import { loadText, loadWell } from '../../support/load-text.ts';

const check = (name: string, more = '') => `checks:\n  ${name}:\n    http: https://${name}.example\n${more}`;

describe('several files', () => {
  it('are put together: sections, and names within them', async () => {
    const { configuration } = await loadWell({
      'a.yaml': `server:\n  listen: 127.0.0.1:1\nbudgets:\n  x: { rate: 1/s }\n${check('a', '    budget: y\n')}`,
      'b.yml': `server:\n  allow_reload: true\nbudgets:\n  y: { rate: 1/s }\n${check('b', '    budget: x\n')}`,
      'c.yaml': 'checks:\nbudgets:\n',
      'd.yaml': '# nothing\n',
    });
    expect(configuration.server).toEqual({ host: '127.0.0.1', port: 1, allowReload: true });
    expect(configuration.budgets.map(({ name }) => name)).toEqual(['default', 'x', 'y']);
    expect(configuration.checks.map(({ name, place }) => [name, place.file.replace(/.*\//, '')])).toEqual([
      ['a', 'a.yaml'],
      ['b', 'b.yml'],
    ]);
  });

  it('may not define a name twice: both places are told', async () => {
    const { problems } = await loadText({
      'a.yaml': `state_dir: ./a\nserver: { listen: "h:1" }\n${check('a')}\nenvironments:\n  e:\n    checks:\n      a: { confirm: 1 }`,
      'b.yaml': `state_dir: ./a\nserver: { listen: "h:1" }\n${check('a')}\nenvironments:\n  e:\n    checks:\n      a: { confirm: 2 }`,
    });
    expect(problems).toEqual([
      'b.yaml:1:1: state_dir is defined twice; expected once: the first is at a.yaml:1:1',
      'b.yaml:2:11: server.listen is defined twice; expected once: the first is at a.yaml:2:11',
      'b.yaml:4:3: checks.a is defined twice; expected once: the first is at a.yaml:4:3',
      'b.yaml:10:7: environments.e.checks.a is defined twice; expected once: the first is at a.yaml:10:7',
    ]);
  });

  it('have all their problems told at once, each with its file', async () => {
    const { problems } = await loadText({
      'a.yaml': 'checks: [',
      'b.yaml': check('b', '    confirm: 0\n'),
      'c.yaml': 'x: 1',
    });
    expect(problems.map((problem) => problem.replace(/: .*/, ''))).toEqual([
      'a.yaml:1:10',
      'b.yaml:4:14',
      'c.yaml:1:1',
    ]);
  });

  it('do not miss a name that may stand in a file that could not be read', async () => {
    const { problems } = await loadText(
      { 'a.yaml': 'budgets: [', 'b.yaml': check('b', '    budget: x\n    token: y\n') },
      { environment: 'prod' },
    );
    expect(problems).toHaveLength(1);
  });
});

describe('an environment', () => {
  const base = `
state_dir: ./state
budgets:
  b: { rate: 1/s, burst: 5 }
tokens:
  t:
    grant: client_credentials
    client_id: a
    client_secret: abcdefgh
    refresh: { before_expiry: 50% }
checks:
  api:
    every: 5s
    token: t
    http: { url: "https://dev.example", headers: { a: x, b: y } }
    assert:
      - status: 200
environments:
  prod:
    state_dir: /var/lib/sonde
    budgets:
      b: { rate: 9/s }
      new: { rate: 1/s }
    tokens:
      t:
        issuer: https://auth.example.com
        refresh: { every: 1h }
    checks:
      api:
        cron: 0 * * * *
        http: https://prod.example
        assert:
          - status: 204
      other:
        http: https://other.example
  dev:
    tokens:
      t:
        issuer: http://localhost:1
`;

  it('is laid over: mappings are merged, and all else is replaced', async () => {
    const { configuration } = await loadWell(base, { environment: 'prod' });
    expect(configuration).toMatchObject({
      stateDir: '/var/lib/sonde',
      budgets: [{ name: 'default' }, { name: 'b', ratePerSecond: 9, burst: 5 }, { name: 'new' }],
      tokens: [{ issuer: 'https://auth.example.com', clientId: 'a', refresh: { everyMs: 3_600_000 } }],
      checks: [
        {
          name: 'api',
          schedule: { cron: '0 * * * *', timezone: 'UTC' },
          spec: { url: 'https://prod.example', headers: { a: 'x', b: 'y' } },
          assertions: [{ status: 204 }],
        },
        { name: 'other' },
      ],
    });
  });

  it('changes nothing but what stands in it', async () => {
    const { configuration } = await loadWell(base, { environment: 'dev' });
    expect(configuration.checks).toMatchObject([
      { schedule: { everyMs: 5_000 }, spec: { url: 'https://dev.example' } },
    ]);
  });

  it('is missed by what only it defines', async () => {
    expect((await loadText(base)).problems).toEqual([
      'sonde.yaml:6:3: tokens.t has no issuer or token_endpoint; expected it for the grant client_credentials',
    ]);
  });

  it('is told of by the place of what is wrong in it', async () => {
    const { problems } = await loadText(base.replace('https://prod.example', 'prod.example'), { environment: 'prod' });
    expect(problems).toEqual([
      'sonde.yaml:31:15: checks.api.http.url is not right; expected an http or https URL such as https://api.example.com/health',
    ]);
  });

  it.each([
    ['prd', 'sonde.yaml:18:1: there is no environment "prd"; did you mean "prod"? known: prod, dev'],
    ['x', 'sonde.yaml:18:1: there is no environment "x"; expected one of prod, dev'],
  ])('that is not there, %s, is told with those that are', async (environment, said) => {
    expect((await loadText(base, { environment })).problems).toContain(said);
  });

  it('takes away what it has nothing for, and only what is there', async () => {
    const text = (overlay: string) =>
      `${base}  other:\n    tokens: { t: { issuer: "https://a.example", client_secret: ~, client_auth: none } }\n    checks: { api: { every: null${overlay} } }\n`;
    const { configuration } = await loadWell(text(', token: ~'), { environment: 'other' });
    expect(configuration.tokens).toMatchObject([{ clientAuth: 'none' }]);
    expect(configuration.tokens[0]).not.toHaveProperty('clientSecret');
    expect(configuration.checks[0]).toMatchObject({ schedule: { everyMs: 30_000 } });
    expect(configuration.checks[0]).not.toHaveProperty('token');
    expect((await loadText(text(', budget: ~, tokn: ~'), { environment: 'other' })).problems).toEqual([
      expect.stringContaining('checks.api.budget is empty; expected text'),
      expect.stringContaining('"tokn" is not a key of checks.api; did you mean "token"?'),
    ]);
    expect((await loadText(text(', token:'), { environment: 'other' })).problems).toEqual([
      expect.stringContaining('checks.api.token is empty; expected text'),
    ]);
    const empty = await loadWell(
      `${base}  other:\n    tokens: { t: ~ }\n    checks:\n      api: { token: ~ }\n    budgets:\n`,
      {
        environment: 'other',
      },
    );
    expect(empty.configuration.tokens).toEqual([]);
    expect(empty.configuration.budgets).toHaveLength(2);
  });

  it('may log in to Vault in another way, and get tokens by another grant', async () => {
    const text = `vault: { address: "https://v.example", auth: { token: hunter2 } }
tokens: { t: { grant: client_credentials, issuer: "https://a.example", client_id: a, client_secret: hunter2 } }
environments:
  prod:
    vault: { auth: { kubernetes: { role: r } } }
    tokens: { t: { grant: static, issuer: ~, client_id: ~, client_secret: ~, value: hunter2 } }
`;
    const { configuration } = await loadWell(text, { environment: 'prod' });
    expect(configuration.vault?.auth).toMatchObject({ method: 'kubernetes', role: 'r' });
    expect(configuration.tokens).toMatchObject([{ grant: 'static' }]);
  });

  it('that is not there is told where there are none', async () => {
    expect((await loadText(check('a'), { environment: 'prod' })).problems).toEqual([
      'sonde.yaml:1:1: there is no environment "prod"; there are none',
    ]);
  });

  it('has its shape checked, chosen or not', async () => {
    const wrong = `${check('a')}environments:\n  a b: {}\n  c: 5\n  d: { check: {} }\n  e:\n    checks: 1\n`;
    expect((await loadText(wrong)).problems).toEqual([
      'sonde.yaml:5:3: "a b" cannot be a name in environments; expected up to 100 letters, digits, "-", "_" and ".", beginning with a letter or digit',
      'sonde.yaml:6:6: environments.c is 5; expected a mapping of what differs',
      'sonde.yaml:7:8: "check" is not a key of environments.d; did you mean "checks"?',
    ]);
    expect((await loadText(`${check('a')}environments: [x]`)).problems).toEqual([
      'sonde.yaml:4:15: environments is a list; expected a mapping of names',
    ]);
  });
});
