import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { compact } from '../model/compact.ts';
import { Secret } from '../model/secret.ts';
import { TokenStoreError } from '../model/token.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import { loanJson } from './api.ts';
import { readJsonBody } from './json-body.ts';
import type { Call, Route } from './route.ts';
import type { LoginDesk, Views } from './views.ts';

/** What commands of the same user ask, by the control socket alone. */
export function controlRoutes(views: Views): readonly Route[] {
  return [
    { method: 'GET', path: '/control/tokens/*', served: 'socket', answer: ({ name }) => lend(views, name) },
    { method: 'POST', path: '/control/tokens/*', served: 'socket', answer: (call) => act(views, call) },
  ];
}

async function lend(views: Views, token: string): Promise<Answer> {
  const loan = await views.lendToken(token);
  return loan ? jsonAnswer(200, loanJson(loan)) : jsonAnswer(404, { error: noSuchToken });
}

const noSuchToken = 'No token of that name is configured.';

/** What can be done to a token: `/control/tokens/NAME/ACT`. */
type Act = (desk: LoginDesk, request: IncomingMessage) => Promise<Answer>;

const acts: ReadonlyMap<string, Act> = new Map([
  ['prepare', prepare],
  ['code', code],
  ['login', login],
  ['logout', logout],
]);

async function act(views: Views, { request, name }: Call): Promise<Answer> {
  const [token = '', verb = '', ...rest] = name.split('/');
  const chosen = rest.length === 0 ? acts.get(verb) : undefined;
  if (!chosen) return jsonAnswer(404, { error: 'There is no such act.' });
  const desk = views.loginDesk(token);
  if (desk === 'unknown') return jsonAnswer(404, { error: noSuchToken });
  if (desk === 'no login') return jsonAnswer(409, { error: 'The grant of that token takes no login.' });
  try {
    return await chosen(desk, request);
  } catch (error) {
    if (error instanceof TokenStoreError) return jsonAnswer(503, { error: error.message });
    throw error;
  }
}

async function prepare(desk: LoginDesk): Promise<Answer> {
  await desk.prepare();
  return jsonAnswer(200, { identity: desk.identity });
}

const secret = z.string().transform((text) => new Secret(text));

const codeSchema = z.object({ code: secret, about_to_be_sent: z.boolean() });

async function code(desk: LoginDesk, request: IncomingMessage): Promise<Answer> {
  const asked = await readJsonBody(request, codeSchema);
  if ('refused' in asked) return asked.refused;
  return jsonAnswer(200, { used: await desk.codeUsed(asked.value.code, asked.value.about_to_be_sent) });
}

const loginSchema = z.object({
  access_token: secret,
  expires_in_ms: z.number().nonnegative().optional(),
  scopes: z.array(z.string()).optional(),
  refresh_token: secret.optional(),
  dpop_key: secret.optional(),
  age_ms: z.number().nonnegative(),
  by: z.string(),
});

async function login(desk: LoginDesk, request: IncomingMessage): Promise<Answer> {
  const handed = await readJsonBody(request, loginSchema);
  if ('refused' in handed) return handed.refused;
  const { access_token, expires_in_ms, scopes, refresh_token, dpop_key, age_ms, by } = handed.value;
  await desk.adopt(
    compact({
      accessToken: access_token,
      expiresInMs: expires_in_ms,
      scopes,
      refreshToken: refresh_token,
      dpopKey: dpop_key,
      ageMs: age_ms,
      by,
    }),
  );
  return jsonAnswer(200, {});
}

async function logout(desk: LoginDesk, request: IncomingMessage): Promise<Answer> {
  const asked = await readJsonBody(request, z.object({ by: z.string() }));
  if ('refused' in asked) return asked.refused;
  return jsonAnswer(200, await desk.logout(asked.value.by));
}
