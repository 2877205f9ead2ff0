/** One kind of probe whose cost is measured on every side that can make it. */
export interface CostCase {
  readonly what: string;
  readonly isTls: boolean;
  readonly path: '/small.json' | '/large.json';
  /** Lines under `http:` besides its address. */
  readonly http: readonly string[];
  /** Lines under `assert:`. */
  readonly assertions: readonly string[];
  /** What blackbox_exporter must find in the body; undefined where it cannot do the same. */
  readonly patterns: readonly string[] | undefined;
  /** Whether wrk is the floor of it. */
  readonly hasFloor: boolean;
  /** The most that the probe may cost of what it costs blackbox_exporter, and what it would be at best. */
  readonly aim?: { readonly atMost: number; readonly atBest: number };
}

/** A body of about 20 kB: a list of models, as an API behind OAuth answers it. */
export const largeBody = JSON.stringify({
  object: 'list',
  data: Array.from({ length: 150 }, (_, index) => ({
    id: `model-${index}`,
    display_name: `A model with the number ${index}`,
    created_at: '2026-01-01T00:00:00Z',
    owner: { name: 'an owner', limits: [1, 20, 300] },
  })),
});

export const smallBody = JSON.stringify({ ok: true, data: [{ id: 'model-0' }] });

const ofSmall = {
  path: '/small.json',
  http: [],
  assertions: ['- status: 200', '- json: $.data[0].id', '  matches: ^model-', '- latency:', '    below: 2s'],
  patterns: ['"id":"model-'],
  hasFloor: true,
} as const;

export const costCases: readonly CostCase[] = [
  { ...ofSmall, what: 'HTTP, a new connection', isTls: false, aim: { atMost: 0.5, atBest: 0.4 } },
  { ...ofSmall, what: 'HTTPS, a new connection and a full handshake', isTls: true, aim: { atMost: 1, atBest: 0.9 } },
  {
    what: 'HTTP, a new connection, three assertions on 20 kB of JSON',
    isTls: false,
    path: '/large.json',
    http: [],
    assertions: [
      '- json: $.data[149].id',
      '  equals: model-149',
      '- json: $.data[75].owner.limits[2]',
      '  above: 299',
      '- body:',
      '    contains: A model with the number 100',
    ],
    patterns: ['"id":"model-149"', '"limits":\\[1,20,300\\]', 'A model with the number 100'],
    hasFloor: false,
  },
  {
    ...ofSmall,
    what: 'HTTP, connections kept (reuse_connections)',
    isTls: false,
    http: ['reuse_connections: true'],
    patterns: undefined,
    hasFloor: false,
  },
  {
    ...ofSmall,
    what: 'HTTPS, connections kept (reuse_connections)',
    isTls: true,
    http: ['reuse_connections: true'],
    patterns: undefined,
    hasFloor: false,
  },
];
