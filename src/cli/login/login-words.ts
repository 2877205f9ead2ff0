import type { LoginTokens } from '../../auth/authorizer.ts';
import type { LoginEnd } from '../../auth/login/login-end.ts';
import { missingScopes } from '../../auth/source/missing-scopes.ts';
import { type Cause, guidanceOf } from '../../model/cause.ts';
import type { TokenDefinition } from '../../model/check.ts';
import { printable } from '../../model/printable.ts';
import { durationWords } from '../../web/duration-words.ts';

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

/** What the issuer has granted and nobody could keep; why follows. */
export function lostWords(token: string): string {
  return `The issuer has granted the login to ${token}, and its tokens could not be handed over: they are lost. Log in again when this is mended:\n`;
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

/** How a login ended that has brought no tokens; `refused` with the cause that the diagnosis found. */
export type FailedLogin =
  | Exclude<LoginEnd, { kind: 'granted' } | { kind: 'refused' }>
  | { readonly kind: 'refused'; readonly cause: Cause };

/** Why a login brought nothing: what has happened, this very case, and what to do. */
export function failureWords(token: string, end: FailedLogin): string {
  const because = (why: string) => `The login to ${token} ${why}\n`;
  switch (end.kind) {
    case 'stopped':
      return because('was ended. Nothing has changed.');
    case 'late':
      return because('took too long: nobody has consented in time. Begin anew.');
    case 'foreign':
      return because(`was refused by sonde. ${end.problem} Nothing was sent.`);
    case 'refused': {
      const { sentence, action, blame } = guidanceOf(end.cause);
      const heading = because(`failed: ${end.cause.code} (${blame})`);
      return `${heading}  ${sentence}\n  ${printable(end.cause.detail)}\n  What to do: ${action}\n`;
    }
  }
}
