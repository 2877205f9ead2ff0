import { readPastedAnswer } from '../../auth/login/login-answer.ts';
import { beginCodeLogin, type CodeLogin } from '../../auth/login/login-by-code.ts';
import type { LoginEnd } from '../../auth/login/login-end.ts';
import { loopbackRedirect } from '../../auth/login/login-redirect-uri.ts';
import { compact } from '../../model/compact.ts';
import { listenForRedirect } from '../../web/login-redirect.ts';
import { exitCode } from '../exit-code.ts';
import { Refused } from '../refused.ts';
import { awaitPerson, type LoginAttempt } from './login-attempt.ts';
import { readPastedLines } from './pasted-lines.ts';

/** By a browser on this host, which brings the answer to a listener on loopback (RFC 8252 section 7.3). */
export async function loginByBrowser(attempt: LoginAttempt): Promise<LoginEnd> {
  const { person, system, definition, run } = attempt;
  const redirect = loopbackRedirect(definition.login.redirectUri);
  if (!redirect)
    throw new Refused(
      `The browser is sent to ${definition.login.redirectUri}, where sonde cannot listen: use --paste, or set \`redirect_uri:\` to a loopback address such as http://127.0.0.1/callback.`,
      exitCode.wrongInput,
    );
  const listener = await listenForRedirect(redirect);
  try {
    const begun = await begin(attempt, redirect.at(listener.port));
    if (!('address' in begun)) return begun;
    const answer = listener.answer(begun.isOwn, () => person.output.err(refusedAnswer));
    sayAddress(person.output.out, begun.address);
    const opened = await person.openBrowser(begun.address);
    person.output.out(opened ? 'A browser on this host was told to open it.\n' : noBrowser);
    person.output.out('Waiting for the answer, for ten minutes at most. Ctrl-C ends the login.\n');
    const came = await awaitPerson(system.clock, run.stopping, answer);
    return typeof came === 'string' ? { kind: came } : await finish(attempt, begun, came);
  } finally {
    listener.close();
  }
}

/** By a browser on any host; the person brings the answer back. */
export async function loginByPaste(attempt: LoginAttempt): Promise<LoginEnd> {
  const { person, system, definition, run } = attempt;
  const configured = definition.login.redirectUri;
  const anyPort = firstAnyPort + Math.floor(system.random.unit() * (65_536 - firstAnyPort));
  const begun = await begin(attempt, loopbackRedirect(configured)?.at(anyPort) ?? String(configured));
  if (!('address' in begun)) return begun;
  // From now on a terminal shows nothing of what is pasted.
  const pasted = pastedAnswer(attempt, begun);
  sayAddress(person.output.out, begun.address);
  person.output.out(howToPaste);
  const came = await awaitPerson(system.clock, run.stopping, pasted);
  if (typeof came === 'string') return { kind: came };
  return came instanceof URLSearchParams ? finish(attempt, begun, came) : came;
}

/** Ports that no service has of its own (RFC 6335 section 6): nobody listens where the browser is sent. */
const firstAnyPort = 49_152;

async function begin(attempt: LoginAttempt, redirectUri: string): Promise<CodeLogin | LoginEnd> {
  const { system, issuer, codes, mask, run, definition } = attempt;
  const options = compact({ redirectUri, issuer: definition.issuer });
  const begun = await beginCodeLogin({ issuer, codes, mask, random: system.random }, options, run);
  return 'address' in begun ? begun : { kind: 'refused', observation: begun.observation };
}

/** A code is good once: what its exchange brings is kept, also when the person ends the login now. */
async function finish(
  { run: { stopping }, person }: LoginAttempt,
  begun: CodeLogin,
  parameters: URLSearchParams,
): Promise<LoginEnd> {
  const sayAwaited = () => person.output.err(stillAwaited);
  stopping.addEventListener('abort', sayAwaited);
  try {
    return await begun.finish(parameters);
  } finally {
    stopping.removeEventListener('abort', sayAwaited);
  }
}

const stillAwaited = 'The issuer has been asked for the tokens: they are kept first. Ctrl-C again ends at once.\n';

function sayAddress(out: (text: string) => void, address: URL): void {
  out(`Open this address in a browser, and consent there:\n\n  ${address.href}\n\n`);
}

const refusedAnswer =
  'Something came that is no answer to this login, and was refused; the wait goes on. Open the address above.\n';

const noBrowser = 'There is no browser on this host that could be opened. Elsewhere, --paste or --device go on.\n';

const howToPaste = `When you have consented, the browser is sent to an address that it cannot open, or that shows something else:
that is right. Copy that whole address, paste it here and press Enter. It holds a code, so it is not shown.
`;

const noPaste =
  'The input has ended before an answer of the issuer was pasted: through `kubectl exec` or `docker exec` it needs -i.';

/** What belongs to another login ends this one only when its code was sent before: the person believes that it is new. */
async function pastedAnswer({ person, stop }: LoginAttempt, begun: CodeLogin): Promise<URLSearchParams | LoginEnd> {
  let end: LoginEnd = { kind: 'foreign', problem: noPaste };
  for await (const line of readPastedLines(person.input, stop)) {
    const parameters = readPastedAnswer(line);
    if (!parameters) {
      person.output.out('That holds no answer of an issuer; expected an address with `code=` and `state=` in it.\n');
      continue;
    }
    if (begun.isOwn(parameters)) return parameters;
    end = await begun.finish(parameters);
    if (end.kind !== 'foreign') return end;
    person.output.out(`${end.problem} Paste that one.\n`);
  }
  return end;
}
