import { describe, expect, it } from 'vitest';
import { pageByOrdinal } from '../../../../../../services/hub/domains/account/ordinal-page.ts';

const rows = Array.from({ length: 7 }, (_, index) => ({ ordinal: String(7 - index), name: `row ${7 - index}` }));
const read = async (behind: string | undefined, limit: number) =>
  rows.filter(({ ordinal }) => behind === undefined || BigInt(ordinal) < BigInt(behind)).slice(0, limit);
const page = (query: { cursor?: string; limit?: number }) =>
  pageByOrdinal(
    query,
    read,
    ({ ordinal }) => ordinal,
    ({ name }) => name,
  );

describe('paging by ordinal', () => {
  it('gives every row once, and no cursor at the end', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await page({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...items);
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(rows.map(({ name }) => name));
    expect((await page({ limit: 7 })).nextCursor).toBeNull();
  });

  it.each(['', 'x', Buffer.from('o').toString('base64url'), Buffer.from('o-1').toString('base64url')])(
    'refuses the cursor %j, which it never gave out',
    async (cursor) => {
      await expect(page({ cursor })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    },
  );

  it('refuses an ordinal that no bigint holds', async () => {
    const cursor = Buffer.from('o9223372036854775808').toString('base64url');
    await expect(page({ cursor })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });
});
