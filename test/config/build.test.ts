import { describe } from 'vitest';
import { checkWith, tellMistakes } from '../support/load-text.ts';

describe('mistakes at the top', () => {
  tellMistakes({
    'a file that is a list': ['- a', '1:1: the file is a list; expected a mapping with checks or tokens'],
    'a file that is a text': ['checks', '1:1: the file is text; expected a mapping with checks or tokens'],
    'an empty file': ['# nothing', '1:1: there is nothing to do; expected checks or tokens'],
    'sections without content': ['checks:\ntokens:', '1:1: there is nothing to do; expected checks or tokens'],
    'an unknown key': [
      `${checkWith('')}\nbudget: {}`,
      '5:1: "budget" is not a key of a configuration; did you mean "budgets"?',
    ],
    'a key like none': [
      `${checkWith('')}\nx: {}`,
      '5:1: "x" is not a key of a configuration; expected one of server, state_dir, state_encryption, shutdown_grace, keep_runs, defaults, budgets, clock, metrics, vault, allow_plaintext_secrets, tokens, checks, environments',
    ],
    'a section that is a list': ['checks:\n  - http: x', '2:3: checks is a list; expected a mapping of names'],
    'a name with a space': [
      'checks:\n  my api:\n    http: https://api.example.com',
      '2:3: "my api" cannot be a name in checks; expected up to 100 letters, digits, "-", "_" and ".", beginning with a letter or digit',
    ],
    'a section that is a number': [`${checkWith('')}\nserver: 5`, '5:9: server is 5; expected a mapping'],
    'wrong settings': [
      `${checkWith('')}\nserver:\n  listen: :7663\n  allow_reload: 1\nstate_dir: ""\nshutdown_grace: 10`,
      '6:11: server.listen is ":7663"; expected HOST:PORT such as 127.0.0.1:7663 or [::1]:7663',
      '7:17: server.allow_reload is 1; expected true or false',
      '8:12: state_dir is ""; expected text that is not empty',
      '9:17: shutdown_grace is 10; expected a duration such as 250ms, 30s, 5m, 1h or 2d',
    ],
    'a reference in a setting': [
      `${checkWith('')}\nstate_dir: \${env:DIR}`,
      `5:12: a reference cannot stand here; expected it in a header, a query value, a body, a URL, or a value under tokens; for the characters themselves write "$\${"`,
    ],
    'wrong defaults and clock': [
      `${checkWith('')}\ndefaults: { every: 1ms, timout: 1s }\nclock:\n  servers: [a b, "x:99999", "x:0"]\n  every: 1s\n  tolerance: 999d`,
      '5:20: defaults.every is "1ms"; expected 100ms to 366d',
      '5:25: "timout" is not a key of defaults; did you mean "timeout"?',
      '7:13: clock.servers.0 is "a b"; expected a host or HOST:PORT such as ntp.example.net or [2001:db8::1]:123',
      '7:18: clock.servers.1 is "x:99999"; expected a host or HOST:PORT such as ntp.example.net or [2001:db8::1]:123',
      '7:29: clock.servers.2 is "x:0"; expected a host or HOST:PORT such as ntp.example.net or [2001:db8::1]:123',
      '9:14: clock.tolerance is "999d"; expected 1ms to 366d',
    ],
    'wrong budgets': [
      `${checkWith('budget: b')}\nbudgets:\n  a: { rate: 5 }\n  b: { rate: 0/s, burst: 0.5 }\n  c: { rate: 5/s, burst: 2, reserve_for_tokens: 2 }\n  d: { burst: 2 }`,
      '6:14: budgets.a.rate is 5; expected a rate such as 5/s, 300/m or 1000/h',
      '7:14: budgets.b.rate is "0/s"; expected a rate above 0 and up to 1000000/s',
      '7:26: budgets.b.burst is 0.5; expected a whole number',
      '8:3: budgets.c reserves 2 of 2 for tokens; expected reserve_for_tokens to be less than burst',
      '9:6: budgets.d.rate is missing; expected a rate such as 5/s, 300/m or 1000/h',
    ],
  });
});
