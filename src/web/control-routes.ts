import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { compact } from '../model/compact.ts';
import { Secret } from '../model/secret.ts';
import { TokenStoreError } from '../model/token.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import { loanJson } from './api.ts';
import { readJsonBody } from './json-body.ts';
import type { Call, Route } from './route.ts';
import type { HandedLogin, LoginDesk, Views } from './views.ts';

/** What commands of the same user ask, by the control socket alone: `POST /control/tokens/NAME/ACT`. */
export function controlRoutes(views: Views): readonly Route[] {
  return [{ method: 'POST', path: '/control/tokens/*', served: 'socket', answer: (call) => act(views, call) }];
}

/** What can be done to a token. */
type Act = (views: Views, token: string, request: IncomingMessage) => Promise<Answer>;

async function act(views: Views, { request, name }: Call): Promise<Answer> {
  const [token = '', verb = '', ...rest] = name.split('/');
  const chosen = rest.length === 0 ? acts.get(verb) : undefined;
  return chosen ? chosen(views, token, request) : jsonAnswer(404, { error: 'There is no such act.' });
}

const noSuchToken = jsonAnswer(404, { error: 'No token of that name is configured.' });
const anotherToken = jsonAnswer(412, { error: 'The token of that name is another one here.' });

/** What the command takes the token for: that of another environment has the same name. */
const identitySchema = z.object({ identity: z.string() });

const lend: Act = async (views, token, request) => {
  const asked = await readJsonBody(request, identitySchema);
  if ('refused' in asked) return asked.refused;
  const loan = await views.lendToken(token, asked.value.identity);
  if (loan === 'unknown') return noSuchToken;
  return loan === 'another' ? anotherToken : jsonAnswer(200, loanJson(loan));
};

/** An act of the login desk, which gets what the command has handed over and resolves with what is answered. */
function deskAct<Schema extends z.ZodType>(
  schema: Schema,
  perform: (desk: LoginDesk, handed: z.output<Schema>) => Promise<object>,
): Act {
  const whole = z.intersection(schema, identitySchema);
  return async (views, token, request) => {
    const desk = views.loginDesk(token);
    if (desk === 'unknown') return noSuchToken;
    if (desk === 'no login') return jsonAnswer(409, { error: 'The grant of that token takes no login.' });
    const handed = await readJsonBody(request, whole);
    if ('refused' in handed) return handed.refused;
    if (handed.value.identity !== desk.identity) return anotherToken;
    try {
      return jsonAnswer(200, await perform(desk, handed.value));
    } catch (error) {
      if (error instanceof TokenStoreError) return jsonAnswer(503, { error: error.message });
      throw error;
    }
  };
}

const secret = z.string().transform((text) => new Secret(text));
const codeSchema = z.object({ code: secret, about_to_be_sent: z.boolean() });
const loginSchema = z.object({
  access_token: secret,
  token_type: z.enum(['dpop', 'bearer']).optional(),
  expires_in_ms: z.number().nonnegative().optional(),
  scopes: z.array(z.string()).optional(),
  refresh_token: secret.optional(),
  dpop_key: secret.optional(),
  age_ms: z.number().nonnegative(),
  by: z.string(),
});

function handedLogin(handed: z.output<typeof loginSchema>): HandedLogin {
  return compact({
    accessToken: handed.access_token,
    tokenType: handed.token_type,
    expiresInMs: handed.expires_in_ms,
    scopes: handed.scopes,
    refreshToken: handed.refresh_token,
    dpopKey: handed.dpop_key,
    ageMs: handed.age_ms,
    by: handed.by,
  });
}

const acts: ReadonlyMap<string, Act> = new Map([
  ['loan', lend],
  ['prepare', deskAct(z.object({}), async (desk) => ({ done: await desk.prepare() }))],
  [
    'code',
    deskAct(codeSchema, async (desk, { code, about_to_be_sent }) => ({
      used: await desk.codeUsed(code, about_to_be_sent),
    })),
  ],
  ['login', deskAct(loginSchema, async (desk, handed) => ({ done: await desk.adopt(handedLogin(handed)) }))],
  ['logout', deskAct(z.object({ by: z.string() }), (desk, { by }) => desk.logout(by))],
]);
