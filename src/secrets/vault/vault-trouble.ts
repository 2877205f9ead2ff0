import { compact } from '../../model/compact.ts';
import type { Failure } from '../../model/observation.ts';
import type { SecretTroubleReason } from '../../model/secret-standing.ts';
import type { SecretTrouble } from '../trouble.ts';
import type { VaultAnswer } from './vault-answer.ts';

/** Why no whole answer came. */
export function networkTrouble({ phase, code, message }: Failure, url: URL): SecretTrouble {
  const evidence = { url: url.href, network: code, phase };
  if (code === 'BODY_TOO_LARGE') {
    return {
      reason: 'bad_answer',
      problem: `the answer of Vault at ${url.host} is too large: ${message}`,
      action: 'store less in one place, or check that `vault.address` is Vault',
      evidence,
    };
  }
  if (phase === 'tls') {
    return {
      reason: 'tls',
      problem: `the certificate or handshake of Vault at ${url.host} is not accepted: ${message}`,
      action: 'check its certificate, and `vault.ca`',
      evidence,
    };
  }
  return {
    reason: 'unreachable',
    problem: `Vault at ${url.host} does not answer: ${message}`,
    action: 'check `vault.address`, the network to it, and whether it runs',
    evidence,
  };
}

/** What an answer above 299 means whatever was asked for; undefined for what depends on that. */
function generalTrouble({ status, errors }: VaultAnswer): Judgement | undefined {
  const said = errors.join(' ');
  if (status === 429)
    return [
      'rate_limited',
      'Vault is asked too often',
      'raise its rate limit quota, or read less often by `vault.every`',
    ];
  if (status === 412 || status === 472 || status === 473 || (status >= 300 && status < 400))
    return [
      'standby',
      'this node of Vault is a standby that does not serve it',
      'point `vault.address` at the active node',
    ];
  if (status === 501 || /not (?:yet )?initialized/i.test(said))
    return ['sealed', 'Vault is not initialised', 'initialise and unseal it'];
  if (status === 503 && /sealed/i.test(said)) return ['sealed', 'Vault is sealed', 'unseal it'];
  if (status >= 500) return ['failing', 'Vault fails', 'look at its logs, and at the proxies before it'];
  return undefined;
}

type Judgement = readonly [reason: SecretTroubleReason, problem: string, action: string];

/** An answer that is none of the good ones; `judge` says what its status means for this request. */
export function answerTrouble(
  answer: VaultAnswer,
  judge: (status: number) => Judgement | undefined,
  more: Readonly<Record<string, string>> = {},
): SecretTrouble {
  const { status, url, headers, errors } = answer;
  const [reason, problem, action] = generalTrouble(answer) ??
    judge(status) ?? [
      'bad_answer',
      'the answer is not what the API of Vault promises',
      'check that `vault.address` is Vault, and that no page or proxy stands before it',
    ];
  const retryAfter = /^\d{1,6}$/.exec(headers['retry-after'] ?? '')?.[0];
  return compact({
    reason,
    problem: `${problem} (${status}${errors.length > 0 ? `: ${errors.join('; ')}` : ''})`,
    action,
    evidence: { url, status, ...(errors.length > 0 && { errors }), ...more },
    retryAfterMs: retryAfter === undefined ? undefined : Number(retryAfter) * 1000,
  });
}
