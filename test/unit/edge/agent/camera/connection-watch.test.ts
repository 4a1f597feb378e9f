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
    onDegraded: (atMs, data) => told.push({ type: 'degraded', atMs, data }),
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

  it('is degraded while one stream is missing, told once it lasts, and no outage', () => {
    const { clock, told, connections, connection, both } = watch();
    both(ONLINE);
    told.length = 0;
    const atMs = clock.nowMs();
    const since = new Date(atMs).toISOString();
    connection.observe('sub', failed('STREAM_TIMED_OUT'));
    clock.advance(14_999);
    expect(connections.at(-1)).toMatchObject({ connection: 'degraded', cause: 'STREAM_TIMED_OUT' });
    expect(told).toEqual([]);
    clock.advance(60_000);
    const started = { phase: 'started', since, cause: 'STREAM_TIMED_OUT', message: 'STREAM_TIMED_OUT.' };
    expect(told).toEqual([{ type: 'degraded', atMs, data: started }]);
    // Worse is another matter: this one is over.
    connection.observe('main', failed('STREAM_TIMED_OUT'));
    expect(connections.at(-1)?.connection).toBe('unreachable');
    const ended = { phase: 'ended', since, cause: 'STREAM_TIMED_OUT' };
    expect(told.slice(1)).toEqual([{ type: 'degraded', atMs: clock.nowMs(), data: ended }]);
  });

  it('is degraded while its picture is there and not analysed', () => {
    const { clock, told, connections, connection, both } = watch();
    both(ONLINE);
    told.length = 0;
    connection.observeAnalysis({ cause: 'EDGE_OVERLOADED', message: 'Too slow.' });
    expect(connections.at(-1)).toMatchObject({
      connection: 'degraded',
      cause: 'EDGE_OVERLOADED',
      message: 'Too slow.',
    });
    clock.advance(3_000);
    connection.observeAnalysis(undefined);
    expect(connections.at(-1)?.connection).toBe('online');
    clock.advance(60_000);
    expect(told).toEqual([]);
    expect(connection.stats().causes).toEqual({ EDGE_OVERLOADED: 1 });
  });

  it('counts what it does not tell', () => {
    const { clock, connection, both } = watch();
    both(ONLINE);
    for (const goneMs of [3_000, 5_000, 40_000]) {
      both(failed('STREAM_ENDED'));
      clock.advance(goneMs);
      both(ONLINE);
    }
    const counted = { blips: 2, blipMs: 8_000, outages: 1, outageMs: 40_000, causes: { STREAM_ENDED: 6 } };
    expect(connection.stats()).toEqual(counted);
  });

  it.each([
    ['STREAM_REFUSED', 'refused'],
    ['STREAM_CODEC_UNSUPPORTED', 'refused'],
    ['ONVIF_REFUSED', 'refused'],
    ['STREAM_UNREACHABLE', 'unreachable'],
    ['STREAM_NO_ROUTE', 'unreachable'],
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
