import { describe, expect, it } from 'vitest';
import { checkWith, loadText, tellMistakes } from '../support/load-text.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

describe('mistakes of checks', () => {
  tellMistakes({
    'a check that is a URL': [
      'checks:\n  api: https://api.example.com',
      '2:8: checks.api is text; expected a mapping with a kind of probe: http, ntp',
    ],
    'a check without content': [
      'checks:\n  api:',
      '2:3: checks.api is empty; expected a mapping with a kind of probe: http, ntp',
    ],
    'a check without a kind': [
      'checks:\n  api:\n    every: 5s',
      '2:3: checks.api has no kind of probe; expected one of http, ntp',
    ],
    'a kind without content': [
      'checks:\n  api:\n    http:',
      '3:5: checks.api.http is empty; expected its url, or a mapping',
    ],
    'a misspelt kind': [
      'checks:\n  api:\n    htp: https://a.example',
      '3:5: "htp" is not a key of checks.api; did you mean "http"?',
    ],
    'a kind that is not there': [
      'checks:\n  api:\n    gopher: a.example',
      '3:5: "gopher" is not a key of checks.api; expected a kind of probe (http, ntp) or one of every, cron, timezone, timeout, budget, token, needs_scopes, confirm, labels, trace, allow_http, assert',
    ],
    'a kind that is to come': [
      'checks:\n  api:\n    tcp: db.example:5432',
      '3:5: the kind tcp is not supported yet; expected one of http, ntp',
    ],
    'a key that stands twice, and all else that is wrong beside it': [
      'checks:\n  api:\n    evry: 3s\n    confirm: 2\n    confirm: 3\n    budget: nowhere\n    http: https://a.example',
      '3:5: "evry" is not a key of checks.api; did you mean "every"?',
      '5:5: "confirm" is defined twice; expected once: the first is at sonde.yaml:4:5',
      '6:13: checks.api.budget: there is no budget "nowhere"; expected default',
    ],
    'a reference in a key': [
      'checks:\n  api:\n    http:\n      url: https://a.example\n      query:\n        "$\u007benv:X}": b',
      '6:9: a reference cannot stand in a key; expected it in a header, a query value, a body, a URL, or a value under tokens; for the characters themselves write "$${"',
    ],
    'a misspelt key': [checkWith('evry: 5s'), '4:5: "evry" is not a key of checks.api; did you mean "every"?'],
    'a key in another style': [
      checkWith('allowHttp: true'),
      '4:5: "allowHttp" is not a key of checks.api; did you mean "allow_http"?',
    ],
    'a misspelt key and no kind': [
      'checks:\n  api:\n    evry: 5s',
      '2:3: checks.api has no kind of probe; expected one of http, ntp',
      '3:5: "evry" is not a key of checks.api; did you mean "every"?',
    ],
    'intervals and durations': [
      checkWith('every: 50ms\ntimeout: 5'),
      '4:12: checks.api.every is "50ms"; expected 100ms to 366d',
      '5:14: checks.api.timeout is 5; expected a duration such as 250ms, 30s, 5m, 1h or 2d',
    ],
    'a schedule twice': [
      checkWith('every: 5s\ncron: "* * * * *"'),
      '5:5: checks.api has both every and cron; expected one of them',
    ],
    'a time zone alone': [
      checkWith('timezone: UTC'),
      '4:5: checks.api.timezone is for cron alone; remove it, or use cron',
    ],
    'an unknown time zone': [
      checkWith('cron: "* * * * *"\ntimezone: Europe/Berln'),
      '5:15: "Europe/Berln" is no time zone; did you mean "Europe/Berlin"?',
    ],
    'a time zone like none': [
      checkWith('cron: "* * * * *"\ntimezone: here'),
      '5:15: "here" is no time zone; expected a name such as Europe/Berlin',
    ],
    'a cron expression that is none': [
      checkWith('cron: "* * * *"'),
      '4:11: checks.api.cron cannot be used (expected 5 or 6 fields but got 4); expected a cron expression such as "*/5 * * * *"',
    ],
    'a date that never comes': [
      checkWith('cron: 0 0 L-30 2 *'),
      '4:11: checks.api.cron is never due; expected a date that exists',
    ],
    'a budget that is not there': [
      `${checkWith('budget: claud')}\nbudgets:\n  claude: { rate: 1/s }`,
      '4:13: checks.api.budget: there is no budget "claud"; did you mean "claude"?',
    ],
    'a budget like none': [
      `${checkWith('budget: x')}\nbudgets:\n  claude: { rate: 1/s }`,
      '4:13: checks.api.budget: there is no budget "x"; expected one of default, claude',
    ],
    'a token that is not there': [
      checkWith('token: x'),
      '4:12: checks.api.token: there is no token "x"; there are none',
    ],
    'labels that are taken or no names': [
      checkWith('labels:\n  job: a\n  __x: a\n  a-b: a\n  ok: [a]\n  release: 1.10'),
      '5:7: "job" cannot be a name in checks.api.labels; expected another name: sonde or Prometheus use this one',
      '6:7: "__x" cannot be a name in checks.api.labels; expected another name: sonde or Prometheus use this one',
      '7:7: "a-b" cannot be a name in checks.api.labels; expected letters, digits and "_", not beginning with a digit',
      '8:11: checks.api.labels.ok is a list; expected text, or a number, or true or false',
      '9:16: 1.10 is read as the number 1.1; expected that form, or a text in quotes',
    ],
    'a reference in a label': [
      checkWith(`labels:\n  team: \${env:TEAM}`),
      `5:13: a reference cannot stand here; expected it in a header, a query value, a body, a URL, or a value under tokens; for the characters themselves write "$\${"`,
    ],
    'counts and switches': [
      checkWith('confirm: 0\ntrace: maybe\nassert: 5'),
      '4:14: checks.api.confirm is 0; expected at least 1',
      '5:12: checks.api.trace is "maybe"; expected true or false',
      '6:13: checks.api.assert is 5; expected a list',
    ],
    'a count that is too high': [checkWith('confirm: 101'), '4:14: checks.api.confirm is 101; expected at most 100'],
    assertions: [
      checkWith(
        'assert:\n  - stauts: 200\n  - status: 200\n    latency: { below: 1s }\n  - status: 2000\n  - ok\n  - latency: { belw: 1s }\n  - x: 1\n  - {}\n  -',
      ),
      '5:9: "stauts" is no assertion; did you mean "status"?',
      '7:9: checks.api.assert.1 is two assertions, status and latency; expected a "-" before each',
      '8:17: checks.api.assert.2.status is 2000; expected a status such as 200, a class such as 2xx, or a list such as [200, 404]',
      '9:9: checks.api.assert.3 is text; expected an assertion such as "status: 200"',
      '10:20: "belw" is not a key of checks.api.assert.4.latency; did you mean "below"?',
      '11:9: "x" is no assertion; expected one of status, header, body, json, latency, certificate',
      '12:9: "" is no assertion; expected one of status, header, body, json, latency, certificate',
      '13:8: checks.api.assert.7 is empty; expected an assertion such as "status: 200"',
    ],
  });
});

