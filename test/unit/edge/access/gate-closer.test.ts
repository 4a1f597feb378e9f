import type { DoorOutcome, DoorRefusal } from '@dipper/edge/access/driver';
import { createGateCloser } from '@dipper/edge/access/gate-closer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refused = (code: DoorRefusal): DoorOutcome => ({ ok: false, code, message: '', position: 'open' });
const closed: DoorOutcome = { ok: true, afterMs: 1, position: 'closed' };

function closer(outcomes: DoorOutcome[], afterMs: number | undefined = 5_000) {
  const state = { closings: 0, isHeld: false };
  const it = createGateCloser({
    afterMs,
    async close() {
      state.closings += 1;
      return outcomes.shift() ?? closed;
    },
    isOver: () => state.isHeld,
  });
  return { it, state };
}

test('an opening is closed after its time, an opening meanwhile begins it anew', async () => {
  const { it, state } = closer([]);
  it.told('open');
  await vi.advanceTimersByTimeAsync(4_000);
  it.told('open');
  await vi.advanceTimersByTimeAsync(4_999);
  expect(state.closings).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.closings).toBe(1);
});

test('while it may not be closed it is tried again; one that does not obey is left to people', async () => {
  const { it, state } = closer([
    refused('GATE_NOT_CLEAR'),
    refused('GATE_FIRE_ALARM'),
    refused('GATE_COMMAND_UNCONFIRMED'),
  ]);
  it.told('open');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.closings).toBe(3);
});

test('nothing is closed that was told to stay open, nor where no time is configured', async () => {
  const held = closer([]);
  held.it.told('open');
  held.it.told('hold-open');
  await vi.advanceTimersByTimeAsync(60_000);
  const late = closer([]);
  late.it.told('open');
  late.state.isHeld = true;
  await vi.advanceTimersByTimeAsync(60_000);
  const never = createGateCloser({ afterMs: undefined, close: async () => expect.unreachable(), isOver: () => false });
  never.told('open');
  await vi.advanceTimersByTimeAsync(600_000);
  expect([held.state.closings, late.state.closings]).toEqual([0, 0]);
});
