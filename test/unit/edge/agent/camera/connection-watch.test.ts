import { describe, expect, it } from 'vitest';
import { type CameraConnection, createConnectionWatch } from '../../../../../edge/agent/camera/connection-watch.ts';
import type { InitSegment } from '../../../../../edge/video/init-segment.ts';
import type { StreamState } from '../../../../../edge/video/stream-state.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';

const ONLINE: StreamState = { kind: 'online', init: {} as InitSegment };
const failed = (cause: string): StreamState => ({ kind: 'failed', cause, message: `${cause}.`, retryInMs: 1 });

function watch() {
  const clock = createManualClock();
  const told: { type: string; atMs: number; data: object }[] = [];
  const connections: CameraConnection[] = [];
  const connection = createConnectionWatch({
    clock,
    blipMs: 15_000,
    onConnection: (current) => connections.push(current),
    onOnline: (atMs, data) => told.push({ type: 'online', atMs, data }),
    onOffline: (atMs, data) => told.push({ type: 'offline', atMs, data }),
  });
  const both = (state: StreamState) => {
    connection.observe('main', state);
    connection.observe('sub', state);
  };
  return { clock, told, connections, connection, both };
}

describe('the connection of a camera', () => {
  it('is told when it comes up for the first time: the hub may hold it for offline', () => {
    const { clock, told, both } = watch();
    clock.advance(3_000);
    both(ONLINE);
    expect(told).toEqual([{ type: 'online', atMs: clock.nowMs(), data: { outageMs: 3_000 } }]);
  });

  it('that is back within a blip is no event', () => {
    const { clock, told, both } = watch();
    both(ONLINE);
    told.length = 0;
    clock.advance(60_000);
    both(failed('STREAM_ENDED'));
    clock.advance(14_999);
    both(ONLINE);
    clock.advance(60_000);
    expect(told).toEqual([]);
  });

  it('that stays away is told with its cause and from when it was lost, and its end with its length', () => {
    const { clock, told, both } = watch();
    both(ONLINE);
    told.length = 0;
    const lostAtMs = clock.nowMs();
    both(failed('STREAM_ENDED'));
    clock.advance(5_000);
    both({ kind: 'connecting' });
    both(failed('STREAM_UNREACHABLE'));
    clock.advance(10_000);
    const since = new Date(lostAtMs).toISOString();
    expect(told).toEqual([
      { type: 'offline', atMs: lostAtMs, data: { cause: 'STREAM_UNREACHABLE', since, message: 'STREAM_UNREACHABLE.' } },
    ]);
    clock.advance(45_000);
    both(ONLINE);
    expect(told[1]).toEqual({
      type: 'online',
      atMs: lostAtMs + 60_000,
      data: { outageMs: 60_000, cause: 'STREAM_UNREACHABLE' },
    });
    expect(told).toHaveLength(2);
  });

  it('is one outage while the streams come and go in turn, and degraded is none', () => {
    const { clock, told, connections, connection, both } = watch();
    both(ONLINE);
    told.length = 0;
    connection.observe('sub', failed('STREAM_TIMED_OUT'));
    clock.advance(60_000);
    expect(connections.at(-1)).toMatchObject({ connection: 'degraded', cause: 'STREAM_TIMED_OUT' });
    expect(told).toEqual([]);
    connection.observe('main', failed('STREAM_TIMED_OUT'));
    expect(connections.at(-1)?.connection).toBe('unreachable');
  });

  it.each([
    ['STREAM_REFUSED', 'refused'],
    ['STREAM_CODEC_UNSUPPORTED', 'refused'],
    ['ONVIF_REFUSED', 'refused'],
    ['STREAM_UNREACHABLE', 'unreachable'],
    ['STREAM_TIMED_OUT', 'unreachable'],
  ])('that fails with %s is %s', (cause, expected) => {
    const { connections, both } = watch();
    both(failed(cause));
    expect(connections.at(-1)).toMatchObject({ connection: expected, cause });
  });

  it('is not reported by a watch that was stopped', () => {
    const { clock, told, connection } = watch();
    connection.stop();
    clock.advance(60_000);
    expect(told).toEqual([]);
  });
});
