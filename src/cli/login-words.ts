import type { LoginTokens } from '../auth/authorizer.ts';
import type { LoginEnd } from '../auth/login-end.ts';
import { missingScopes } from '../auth/missing-scopes.ts';
import { diagnoseTokenRun } from '../diagnosis/diagnose-token-run.ts';
import { type Cause, causeOf, guidanceOf } from '../model/cause.ts';
import type { TokenDefinition } from '../model/check.ts';
import { printable } from '../model/printable.ts';
import { durationWords } from '../web/duration-words.ts';
import { type ExitCode, exitCode } from './exit-code.ts';

/** What a login brought, for a person; `keeper` has the tokens now, `nowMs` is monotonic. */
export function grantedWords(definition: TokenDefinition, tokens: LoginTokens, keeper: string, nowMs: number): string {
  const { scopes, expiresInMs, refreshToken, sentAt } = tokens;
  const rows = [
    ['scopes', scopes === undefined ? 'the issuer does not say' : scopes.map(printable).join(', ') || 'none'],
    [
      'expires in',
      expiresInMs === undefined ? 'the issuer does not say' : durationWords(sentAt.monotonicMs + expiresInMs - nowMs),
    ],
    ['refresh token', refreshToken ? 'yes' : 'no'],
    ['kept by', keeper],
  ] as const;
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `Logged in to ${definition.name}.\n`,
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...warnings(definition, tokens).map((warning) => `\n${warning}`),
    '',
  ].join('\n');
}

function warnings(definition: TokenDefinition, { scopes, refreshToken }: LoginTokens): string[] {
  const missing = missingScopes(definition, scopes);
  const names = [...new Set([...(missing?.asked ?? []), ...Object.values(missing?.byCheck ?? {}).flat()])];
  return [
    ...(refreshToken
      ? []
      : [
          'Without a refresh token the access ends with this access token. Many issuers give one when `scopes:` asks for offline_access.',
        ]),
    ...(names.length > 0
      ? [
          `Not granted: ${names.join(', ')}. The token is kept and sent all the same; allow the scope at the issuer and log in again.`,
        ]
      : []),
  ];
}

/** How a command ends that has brought no tokens. */
export interface FailureWords {
  readonly text: string;
  readonly exit: ExitCode;
}

/** Why a login brought nothing, for a person. */
export function failureWords(
  token: string,
  end: Exclude<LoginEnd, { kind: 'granted' }>,
  mask: (text: string) => string,
): FailureWords {
  const failed = (why: string): FailureWords => ({
    text: `The login to ${token} ${why}\n`,
    exit: exitCode.checkFailed,
  });
  if (end.kind === 'stopped') return failed('was ended. Nothing has changed.');
  if (end.kind === 'late') return failed('took too long: nobody has consented in time. Begin anew.');
  if (end.kind === 'foreign') return failed(`was refused by sonde. ${end.problem} Nothing was sent.`);
  const cause = causeOf(diagnoseTokenRun(end.observation, { token }));
  return cause ? causeWords(`The login to ${token} failed`, cause, mask) : failed('brought no tokens.');
}

/** A cause in three lines: what it is, this very case, and what to do. */
export function causeWords(what: string, cause: Cause, mask: (text: string) => string): FailureWords {
  const { sentence, action, blame } = guidanceOf(cause);
  const detail = printable(mask(cause.detail));
  const text = `${what}: ${cause.code} (${blame})\n  ${sentence}\n  ${detail}\n  What to do: ${action}\n`;
  return { text, exit: blame === 'self' && cause.code !== 'code_reused' ? exitCode.ownFailure : exitCode.checkFailed };
}