describe('mistakes about where secrets go', () => {
  const withToken = (url: string, more = '') =>
    `tokens:\n  t:\n    grant: static\n    value: abcdef\n    send_to: [https://a.example]\nchecks:\n  api:\n    token: t\n    http: ${url}\n${more}`;
  tellMistakes({
    'a token for another origin': [
      withToken('https://b.example/x'),
      '8:12: checks.api.token: "t" may not be sent to https://b.example; its send_to has https://a.example',
    ],
    'a token in plain text': [
      withToken('http://a.example').replace('https://a.example', 'http://a.example'),
      '9:11: checks.api would send the token "t" over plain http; expected https, or "allow_http: true" on the check',
    ],
  });

  it('tells of a secret in plain text, and of a secret that is no URL', async () => {
    const system = createVirtualSystem();
    system.environmentVariables.set('KEY', 'abcdef');
    const { problems } = await loadText(
      `checks:\n  a:\n    http:\n      url: http://a.example\n      query:\n        key: \${env:KEY}\n  b:\n    http: \${env:KEY}`,
      { system },
    );
    expect(problems).toEqual([
      'sonde.yaml:4:7: checks.a would send a secret over plain http; expected https, or "allow_http: true" on the check',
      'sonde.yaml:8:11: checks.b.http.url: with its references resolved this is no http or https URL',
    ]);
  });
});
