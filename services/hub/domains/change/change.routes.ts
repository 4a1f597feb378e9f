import { setTimeout as delay } from 'node:timers/promises';
import { ChangeList } from '@dipper/contract/api/change';
import { type ChangeItem, FEED_KINDS, type FeedKind } from '@dipper/contract/api/feed';
import { MAX_PAGE_ITEMS } from '@dipper/contract/api/page';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import type { Principal } from '../../plugins/principal.ts';
import { EVERYBODY } from '../../plugins/roles.ts';
import type { Change, ChangeReader } from '../../services.ts';
import { type FeedSources, partsOf } from '../feed/feed-stream.ts';

/** Shorter than proxies cut a silent request off. */
const MAX_WAIT_SEC = 25;
const DEFAULT_ITEMS = 100;

export interface ChangeRoutesOptions {
  readonly services: FeedSources & { readonly changes: ChangeReader };
  readonly signal: AbortSignal;
}

const Query = Type.Object(
  {
    after: Type.Optional(Type.String({ maxLength: 256 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE_ITEMS, default: DEFAULT_ITEMS })),
    kind: Type.Optional(Type.Enum(FEED_KINDS)),
    waitSec: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_WAIT_SEC, default: 0 })),
  },
  { additionalProperties: false },
);

export const changeRoutes: FastifyPluginAsyncTypebox<ChangeRoutesOptions> = async (app, { services, signal }) => {
  const { changes } = services;
  app.get(
    '/changes',
    {
      config: { access: { roles: EVERYBODY, located: true }, audit: { action: 'change.list' } },
      schema: {
        summary: 'What changed behind a cursor, oldest first',
        description:
          'For programs that keep up without a WebSocket: pass `nextCursor` back as `after`, also where `items` is empty; without `after` only the cursor of now is answered. `waitSec` lets the request wait for something to tell. `value` is what `GET` of the thing answers. A cursor older than three days is CURSOR_INVALID: read the lists anew and start without one.',
        tags: ['changes'],
        querystring: Query,
        response: { 200: ChangeList },
      },
    },
    async (request, reply) => {
      const { after, limit = DEFAULT_ITEMS, kind, waitSec = 0 } = request.query;
      reply.header('cache-control', 'no-store');
      if (after === undefined) return { items: [], nextCursor: await changes.head(), hasMore: false };
      const principal = principalOf(request);
      const endMs = performance.now() + waitSec * 1000;
      const gone = new AbortController();
      request.raw.once('close', () => gone.abort());
      const either = AbortSignal.any([signal, gone.signal]);
      let cursor = after;
      for (;;) {
        const wake = Promise.withResolvers<void>();
        const stopListening = changes.onChange(() => wake.resolve());
        try {
          const batch = await changes.read(cursor, limit);
          const { items, readTo, isWhole } = await itemsOf(batch, cursor, limit, kind, services, principal);
          cursor = readTo;
          const leftMs = endMs - performance.now();
          const hasMore = !isWhole || batch.length === limit;
          if (items.length > 0 || hasMore || leftMs <= 0 || either.aborted)
            return { items, nextCursor: cursor, hasMore };
          await Promise.race([wake.promise, delay(leftMs, undefined, { signal: either }).catch(() => undefined)]);
        } finally {
          stopListening();
        }
      }
    },
  );
};

/** What of a batch the account may see, up to about a number of items: a change may stand for a run of events. */
async function itemsOf(
  batch: readonly Change[],
  after: string,
  limit: number,
  kind: FeedKind | undefined,
  services: FeedSources,
  principal: Principal,
): Promise<{ items: ChangeItem[]; readTo: string; isWhole: boolean }> {
  const items: ChangeItem[] = [];
  let readTo = after;
  for (const [index, part] of (await partsOf(batch, after, services, principal)).entries()) {
    const change = batch[index];
    if (change === undefined) break;
    if (kind === undefined || change.kind === kind) {
      for (const message of await part())
        if (message.kind !== 'hello') items.push({ ...message, cursor: change.cursor });
    }
    readTo = change.cursor;
    if (items.length >= limit && index < batch.length - 1) return { items, readTo, isWhole: false };
  }
  return { items, readTo, isWhole: true };
}
