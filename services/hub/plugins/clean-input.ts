import { Readable } from 'node:stream';
import { DipperError } from '@dipper/contract/errors';
import fp from 'fastify-plugin';

/** JSON that is nested deeper than any of our requests; recursion must not be the caller's to choose. */
const MAX_DEPTH = 32;

/**
 * Refuses text that the database cannot hold. PostgreSQL has no NUL in text (its manual, §8.3), JSON and URLs have, and
 * no schema of ours would notice.
 */
export const cleanInput = fp(
  async (app) => {
    app.addHook('preValidation', async ({ params, query, body }) => {
      // A picture on its way is no text, and goes nowhere as text.
      const text = body instanceof Readable ? undefined : body;
      for (const [part, value] of Object.entries({ params, query, body: text })) {
        if (hasNul(value, 0))
          throw new DipperError('REQUEST_INVALID', { message: `/${part}: contains a NUL character` });
      }
    });
  },
  { name: 'clean-input' },
);

function hasNul(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (value === null || typeof value !== 'object') return false;
  if (depth > MAX_DEPTH) throw new DipperError('REQUEST_INVALID', { message: 'nested too deep' });
  return Object.entries(value).some(([key, item]) => key.includes('\0') || hasNul(item, depth + 1));
}
