import { DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS, type Page, type PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';

/** Position behind the last item of a page, in a list sorted by time and id, both descending. */
export interface TimeCursor {
  readonly at: Date;
  readonly id: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Before year 1 or after 9999 no item of ours lies; PostgreSQL's own range is wider. */
const MAX_TIME_MS = Date.parse('9999-12-31T23:59:59.999Z');

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new DipperError('CURSOR_INVALID');
  }
}

function encode(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Reads the cursor of a list that is sorted by time. @throws DipperError CURSOR_INVALID */
export function timeCursorOf(query: PageQuery): TimeCursor | undefined {
  if (query.cursor === undefined) return undefined;
  const position = decode(query.cursor);
  const [atMs, id] = Array.isArray(position) ? (position as unknown[]) : [];
  const isTime = typeof atMs === 'number' && Number.isInteger(atMs) && Math.abs(atMs) <= MAX_TIME_MS;
  if (!isTime || typeof id !== 'string' || !UUID.test(id)) throw new DipperError('CURSOR_INVALID');
  return { at: new Date(atMs), id };
}

/** Reads the cursor of a list that is sorted by id. @throws DipperError CURSOR_INVALID */
export function slugCursorOf(query: PageQuery): string | undefined {
  if (query.cursor === undefined) return undefined;
  const position = decode(query.cursor);
  if (typeof position !== 'string' || !SLUG.test(position)) throw new DipperError('CURSOR_INVALID');
  return position;
}

/** How many rows to ask for: one more than the page holds tells whether there is another page. */
export function rowLimitOf(query: PageQuery): number {
  return pageSizeOf(query) + 1;
}

function pageSizeOf(query: PageQuery): number {
  return Math.min(Math.max(query.limit ?? DEFAULT_PAGE_ITEMS, 1), MAX_PAGE_ITEMS);
}

/** Makes a page of the rows found; `positionOf` is what the next page starts behind. */
export function pageFrom<Row, Item>(
  query: PageQuery,
  rows: readonly Row[],
  itemFromRow: (row: Row) => Item,
  positionOf: (row: Row) => TimeCursor | string,
): Page<Item> {
  const size = pageSizeOf(query);
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  return {
    items: shown.map(itemFromRow),
    nextCursor: rows.length > size && last !== undefined ? encodePosition(positionOf(last)) : null,
  };
}

function encodePosition(position: TimeCursor | string): string {
  return encode(typeof position === 'string' ? position : [position.at.getTime(), position.id]);
}
