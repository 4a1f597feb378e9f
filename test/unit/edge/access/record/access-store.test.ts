import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccessStore, openAccessStoreOrNone } from '@dipper/edge/access/record/access-store';
import { openStoreFile } from '@dipper/edge/access/record/store-file';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uuidOf } from '../../../../support/access-policy.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dipper-store-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const onError = (message: string): never => {
  throw new Error(message);
};

const DAY_MS = 86_400_000;

test('what was written is there after the next start', () => {
  const path = join(folder, 'memory.sqlite');
  const before = openStoreFile(path, Date.now());
  expect(before.restored).toEqual({
    ...{ uses: [], whereabouts: [], policy: undefined, floorMs: undefined, movedCorruptTo: undefined },
  });
  const write = (...args: Parameters<typeof before.write>) => before.write(...args);
  write(
    {
      whereabouts: [
        [uuidOf(1), { area: 'lanting', sinceMs: 5.5 }],
        [uuidOf(2), { area: null, sinceMs: 6 }],
      ],
    },
    false,
  );
  write({ whereabouts: [[uuidOf(3), { area: 'lanting', sinceMs: 1 }]], floorMs: 7.9 }, false);
  write({ whereabouts: [[uuidOf(2), undefined]], forgotten: { area: 'lanting', untilMs: 5 } }, false);
  write({ uses: [[uuidOf(9), 1]], policy: { version: 3, sha256: 'ab' } }, true);
  before.close();

  const after = openStoreFile(path, Date.now() + 300 * DAY_MS);
  expect(after.restored).toEqual({
    ...{ uses: [[uuidOf(9), 1]], whereabouts: [[uuidOf(1), { area: 'lanting', sinceMs: 5.5 }]] },
    ...{ policy: { version: 3, sha256: 'ab' }, floorMs: 7, movedCorruptTo: undefined },
  });
  after.close();
  const muchLater = openStoreFile(path, Date.now() + 500 * DAY_MS);
  expect(muchLater.restored.uses).toEqual([]);
  muchLater.close();
});

test('a damaged file is moved aside', async () => {
  const path = join(folder, 'damaged.sqlite');
  await writeFile(path, 'this was a database once, and then something happened to it'.repeat(50));
  const file = openStoreFile(path, 1_000);
  expect(file.restored.movedCorruptTo).toBe(`${path}.corrupt-1000`);
  file.write({ uses: [[uuidOf(9), 1]] }, true);
  file.close();
  expect(await readdir(folder)).toContain('damaged.sqlite.corrupt-1000');
});

test('a thread of its own writes, and what it has written was written in order', async () => {
  const path = join(folder, 'thread.sqlite');
  const store = await openAccessStore({ path, onError });
  for (let uses = 1; uses <= 20; uses += 1) store.note({ uses: [[uuidOf(9), uses]] });
  await store.flush({ floorMs: 5 });
  await store.close();
  await expect(store.flush({ floorMs: 6 })).rejects.toThrow();
  const file = openStoreFile(path, Date.now());
  expect(file.restored).toMatchObject({ uses: [[uuidOf(9), 20]], floorMs: 5 });
  file.close();
});

test('where there is no disk at all, nothing is kept, and nothing that has to be counts as kept', async () => {
  const problems: string[] = [];
  const path = join(folder, 'no-such-folder', 'memory.sqlite');
  const store = await openAccessStoreOrNone({ path, onError: (problem) => problems.push(problem) });
  expect(problems).toHaveLength(1);
  store.note({ floorMs: 1 });
  await expect(store.flush({ uses: [[uuidOf(9), 1]] })).rejects.toThrow();
  await store.close();
});
