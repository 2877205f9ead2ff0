import { z } from 'zod';
import { duration, scheduleFields, scope } from './fields.ts';
import { labelFault } from './labels.ts';

const labelName = z.string().superRefine((name, context) => {
  const message = labelFault(name);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** The keys that checks of all kinds share. */
export const checkSchema = z.strictObject({
  ...scheduleFields,
  timeout: duration('The time that a run may take; the wait for the budget is not counted.', '1ms').optional(),
  budget: z.string().describe('The budget that its requests are taken from.').default('default'),
  token: z.string().describe('The token that its requests carry.').optional(),
  needs_scopes: z.array(scope).describe('Scopes that its token must have been granted.').default([]),
  confirm: z.int().min(1).max(100).describe('How many failures in a row change the state of the check.').default(1),
  labels: z
    .record(labelName, z.union([z.string(), z.number(), z.boolean()]))
    .describe('Labels of its metrics. A label that other checks lack is empty there.')
    .default({}),
  trace: z.boolean().describe('Whether requests carry `traceparent` with the id of the run.').default(true),
  allow_http: z.boolean().describe('Lets a token or secret be sent over plain http.').default(false),
  assert: z.array(z.unknown()).describe('What is expected of the answer. Without it: a status of 2xx.').default([]),
});

export type CheckValues = z.infer<typeof checkSchema>;
