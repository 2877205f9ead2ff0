import type { TokenDefinition } from '../../model/check.ts';
import type { Place } from '../../model/place.ts';
import { formatPlace, type Report } from '../problem.ts';

/**
 * To be called with each token and the place of its first refresh token: one that two tokens have is reported with both
 * places. Each of the two sources would spend what the other one sends, and the issuer would end the family.
 */
export function createOwnerCheck(report: Report): (token: TokenDefinition, place: Place) => void {
  const owners = new Map<string, { readonly name: string; readonly place: Place }>();
  return ({ name, grant, refreshToken }, place) => {
    if (grant !== 'refresh_token' || !refreshToken) return;
    const owner = owners.get(refreshToken.reveal());
    if (!owner) owners.set(refreshToken.reveal(), { name, place });
    else
      report(
        place,
        `tokens.${name}.refresh_token is that of tokens.${owner.name} too (${formatPlace(owner.place)}); expected another one: a family of refresh tokens has one owner`,
      );
  };
}
