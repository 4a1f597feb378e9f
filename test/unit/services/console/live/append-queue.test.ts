import type { LiveFrameKind } from '@dipper/contract/uplink';
import { describe, expect, it, vi } from 'vitest';
import { createAppendQueue } from '../../../../../services/console/live/append-queue.ts';
import { FakeSourceBuffer } from '../../../../support/page/fake-source-buffer.ts';

function start(secondsPerAppend?: number) {
  const buffer = new FakeSourceBuffer(secondsPerAppend);
  const onAppended = vi.fn();
  const onBroken = vi.fn();
  const end = new AbortController();
  let currentTimeSec = 0;
  const queue = createAppendQueue({
    buffer,
    currentTimeSec: () => currentTimeSec,
    onAppended,
    onBroken,
    signal: end.signal,
  });
  const push = (kind: LiveFrameKind, text: string = kind): void =>
    queue.push({ kind, atMs: 0, arrivedAtMs: 0, content: new TextEncoder().encode(text) });
  const playTo = (sec: number): void => {
    currentTimeSec = sec;
  };
  return { buffer, onAppended, onBroken, push, playTo, queue, end };
}

describe('append queue', () => {
  it('appends one at a time, in order', () => {
    const { buffer, push } = start();
    push('init');
    push('key', 'k1');
    push('delta', 'd1');
    expect(buffer.appended).toEqual(['init']);
    buffer.settle();
    expect(buffer.appended).toEqual(['init', 'k1', 'd1']);
  });

  it('never begins with a picture that needs one before it', () => {
    const { buffer, push } = start();
    push('delta', 'too early');
    push('init');
    push('delta', 'still too early');
    push('key', 'k1');
    push('delta', 'd1');
    buffer.settle();
    expect(buffer.appended).toEqual(['init', 'k1', 'd1']);
  });

  it('tells at which media time a picture ends, and nothing of init segments', () => {
    const { buffer, push, onAppended } = start(0.5);
    push('init');
    push('key', 'k1');
    buffer.settle();
    expect(onAppended).toHaveBeenCalledTimes(1);
    expect(onAppended).toHaveBeenCalledWith(expect.objectContaining({ kind: 'key' }), 0.5);
  });

  it('cuts away what was watched long ago, and goes on', () => {
    const { buffer, push, playTo } = start(10);
    push('init');
    for (const name of ['k1', 'k2', 'k3', 'k4']) {
      push('key', name);
      buffer.settle();
    }
    playTo(39);
    push('key', 'k5');
    buffer.settle();
    expect(buffer.removed).toEqual([[0, 31]]);
    expect(buffer.appended.at(-1)).toBe('k5');
  });

  it('makes room when the browser has none, and appends what was refused', () => {
    const { buffer, push, playTo, onBroken } = start(10);
    push('init');
    push('key', 'k1');
    buffer.settle();
    playTo(9);
    buffer.refusals = 1;
    push('key', 'k2');
    buffer.settle();
    expect(buffer.removed).toEqual([[0, 8]]);
    expect(buffer.appended).toEqual(['init', 'k1', 'k2']);
    expect(onBroken).not.toHaveBeenCalled();
  });

  it('gives up when there is no room even so, and takes nothing any more', () => {
    const { buffer, push, playTo, onBroken } = start(10);
    push('init');
    push('key', 'k1');
    buffer.settle();
    playTo(9);
    buffer.refusals = 2;
    push('key', 'k2');
    buffer.settle();
    push('key', 'k3');
    buffer.settle();
    expect(onBroken).toHaveBeenCalledTimes(1);
    expect(buffer.appended).toEqual(['init', 'k1']);
  });

  it('leaves pictures out until the next key picture when the decoder cannot keep up', () => {
    const { buffer, push, queue } = start();
    push('init');
    push('key', 'k1');
    const large = { kind: 'delta', atMs: 0, arrivedAtMs: 0, content: new Uint8Array(3 * 1024 * 1024) } as const;
    queue.push(large);
    queue.push(large);
    push('delta', 'depends on what was left out');
    push('key', 'k2');
    push('delta', 'd2');
    buffer.settle();
    expect(buffer.appended).toEqual(['init', 'k2', 'd2']);
  });

  it('tells that a segment was refused, once', () => {
    const { buffer, push, onBroken } = start();
    push('init');
    buffer.emit('error');
    buffer.finish();
    push('key');
    expect(onBroken).toHaveBeenCalledTimes(1);
    expect(buffer.appended).toEqual(['init']);
  });

  it('does nothing after its end', () => {
    const { buffer, push, end } = start();
    end.abort();
    push('init');
    expect(buffer.appended).toEqual([]);
  });
});
