import { DEFAULT_PAGE_ITEMS, type PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';

/** bigint of PostgreSQL. */
const MAX_ORDINAL = 2n ** 63n - 1n;

/**
 * One page of rows that are numbered in the order in which they were made.
 *
 * @param read newest first, behind an ordinal
 * @throws DipperError CURSOR_INVALID
 */
export async function pageByOrdinal<Row, Item>(
  query: PageQuery,
  read: (behind: string | undefined, limit: number) => Promise<Row[]>,
  ordinalOf: (row: Row) => string,
  itemOf: (row: Row) => Item,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const limit = query.limit ?? DEFAULT_PAGE_ITEMS;
  const rows = await read(query.cursor === undefined ? undefined : decode(query.cursor), limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(itemOf),
    nextCursor: rows.length > limit && last !== undefined ? encode(ordinalOf(last)) : null,
  };
}

function encode(ordinal: string): string {
  return Buffer.from(`o${ordinal}`).toString('base64url');
}

function decode(cursor: string): string {
  const ordinal = Buffer.from(cursor, 'base64url')
    .toString('latin1')
    .match(/^o(\d{1,19})$/)?.[1];
  if (ordinal === undefined || BigInt(ordinal) > MAX_ORDINAL) throw new DipperError('CURSOR_INVALID');
  return ordinal;
}
