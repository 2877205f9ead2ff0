/** `clientSecret` and `Client-Secret` are both `client-secret`. */
function dashed(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-|-$/g, '');
}

const secretWord =
  /(?:secret|password|passphrase|passcode|apikey|accesskey|(?:^|-)(?:passwd|pwd|credentials?|authorization|jwt|assertion))$/;

/** Many keys are no secrets: `idempotency-key`, `public-key`, `key` alone. */
const secretKey =
  /(?:^|-)(?:api|access|account|admin|app|application|auth|encryption|functions|license|master|private|secret|service|shared|signing|storage|subscription)-key$/;

const token = /token$/;
/** Places in a list, marks of a language model, and what guards a form: no token of these opens anything. */
const openToken =
  /(?:^|-)(?:page|next|continuation|cursor|start|end|bos|eos|pad|sep|unk|mask|stop|csrf|xsrf|atlassian)-?token$/;

/** What signs an address, and so opens it. */
const signature = /^(?:sig|x-amz-signature|x-goog-signature|x-auth)$/;

/** Whether a header, parameter or member of this name carries a credential. Tells by the end of the name. */
export function namesCredential(name: string): boolean {
  const plain = dashed(name);
  if (token.test(plain)) return !openToken.test(plain);
  return secretWord.test(plain) || secretKey.test(plain) || signature.test(plain);
}

/** Whether a cookie of this name is a credential: most cookies are settings. */
export function namesSession(cookie: string): boolean {
  return namesCredential(cookie) || /auth|jwt|login|sess|sid$|token/.test(dashed(cookie));
}
