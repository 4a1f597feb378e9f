import { DipperError } from '@dipper/contract/errors';
import { decodeLiveFrame, encodeLiveFrame, type LiveFrameKind, MPEG1_MIME } from '@dipper/contract/uplink';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { createLiveChannel, LINGER_MS } from '../../../../../services/hub/live/live-channel.ts';
import { DRAINED_BYTES, MAX_BACKLOG_BYTES } from '../../../../../services/hub/live/live-viewer.ts';
import { createFakeSocket } from '../../../../support/fake-socket.ts';

const logger = pino({ level: 'silent' });

function header(widthPx = 1280): string {
  return JSON.stringify({
    kind: 'live',
    device: 'gate-camera',
    stream: 'main',
    mime: 'video/mp4; codecs="avc1.64001f"',
    widthPx,
    heightPx: 720,
  });
}
const frame = (kind: LiveFrameKind, mark: number): Uint8Array => encodeLiveFrame(kind, mark, Buffer.from([mark]));
/** What a viewer got, in short: `h`, `i1`, `k2`, `d3`. */
function story(sent: readonly (string | Uint8Array)[]): string {
  const letters = ['?', 'i', 'k', 'd'];
  return sent.map((item) => (typeof item === 'string' ? 'h' : `${letters[item[0] ?? 0]}${item[9]}`)).join(' ');
}

function openChannel() {
  const uplink = createFakeSocket();
  const opening = Promise.withResolvers<void>();
  let accept: ((socket: WebSocket) => void) | undefined;
  const onEnded = vi.fn();
  const onSkipped = vi.fn();
  const openUplink = vi.fn((handOver: (socket: WebSocket) => void) => {
    accept = handOver;
    return opening.promise;
  });
  const channel = createLiveChannel({ device: 'gate-camera', logger, openUplink, onSkipped, onEnded });
  return {
    channel,
    uplink,
    openUplink,
    onEnded,
    onSkipped,
    arrive: () => accept?.(uplink.asWebSocket()),
    refuse: (error: unknown) => opening.reject(error),
  };
}

