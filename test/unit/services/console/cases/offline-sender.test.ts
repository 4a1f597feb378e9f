import { beforeEach, expect, test, vi } from 'vitest';
import { HubError } from '../../../../../services/console/api/hub-error.ts';
import { sendWork } from '../../../../../services/console/cases/offline-sender.ts';
import { dropWork, listWork, type OfflineWork, storeWork } from '../../../../../services/console/cases/offline-work.ts';

const stored = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
});
const work = (id: string): OfflineWork => ({
  ...{ id, account: 'wang-fang', kind: 'step', title: `case ${id}` },
  ...{ path: `/api/v1/cases/${id}/steps`, body: { key: id } },
});
/** Answers each request with the next of these; undefined: it is taken. */
function hub(...answers: (HubError | undefined)[]) {
  const asked: string[] = [];
  return {
    asked,
    async send<T>(_method: string, path: string): Promise<T> {
      asked.push(path);
      const answer = answers[asked.length - 1];
      if (answer !== undefined) throw answer;
      return undefined as T;
    },
  };
}
const gone = new HubError('HUB_UNREACHABLE');
const refused = new HubError('STEP_NOT_ALLOWED', { status: 409 });

beforeEach(() => {
  for (const { id } of listWork()) dropWork(id);
  for (const id of ['a', 'b', 'c']) storeWork(work(id));
});

test('what waits is sent in the order it was done, and forgotten', async () => {
  const client = hub();
  expect(await sendWork(client, listWork())).toBe(3);
  expect(client.asked).toEqual(['a', 'b', 'c'].map((id) => `/api/v1/cases/${id}/steps`));
  expect(listWork()).toEqual([]);
  expect(JSON.parse(stored.get('dipper.offline') ?? '')).toEqual([]);
});

test('without signal everything stays, and nothing overtakes', async () => {
  const client = hub(undefined, gone);
  expect(await sendWork(client, listWork())).toBe(1);
  expect(client.asked).toHaveLength(2);
  expect(listWork().map(({ id }) => id)).toEqual(['b', 'c']);
});

test('what the hub refuses is kept with its reason and not sent again; the rest goes on', async () => {
  expect(await sendWork(hub(undefined, refused), listWork())).toBe(2);
  expect(listWork()).toEqual([{ ...work('b'), refused: 'STEP_NOT_ALLOWED' }]);
  const again = hub();
  expect(await sendWork(again, listWork())).toBe(0);
  expect(again.asked).toEqual([]);
});

test('it outlasts a reload', () => {
  expect(JSON.parse(stored.get('dipper.offline') ?? '').map(({ id }: OfflineWork) => id)).toEqual(['a', 'b', 'c']);
});
