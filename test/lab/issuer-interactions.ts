import type Provider from 'oidc-provider';
import type { Grant, Interaction, InteractionResults, KoaContextWithOIDC } from 'oidc-provider';

/** What the person at the browser says when asked for consent. */
export type ConsentAnswer = 'grant' | 'deny' | 'fewer';

/** Who is logged in by every browser that comes. */
export const labAccount = 'lab-person';

const denial = { error: 'access_denied', error_description: 'The person said no.' };

interface ConsentDetails {
  readonly missingOIDCScope?: readonly string[];
  readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>;
}

/** Gives all that is asked for, or of each resource's scopes the first alone. */
function decide(grant: Grant, details: ConsentDetails, answer: ConsentAnswer): void {
  if (details.missingOIDCScope) grant.addOIDCScope(details.missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(details.missingResourceScopes ?? {})) {
    const given = answer === 'fewer' ? scopes.slice(0, 1) : scopes;
    grant.addResourceScope(resource, given.join(' '));
    grant.rejectResourceScope(resource, scopes.slice(given.length).join(' '));
  }
}

/**
 * Answers what a person would be asked by redirects alone, so that a browser, or `curl -L` with cookies, gets through by
 * opening the address. `answerOf` says how, for one request.
 */
export function createInteractions(
  provider: Provider,
  answerOf: (url: URL) => ConsentAnswer,
): (context: KoaContextWithOIDC) => Promise<void> {
  async function consentTo({ params, grantId, prompt }: Interaction, answer: ConsentAnswer): Promise<string> {
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant = known ?? new provider.Grant({ accountId: labAccount, clientId: String(params.client_id) });
    decide(grant, prompt.details, answer);
    return grant.save();
  }

  async function resultOf(interaction: Interaction, answer: ConsentAnswer): Promise<InteractionResults> {
    if (interaction.prompt.name === 'login') return { login: { accountId: labAccount } };
    if (answer === 'deny') return denial;
    return { consent: { grantId: await consentTo(interaction, answer) } };
  }

  return async (context) => {
    const { req, res, URL: url } = context;
    const result = await resultOf(await provider.interactionDetails(req, res), answerOf(url));
    context.redirect(await provider.interactionResult(req, res, result));
    context.status = 303;
  };
}
