/**
 * Whether a status alone says that the issuer is failing or is asked too much. What else such an answer says is no
 * verdict: gateways and overrun issuers put any error code there.
 */
export function isFailing(status: number): boolean {
  return status >= 500 || status === 429;
}
