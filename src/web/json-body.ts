import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { type Answer, jsonAnswer } from './answer.ts';

/** The largest tokens are JWTs of some ten kilobytes. */
const longestBodyBytes = 128 * 1024;

/** The JSON body of a request, by its schema, or the answer that refuses it; never says what was in it. */
export async function readJsonBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<{ readonly value: z.output<Schema> } | { readonly refused: Answer }> {
  const text = await readText(request);
  if (text === undefined) return { refused: jsonAnswer(413, { error: 'The body is too long.' }) };
  const read = schema.safeParse(parse(text));
  if (read.success) return { value: read.data };
  const where = read.error.issues[0]?.path.join('.') || 'its start';
  return { refused: jsonAnswer(400, { error: `The body is not what is expected here, at ${where}.` }) };
}

/** Undefined when it is longer than it may be; the rest is then not read. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Destroyed, it would take the connection with it, and the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > longestBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
