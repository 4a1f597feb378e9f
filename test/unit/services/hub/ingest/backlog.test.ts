import { isBacklog } from '@dipper/hub/ingest/backlog';
import { expect, it } from 'vitest';
import { gateState } from '../../../../support/sample-events.ts';

const receivedAt = new Date('2026-11-24T10:00:00.000Z');
const message = (payload: string) => ({ topic: 't', payload: Buffer.from(payload), retained: false, receivedAt });
const batchAgo = (...agoMs: number[]) =>
  message(JSON.stringify(agoMs.map((ago) => gateState({ time: new Date(receivedAt.getTime() - ago).toISOString() }))));

it('tells a backlog from what happens now by the first event of a batch', () => {
  expect(isBacklog(batchAgo(59_000, 3_600_000))).toBe(false);
  expect(isBacklog(batchAgo(61_000, 0))).toBe(true);
  expect(isBacklog(batchAgo(-60_000))).toBe(false);
});

it('treats as live what it cannot read', () => {
  const unreadable = ['', '[]', 'no JSON', '[{"time":"yesterday"}]', `[{"pad":"${'x'.repeat(4_000)}"}]`];
  expect(unreadable.map((payload) => isBacklog(message(payload)))).toEqual(unreadable.map(() => false));
});
