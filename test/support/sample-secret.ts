import type { SecretStanding } from '../../src/model/secret-standing.ts';

const reference = `\${vault:secret/claude#client_secret}`;

/** A secret that Vault does not give now. */
export const sampleSecret: SecretStanding = {
  reference,
  users: ['tokens.claude'],
  state: 'stale',
  readAtMs: Date.UTC(2026, 0, 1),
  cause: {
    code: 'secret_unavailable',
    detail: `${reference} cannot be had: Vault is sealed (503); unseal it`,
    evidence: { reference, reason: 'sealed', status: 503 },
  },
  failures: { sealed: 3 },
};
