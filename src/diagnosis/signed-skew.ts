import type { Evidence } from '../model/cause.ts';
import type { SignedClaims } from '../model/token.ts';
import { evidenceOf } from './evidence.ts';
import type { SigningClock, Stamped } from './signing-clock.ts';
import { dateText } from './token-clock.ts';

/** The answer that refused something which we had signed. */
export interface Refuser {
  /** `the issuer` or `the target`. */
  readonly party: string;
  /** Its `Date`, in milliseconds since 1970. */
  readonly dateMs: number | undefined;
  /** How long the run had taken: the answer may be so much younger than the signature. */
  readonly tookMs: number;
}

const words: Readonly<Record<SignedClaims['kind'], string>> = {
  client_assertion: 'client assertion',
  assertion: 'assertion',
  dpop_proof: 'DPoP proof',
};

/** Claims and `Date` are whole seconds. */
const wholeSecondMs = 1000;

/**
 * How the clock that we signed by is off, as a clause; undefined where nothing shows it. Either this host is further from
 * true time than the tolerance, even after allowing for the uncertainty, or the refuser's own `Date` contradicts what we
 * signed by more than that: then the clock of the refuser may be the one that is wrong.
 */
export function signedSkew({ claims, clock }: Stamped, refuser: Refuser): string | undefined {
  return ownSkew(clock) ?? apartFrom(refuser, claims, clock.toleranceMs);
}

function ownSkew({ skew, toleranceMs, isCorrected }: SigningClock): string | undefined {
  // What is stamped in true time is not refused for the clock of this host.
  if (!skew || isCorrected || Math.abs(skew.skewMs) - skew.uncertaintyMs <= toleranceMs) return undefined;
  const side = skew.skewMs > 0 ? 'ahead of' : 'behind';
  return `this host's clock, which stamps what sonde signs, is ${seconds(Math.abs(skew.skewMs))} s ${side} true time`;
}

function apartFrom({ party, dateMs, tookMs }: Refuser, claims: SignedClaims, toleranceMs: number): string | undefined {
  if (dateMs === undefined || claims.iat === undefined) return undefined;
  const aheadMs = claims.iat * 1000 - dateMs;
  const isAhead = aheadMs - wholeSecondMs > toleranceMs;
  if (!isAhead && -aheadMs - wholeSecondMs - tookMs <= toleranceMs) return undefined;
  const side = isAhead ? 'ahead of' : 'behind';
  return `the ${words[claims.kind]} was stamped ${seconds(Math.abs(aheadMs))} s ${side} the clock of ${party}`;
}

/** What is known of the clocks when something that we signed was refused. */
export function stampEvidence({ claims, clock }: Stamped, { party, dateMs }: Refuser): Evidence {
  const { skew, toleranceMs, isCorrected } = clock;
  return evidenceOf({
    signed: words[claims.kind],
    signed_iat: claims.iat === undefined ? undefined : dateText(claims.iat),
    signed_exp: claims.exp === undefined ? undefined : dateText(claims.exp),
    [party === 'the issuer' ? 'issuer_date' : 'target_date']:
      dateMs === undefined ? undefined : new Date(dateMs).toISOString(),
    skew_seconds: skew && seconds(skew.skewMs),
    uncertainty_seconds: skew && seconds(skew.uncertaintyMs),
    tolerance_seconds: seconds(toleranceMs),
    stamps_corrected: isCorrected,
  });
}

function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(3));
}
