import { z } from 'zod';
import { Secret } from '../model/secret.ts';
import { parseStateKey, type StateEncryption, stateKeyExpectation } from '../model/state-encryption.ts';
import { checkTree } from './check-tree.ts';
import { fillTree } from './filled-tree.ts';
import type { SecretContext } from './plaintext.ts';
import { isEmpty, type MapTree } from './yaml/tree.ts';

const key = (description: string) =>
  z
    .string({ error: stateKeyExpectation })
    .refine((text) => parseStateKey(text) !== undefined, { error: stateKeyExpectation })
    .describe(description);

export const stateEncryptionSchema = z.strictObject({
  key: key('Encrypts what stands in state_dir: a reference to 32 bytes in base64 or hexadecimal.'),
  old_keys: z
    .array(key('An earlier key.'))
    .describe('Earlier keys, which what they encrypted is read with.')
    .default([]),
});

/** The keys of the state folder; undefined without the section, and where it is wrong, which has been reported. */
export function readStateEncryption(
  content: MapTree,
  { references, report }: SecretContext,
): StateEncryption | undefined {
  const label = 'state_encryption';
  const written = content.entries.get(label)?.tree;
  if (!written || isEmpty(written)) return undefined;
  const { tree, unknown, hidden } = fillTree(written, references, {
    isSecret: () => true,
    cannotWait: true,
  });
  const values = checkTree({ schema: stateEncryptionSchema, tree, label, report, hidden, unknown });
  if (!values || unknown.size > 0) return undefined;
  return { key: new Secret(values.key), oldKeys: values.old_keys.map((old) => new Secret(old)) };
}
