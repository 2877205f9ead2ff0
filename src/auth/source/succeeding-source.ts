import type { TokenDefinition } from '../../model/check.ts';
import { sameData } from '../../model/same-data.ts';
import type { TokenSource } from '../authorizer.ts';

/** What a token is: two definitions that agree in it stand for tokens that targets take alike. */
function tokenIdentity(definition: TokenDefinition): unknown {
  const { grant, issuer, endpoints, clientId, scopes, resources, audience, parameters, dpop, header, sendTo } =
    definition;
  const certificate = definition.presentCertificate && definition.clientCertificate?.certificate;
  const asked = { grant, issuer, token: endpoints.token, clientId, scopes, resources, audience, parameters };
  return { ...asked, dpop, certificate, header, sendTo };
}

/** The names under which two configurations have the same token, however it is fetched. */
export function namesOfSameTokens(before: readonly TokenDefinition[], after: readonly TokenDefinition[]): string[] {
  const known = new Map(before.map((definition) => [definition.name, tokenIdentity(definition)]));
  return after.filter((each) => sameData(known.get(each.name), tokenIdentity(each))).map(({ name }) => name);
}

/**
 * A source that takes the place of another one, which has been stopped, after a reload: the token that the other one
 * held goes on being sent while it lives, until this one has had its own. A new secret that is wrong then costs nothing
 * as long as the old token lasts. Where the two stand for different tokens, there is nothing to take over.
 */
export function createSucceedingSource(
  source: TokenSource,
  definition: TokenDefinition,
  before: { readonly definition: TokenDefinition; readonly source: TokenSource } | undefined,
): TokenSource {
  let predecessor = sameData(tokenIdentity(definition), before && tokenIdentity(before.definition))
    ? before?.source
    : undefined;
  /** The source whose token is sent now. */
  const holder = () => {
    if (source.current()) predecessor = undefined;
    return predecessor?.current() ? predecessor : source;
  };
  const { logout } = source;
  return {
    ...source,
    current: () => holder().current(),
    authorizer: () => holder().authorizer(),
    view: () => ({ ...holder().view(), ...lastRunOf(source) }),
    suspect: (generation) => holder().suspect(generation),
    ...(logout && {
      logout() {
        // Its token is of the family that ends now.
        predecessor = undefined;
        return logout();
      },
    }),
  };
}

/** How its own last run ended is what a source says of itself, whoever's token it sends. */
function lastRunOf(source: TokenSource) {
  const { lastRun } = source.view();
  return lastRun && { lastRun };
}
