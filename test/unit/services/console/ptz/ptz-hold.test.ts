import type { PtzVelocity } from '@dipper/contract/ptz';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPtzHold } from '../../../../../services/console/ptz/ptz-hold.ts';

const LEFT = { pan: -0.2, tilt: 0, zoom: 0 };
const UP = { pan: 0, tilt: 0.2, zoom: 0 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @param answerMs how long the hub takes to answer a movement */
function open(answerMs = 100) {
  const said: string[] = [];
  const errors: unknown[] = [];
  let next = 1;
  let failure: Error | undefined;
  const hold = createPtzHold({
    async move(velocity: PtzVelocity, continues) {
      said.push(`${velocity.pan < 0 ? 'left' : 'up'}${continues === undefined ? '' : ` on ${continues}`}`);
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      if (failure !== undefined) throw failure;
      return continues ?? String(next++);
    },
    stop: async () => void said.push('stop'),
    onError: (error) => errors.push(error),
  });
  const fail = (error: Error): void => {
    failure = error;
  };
  return { hold, said, errors, fail };
}

describe('a hand on a camera', () => {
  it('goes on with one movement while it is held, and stops it when it lets go', async () => {
    const { hold, said } = open();
    hold.press(LEFT);
    await vi.advanceTimersByTimeAsync(2_000);
    hold.release();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(said).toEqual(['left', 'left on 1', 'left on 1', 'stop']);
  });

  it('stops again what was still on its way when it let go: requests overtake one another', async () => {
    const { hold, said } = open(500);
    hold.press(LEFT);
    await vi.advanceTimersByTimeAsync(100);
    hold.release();
    expect(said).toEqual(['left', 'stop']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(said).toEqual(['left', 'stop', 'stop']);
  });

  it('turns another way without going on with the first', async () => {
    const { hold, said } = open();
    hold.press(LEFT);
    await vi.advanceTimersByTimeAsync(200);
    hold.press(UP);
    await vi.advanceTimersByTimeAsync(1_000);
    hold.release();
    hold.release();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(said).toEqual(['left', 'up', 'up on 2', 'stop']);
  });

  it('is let go by what went wrong', async () => {
    const { hold, said, errors, fail } = open();
    fail(new Error('AGENT_OFFLINE'));
    hold.press(LEFT);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([said, errors, hold.isHeld]).toEqual([
      ['left'],
      [expect.objectContaining({ message: 'AGENT_OFFLINE' })],
      false,
    ]);
  });
});