describe('a live channel', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks the edge once, however many watch, and sends everybody the same', () => {
    const { channel, uplink, openUplink, arrive } = openChannel();
    const viewers = [createFakeSocket(), createFakeSocket(), createFakeSocket()];
    for (const viewer of viewers) channel.join(viewer);
    arrive();
    for (const sent of [header(), frame('init', 1), frame('key', 2), frame('delta', 3)]) uplink.receive(sent);
    expect(openUplink).toHaveBeenCalledTimes(1);
    for (const viewer of viewers) expect(story(viewer.sent)).toBe('h i1 k2 d3');
  });

  it('shows a late joiner the current group of pictures at once, and nothing older', () => {
    const { channel, uplink, arrive } = openChannel();
    channel.join(createFakeSocket());
    arrive();
    const sent = [frame('init', 1), frame('key', 2), frame('delta', 3), frame('key', 4), frame('delta', 5)];
    for (const item of [header(), ...sent]) uplink.receive(item);
    const late = createFakeSocket();
    channel.join(late);
    expect(story(late.sent)).toBe('h i1 k4 d5');
    uplink.receive(frame('delta', 6));
    expect(story(late.sent)).toBe('h i1 k4 d5 d6');
  });

  it('lets a slow viewer skip to the next key frame while others lose nothing', () => {
    const { channel, uplink, arrive, onSkipped } = openChannel();
    const [slow, quick] = [createFakeSocket(), createFakeSocket()];
    channel.join(slow);
    channel.join(quick);
    arrive();
    for (const item of [header(), frame('init', 1), frame('key', 2)]) uplink.receive(item);
    slow.bufferedAmount = MAX_BACKLOG_BYTES + 1;
    uplink.receive(frame('delta', 3));
    // Half drained is not drained: what is sent now would be shown when the rest has been.
    slow.bufferedAmount = DRAINED_BYTES + 1;
    uplink.receive(frame('key', 4));
    slow.bufferedAmount = DRAINED_BYTES;
    uplink.receive(frame('delta', 5));
    uplink.receive(frame('key', 6));
    uplink.receive(frame('delta', 7));
    expect(story(slow.sent)).toBe('h i1 k2 k6 d7');
    expect(story(quick.sent)).toBe('h i1 k2 d3 k4 d5 k6 d7');
    expect(onSkipped).toHaveBeenCalledTimes(1);
  });

  it('gives a viewer at 10 kB/s whole groups of MPEG-1, none older than a minute after the first, and the others every picture', () => {
    const { channel, uplink, arrive } = openChannel();
    const [slow, quick] = [createFakeSocket(), createFakeSocket()];
    const sent = { slow: [] as number[], quick: [] as number[] };
    // As the edge makes it: 3 Mbit/s at 25 pictures a second, and a group each second.
    const [everyMs, bytes, bytesPerSec] = [40, 15_000, 10_000];
    const arrivedLateMs: number[] = [];
    const numberOf = (data: string | Uint8Array): number =>
      typeof data === 'string' ? Number.NaN : (decodeLiveFrame(data)?.atMs ?? Number.NaN);
    quick.send = (data) => sent.quick.push(numberOf(data));
    slow.send = (data) => {
      slow.bufferedAmount += data.length;
      if (typeof data === 'string' || data.length < bytes) return;
      sent.slow.push(numberOf(data));
      arrivedLateMs.push((slow.bufferedAmount / bytesPerSec) * 1_000);
    };
    channel.join(slow);
    channel.join(quick);
    arrive();
    uplink.receive(JSON.stringify({ ...JSON.parse(header()), mime: MPEG1_MIME }));
    uplink.receive(encodeLiveFrame('init', 0, Buffer.alloc(564)));
    sent.quick.length = 0;
    const pictures = 8 * 60 * 25;
    const content = Buffer.alloc(bytes);
    for (let number = 0; number < pictures; number++) {
      vi.advanceTimersByTime(everyMs);
      slow.bufferedAmount = Math.max(0, slow.bufferedAmount - (bytesPerSec * everyMs) / 1_000);
      uplink.receive(encodeLiveFrame(number % 25 === 0 ? 'key' : 'delta', number, content));
    }
    expect(sent.quick).toEqual(Array.from({ length: pictures }, (_, number) => number));
    const begun = sent.slow.filter((number, place) => number !== (sent.slow[place - 1] ?? -2) + 1);
    expect(begun.length).toBeGreaterThan(4);
    expect(begun.every((number) => number % 25 === 0)).toBe(true);
    const second = sent.slow.indexOf(begun[1] ?? Number.NaN);
    expect(Math.max(...arrivedLateMs.slice(second))).toBeLessThan(60_000);
    expect(slow.closed).toBeUndefined();
  });

  it('does not leave anything out for a viewer whose line is full and keeps up', () => {
    const { channel, uplink, arrive, onSkipped } = openChannel();
    const viewer = createFakeSocket();
    channel.join(viewer);
    arrive();
    for (const item of [header(), frame('init', 1)]) uplink.receive(item);
    // Always a megabyte under way, and always another one.
    const content = Buffer.alloc(512 * 1024);
    for (let number = 0; number < 40; number++) {
      vi.advanceTimersByTime(500);
      viewer.bufferedAmount = 2 * content.length;
      uplink.receive(encodeLiveFrame(number % 10 === 0 ? 'key' : 'delta', number, content));
    }
    expect(viewer.sent).toHaveLength(42);
    expect(onSkipped).not.toHaveBeenCalled();
  });

  it('hangs up on a viewer who is behind when the stream starts over: what cannot be left out must not pile up', () => {
    for (const again of [header(), frame('init', 3)]) {
      const { channel, uplink, arrive } = openChannel();
      const [slow, quick] = [createFakeSocket(), createFakeSocket()];
      channel.join(slow);
      channel.join(quick);
      arrive();
      for (const item of [header(), frame('init', 1), frame('key', 2)]) uplink.receive(item);
      slow.bufferedAmount = MAX_BACKLOG_BYTES + 1;
      for (const item of [again, again, frame('init', 4), frame('key', 5)]) uplink.receive(item);
      slow.bufferedAmount = 0;
      uplink.receive(frame('key', 6));
      expect(slow.closed).toEqual({ code: 1013, reason: expect.any(String) });
      expect(story(slow.sent)).toBe('h i1 k2');
      expect(story(quick.sent)).toMatch(/k5 k6$/);
    }
  });

  it('passes a new header on, and starts over with a new init segment', () => {
    const { channel, uplink, arrive } = openChannel();
    const early = createFakeSocket();
    channel.join(early);
    arrive();
    for (const item of [header(), frame('init', 1), frame('key', 2), header(640), frame('init', 3)])
      uplink.receive(item);
    // A picture of the new stream before its first key frame decodes to nothing.
    uplink.receive(frame('delta', 4));
    uplink.receive(frame('key', 5));
    const late = createFakeSocket();
    channel.join(late);
    expect(story(early.sent)).toBe('h i1 k2 h i3 k5');
    expect(late.sent[0]).toContain('640');
    expect(story(late.sent)).toBe('h i3 k5');
  });

  it('closes the uplink some seconds after the last viewer left, not before', () => {
    const { channel, uplink, arrive, onEnded } = openChannel();
    const viewer = createFakeSocket();
    channel.join(viewer);
    arrive();
    channel.leave(viewer);
    vi.advanceTimersByTime(LINGER_MS - 1);
    const back = createFakeSocket();
    channel.join(back);
    vi.advanceTimersByTime(LINGER_MS);
    expect(uplink.closed).toBeUndefined();
    channel.leave(back);
    vi.advanceTimersByTime(LINGER_MS);
    expect(uplink.closed?.code).toBe(1000);
    expect(onEnded).toHaveBeenCalledTimes(1);
  });

  it('tells viewers why there is no picture', async () => {
    const { channel, refuse, onEnded } = openChannel();
    const viewer = createFakeSocket();
    channel.join(viewer);
    refuse(new DipperError('AGENT_OFFLINE'));
    await vi.advanceTimersByTimeAsync(0);
    expect(viewer.closed).toEqual({ code: 4503, reason: 'AGENT_OFFLINE' });
    expect(onEnded).toHaveBeenCalledTimes(1);
  });

  it('ends when the uplink breaks, and when it carries another camera or nonsense', () => {
    const tooLarge = [
      `${header()}${' '.repeat(1024)}`,
      encodeLiveFrame('init', 1, Buffer.alloc(64 * 1024 + 1)),
      encodeLiveFrame('key', 2, Buffer.alloc(4 * 1024 * 1024 + 1)),
    ];
    const other = header().replace('gate-camera', 'other-camera');
    for (const nonsense of [other, '{', Buffer.from([9, 9]), ...tooLarge]) {
      const { channel, uplink, arrive } = openChannel();
      const viewer = createFakeSocket();
      channel.join(viewer);
      arrive();
      uplink.receive(nonsense);
      expect(viewer.closed).toEqual({ code: 4400, reason: expect.stringMatching(/^MESSAGE_INVALID$/) });
      expect(uplink.closed).toBeDefined();
    }
    const { channel, uplink, arrive } = openChannel();
    const viewer = createFakeSocket();
    channel.join(viewer);
    arrive();
    uplink.close(1006);
    expect(viewer.closed).toEqual({ code: 4503, reason: 'AGENT_OFFLINE' });
  });

  it('hangs up on an uplink that arrives after everybody has gone', () => {
    const { channel, uplink, arrive } = openChannel();
    const viewer = createFakeSocket();
    channel.join(viewer);
    channel.leave(viewer);
    vi.advanceTimersByTime(LINGER_MS);
    arrive();
    expect(uplink.closed?.code).toBe(1000);
  });
});
