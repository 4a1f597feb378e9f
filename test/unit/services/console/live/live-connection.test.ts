import { encodeLiveFrame, type LiveHeader } from '@dipper/contract/uplink';
import { describe, expect, it, vi } from 'vitest';
import type { MediaFrame } from '../../../../../services/console/live/append-queue.ts';
import {
  connectLive,
  FIRST_PICTURE_MS,
  NEXT_PICTURE_MS,
} from '../../../../../services/console/live/live-connection.ts';
import { createFakeSockets } from '../../../../support/page/fake-sockets.ts';
import { createManualTime } from '../../../../support/page/manual-time.ts';

const HEADER = { kind: 'live', device: 'cam', stream: 'main', mime: 'video/mp4', widthPx: 640, heightPx: 360 } as const;
const PAUSE_MS = 700;

function start() {
  const time = createManualTime();
  const sockets = createFakeSockets();
  const headers: LiveHeader[] = [];
  const frames: MediaFrame[] = [];
  const onSignedOut = vi.fn();
  const end = new AbortController();
  let everyMs: number | undefined;
  const connection = connectLive({
    path: () => '/api/v1/devices/cam/live',
    openSocket: sockets.openSocket,
    after: time.after,
    now: time.now,
    signal: end.signal,
    onHeader: (header) => headers.push(header),
    onFrame: (frame) => frames.push(frame),
    everyMs: () => everyMs,
    onSignedOut,
    backOff: { next: () => PAUSE_MS, reset: () => {} },
  });
  const picture = (): void => sockets.last().send(encodeLiveFrame('key', 5, new Uint8Array([1, 2, 3])));
  const comeEvery = (ms: number): void => {
    everyMs = ms;
  };
  return { time, sockets, headers, frames, onSignedOut, connection, end, picture, comeEvery };
}

describe('live connection', () => {
  it('passes on headers and frames, with the time of arrival', () => {
    const { time, sockets, headers, frames, picture } = start();
    sockets.last().open();
    sockets.last().say(HEADER);
    time.advance(30);
    picture();
    expect(headers).toEqual([HEADER]);
    expect(frames).toEqual([{ kind: 'key', atMs: 5, arrivedAtMs: time.now(), content: new Uint8Array([1, 2, 3]) }]);
  });

  it('says in the hub’s words why there is no picture, and tries again', () => {
    const { time, sockets, connection, picture } = start();
    sockets.last().open();
    sockets.last().end(4503, 'AGENT_OFFLINE');
    expect(connection.problem()).toBe('AGENT_OFFLINE');
    expect(connection.retries()).toBe(true);
    time.advance(PAUSE_MS);
    expect(sockets.all).toHaveLength(2);
    picture();
    expect(connection.problem()).toBeUndefined();
  });

  it('does not try again what will be refused again, unless asked to', () => {
    const { time, sockets, connection } = start();
    sockets.last().end(4404, 'DEVICE_UNKNOWN');
    time.advance(60_000);
    expect(sockets.all).toHaveLength(1);
    expect(connection.retries()).toBe(false);
    connection.restart();
    expect(sockets.all).toHaveLength(2);
  });

  it('has patience for the first picture, and less for the next', () => {
    const { time, sockets, picture } = start();
    sockets.last().open();
    time.advance(FIRST_PICTURE_MS - 1);
    expect(sockets.last().isClosed).toBe(false);
    picture();
    time.advance(NEXT_PICTURE_MS - 1);
    picture();
    time.advance(NEXT_PICTURE_MS - 1);
    expect(sockets.all[0]?.isClosed).toBe(false);
    time.advance(1);
    expect(sockets.all[0]?.isClosed).toBe(true);
    time.advance(PAUSE_MS);
    expect(sockets.all).toHaveLength(2);
  });

  it('has so much more patience where one picture of each group comes', () => {
    const { time, sockets, picture, comeEvery } = start();
    sockets.last().open();
    comeEvery(10_000);
    picture();
    time.advance(NEXT_PICTURE_MS + 10_000 - 1);
    expect(sockets.all[0]?.isClosed).toBe(false);
    time.advance(1);
    expect(sockets.all[0]?.isClosed).toBe(true);
  });

  it('gives up a connection that never brings a picture, and names what that means', () => {
    const { time, sockets, connection } = start();
    sockets.last().open();
    time.advance(FIRST_PICTURE_MS);
    expect(connection.problem()).toBe('COMMAND_TIMEOUT');
    time.advance(PAUSE_MS);
    expect(sockets.all).toHaveLength(2);
  });

  it('says that the hub is out of reach where the line was cut without a word', () => {
    const { sockets, connection, picture } = start();
    sockets.last().open();
    picture();
    sockets.last().end();
    expect(connection.problem()).toBe('HUB_UNREACHABLE');
    expect(connection.retries()).toBe(true);
  });

  it('begins anew at once when asked to, also in the middle of a stream', () => {
    const { sockets, connection, picture } = start();
    sockets.last().open();
    picture();
    connection.restart();
    expect(sockets.all).toHaveLength(2);
    expect(connection.problem()).toBeUndefined();
  });

  it('leaves the rest to the page when the session has ended', () => {
    const { time, sockets, onSignedOut } = start();
    sockets.last().end(4401, 'NOT_SIGNED_IN');
    time.advance(60_000);
    expect(onSignedOut).toHaveBeenCalledTimes(1);
    expect(sockets.all).toHaveLength(1);
  });

  it('ends with its owner', () => {
    const { time, sockets, end } = start();
    end.abort();
    expect(sockets.last().isClosed).toBe(true);
    time.advance(60_000);
    expect(sockets.all).toHaveLength(1);
  });
});
