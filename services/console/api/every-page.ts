import { MAX_PAGE_ITEMS, type Page } from '@dipper/contract/api/page';
import type { HubClient } from './hub-client.ts';

/** A list that the page keeps whole: what a duty desk or an estate can have, not a history. */
const MAX_PAGES = 10;

/** Reads a list to its end, `MAX_PAGES` pages at the most. @throws HubError */
export async function listEverything<T>(client: HubClient, path: string, signal: AbortSignal): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const separator = path.includes('?') ? '&' : '?';
    const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer: Page<T> = await client.get(`${path}${separator}limit=${MAX_PAGE_ITEMS}${from}`, signal);
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return items;
}
