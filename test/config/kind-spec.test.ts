import { describe } from 'vitest';
import { tellMistakes } from '../support/load-text.ts';

const http = (lines: string) => `checks:\n  api:\n    http:\n${lines.replace(/^/gm, '      ')}`;

describe('mistakes of the kind http', () => {
  tellMistakes({
    'a URL that is none': [
      'checks:\n  api:\n    http: api.example.com',
      '3:11: checks.api.http.url is not right; expected an http or https URL such as https://api.example.com/health',
    ],
    'a misspelt key': [
      http('uri: https://a.example'),
      '4:7: "uri" is not a key of checks.api.http; did you mean "url"?',
    ],
    'a missing key': [http('method: GET'), '4:7: checks.api.http.url is missing; expected text'],
    'a number for a text': [http('url: 5'), '4:12: checks.api.http.url is a number; expected text: put it in quotes'],
    'choices and numbers': [
      http('url: https://a.example\nprefer: ip5\nredirects: 21\nno_proxy: [""]'),
      '5:15: checks.api.http.prefer is "ip5"; did you mean "ip4"?',
      '6:18: checks.api.http.redirects is 21; expected at most 20',
      '7:18: checks.api.http.no_proxy.0 is ""; expected text that is not empty',
    ],
    'headers and queries': [
      http('url: https://a.example\nheaders:\n  x: [y]\nquery:\n  version: 1.10\n  empty:'),
      '6:12: checks.api.http.headers.x is a list; expected text, or a number, or true or false',
      '8:18: 1.10 is read as the number 1.1; expected that form, or a text in quotes',
      '9:9: checks.api.http.query.empty is empty; expected text, or a number, or true or false',
    ],
    'a reference where none may stand': [
      http(`url: https://a.example\nmethod: \${env:METHOD}`),
      `5:15: a reference cannot stand here; expected it in a header, a query value, a body, a URL, or a value under tokens; for the characters themselves write "$\${"`,
      `5:15: checks.api.http.method is "\${env:METHOD}"; expected a method in capitals, such as GET, HEAD or POST`,
    ],
    'a reference without a value': [
      http(`url: https://a.example\nheaders:\n  x-key: \${env:API_KEY}`),
      `6:16: "\${env:API_KEY}" is not set; expected a value`,
    ],
    'references that are none': [
      http(
        `url: https://a.example\nheaders:\n  a: \${KEY}\n  b: \${evn:KEY}\n  c: \${env:KEY\n  d: \${env:}\n  e: \${vault:a#b}`,
      ),
      `6:12: "\${KEY}" names no source; did you mean "\${env:KEY}"?`,
      `7:12: "\${evn:KEY}" is no reference; did you mean "\${env:KEY}"?`,
      `8:12: "\${env:KEY" is not closed; expected a "}", or "$\${" for the characters themselves`,
      `9:12: "\${env:}" is no reference; expected \${env:NAME}, \${file:PATH} or \${vault:MOUNT/PATH#KEY}, or "$\${" for the characters themselves`,
      `10:12: "\${vault:a#b}" names no secret of Vault; expected \${vault:MOUNT/PATH#KEY}`,
    ],
    'names of headers': [
      http('url: https://a.example\nheaders:\n  a b: x\n  Host: x\n  host: y\n  content-length: 5'),
      '6:14: checks.api.http.headers.a b is not right; expected the name of a header',
      '8:15: checks.api.http.headers.host: this header stands here twice',
      '9:25: checks.api.http.headers.content-length: this header is set by sonde itself',
    ],
  });
});
