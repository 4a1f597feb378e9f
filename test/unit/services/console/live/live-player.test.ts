import { encodeLiveFrame, MPEG1_MIME } from '@dipper/contract/uplink';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveState } from '../../../../../services/console/live/live-state.ts';
import { createFakeSockets } from '../../../../support/page/fake-sockets.ts';
import { FakeSourceBuffer } from '../../../../support/page/fake-source-buffer.ts';
import {
  FakeEncodedVideoChunk,
  type FakePicture,
  FakeVideoDecoder,
} from '../../../../support/page/fake-video-decoder.ts';
import { createManualTime } from '../../../../support/page/manual-time.ts';

// Found at run time: its types are the browser's, which are kept out of everything but the page.
const PLAYER = new URL('../../../../../services/console/live/live-player.ts', import.meta.url).pathname;
const { createLivePlayer } = await import(PLAYER);

const HEADER = { kind: 'live', device: 'cam', stream: 'main', mime: 'video/mp4', widthPx: 640, heightPx: 360 } as const;

let sources: FakeMediaSource[];
class FakeMediaSource extends EventTarget {
  static isTypeSupported = (mime: string): boolean => !mime.includes('hvc1');
  readonly buffer = new FakeSourceBuffer();
  constructor() {
    super();
    sources.push(this);
  }
  addSourceBuffer = (): FakeSourceBuffer => this.buffer;
}

/** The part of a video element that the player touches; `show` puts a picture on the screen. */
class FakeVideo extends EventTarget {
  currentTime = 0;
  playbackRate = 1;
  paused = false;
  readyState = 4;
  #onFrame: ((now: number, metadata: { mediaTime: number }) => void)[] = [];
  get buffered() {
    return sources.at(-1)?.buffer.buffered ?? { length: 0, start: () => 0, end: () => 0 };
  }
  requestVideoFrameCallback(callback: (now: number, metadata: { mediaTime: number }) => void): void {
    this.#onFrame.push(callback);
  }
  removeAttribute(): void {}
  load(): void {}
  show(mediaTime: number): void {
    for (const callback of this.#onFrame.splice(0)) callback(0, { mediaTime });
  }
}

beforeEach(() => {
  sources = [];
  vi.stubGlobal('window', {});
  vi.stubGlobal('MediaSource', FakeMediaSource);
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2 });
  vi.stubGlobal('URL', { createObjectURL: () => 'blob:', revokeObjectURL: () => undefined });
});
afterEach(() => void vi.unstubAllGlobals());

it('begins a new source when the camera comes back: its media time starts anew, and the old picture is not called live', () => {
  const time = createManualTime();
  const sockets = createFakeSockets();
  const video = new FakeVideo();
  const states: LiveState[] = [];
  const end = new AbortController();
  createLivePlayer({
    video,
    path: () => '/live',
    onSurface: () => undefined,
    openSocket: sockets.openSocket,
    after: time.after,
    now: time.now,
    edgeOffset: () => ({ ms: 0, uncertaintyMs: 0 }),
    onState: (state: LiveState) => states.push(state),
    onSignedOut: () => undefined,
    signal: end.signal,
  });
  const socket = sockets.last();
  const send = (kind: 'init' | 'key' | 'delta', text: string = kind): void => {
    socket.send(encodeLiveFrame(kind, time.now(), new TextEncoder().encode(text)));
    sources.at(-1)?.buffer.settle();
  };
  const begin = (): void => {
    socket.say(HEADER);
    sources.at(-1)?.dispatchEvent(new Event('sourceopen'));
    send('init');
  };

  socket.open();
  begin();
  // A long run: its media time is far ahead of where the next one starts.
  Object.assign(sources[0]?.buffer ?? {}, { startSec: 499, endSec: 500 });
  send('key', 'k1');
  expect(video.currentTime).toBeGreaterThan(499);
  video.show(500);
  time.advance(300);
  expect(states.at(-1)?.kind).toBe('live');

  time.advance(5_000);
  expect(states.at(-1)).toMatchObject({ kind: 'stale', ageSec: 5 });
  begin();
  expect(states.at(-1)?.kind).toBe('stale');
  send('key', 'k2');
  send('delta', 'd2');
  expect(sources).toHaveLength(2);
  expect(sources.map(({ buffer }) => buffer.appended)).toEqual([
    ['init', 'k1'],
    ['init', 'k2', 'd2'],
  ]);
  // Ahead of all there is in the new source: it jumps back.
  expect(video.currentTime).toBeLessThan(1);
  time.advance(300);
  expect(states.at(-1)?.kind, 'the new stream has shown nothing yet').toBe('stale');
  video.show(0.04);
  time.advance(300);
  expect(states.at(-1)?.kind).toBe('live');
  end.abort();
});

it('asks once more for a stream that the browser does not play, and draws what comes then from its first key frame on', async () => {
  const time = createManualTime();
  const sockets = createFakeSockets();
  const states: LiveState[] = [];
  const surfaces: string[] = [];
  const drawn: string[] = [];
  const end = new AbortController();
  createLivePlayer({
    video: new FakeVideo(),
    openDecoder: async () => ({
      draw: (packets: Uint8Array) => drawn.push(new TextDecoder().decode(packets)) > 0,
    }),
    path: (form: string | undefined) => `/live?form=${form}`,
    onSurface: (surface: string) => surfaces.push(surface),
    openSocket: sockets.openSocket,
    after: time.after,
    now: time.now,
    edgeOffset: () => ({ ms: 0, uncertaintyMs: 0 }),
    onState: (state: LiveState) => states.push(state),
    onSignedOut: () => undefined,
    signal: end.signal,
  });
  sockets.last().open();
  sockets.last().say({ ...HEADER, mime: 'video/mp4; codecs="hvc1.1.6.L120.90"' });
  expect(sockets.all.map(({ path }) => path)).toEqual(['/live?form=undefined', '/live?form=any-browser']);

  const socket = sockets.last();
  const send = (kind: 'init' | 'key' | 'delta', text: string, ageMs = 50): void =>
    socket.send(encodeLiveFrame(kind, time.now() - ageMs, new TextEncoder().encode(text)));
  socket.open();
  socket.say({ ...HEADER, mime: MPEG1_MIME });
  send('init', 'tables');
  send('delta', 'before');
  send('key', 'k1');
  await vi.waitFor(() => expect(drawn).toEqual(['k1']));
  send('delta', 'd2');
  expect(surfaces).toEqual(['canvas']);
  time.advance(300);
  expect(states.at(-1)?.kind).toBe('live');
  // Decoding does not keep up: what is old is left out up to the next key frame.
  for (const [kind, text, ageMs] of [
    ['delta', 'late', 1_500],
    ['delta', 'd4', 60],
    ['key', 'k5', 60],
    ['delta', 'd6', 60],
  ] as const) {
    send(kind, text, ageMs);
  }
  expect(drawn).toEqual(['k1', 'd2', 'k5', 'd6']);
  // The camera was set to a codec that no browser plays and the edge does not turn into another: that is said, and no more asked.
  socket.say({ ...HEADER, mime: 'video/mp4; codecs="hvc1.1.6.L120.90"' });
  time.advance(300);
  expect(states.at(-1)).toMatchObject({ kind: 'live' });
  time.advance(3_000);
  expect(states.at(-1)).toMatchObject({ kind: 'offline', problem: 'CODEC_UNSUPPORTED' });
  expect(sockets.all).toHaveLength(2);
  end.abort();
});

it('decodes by itself where the browser lets it, and leaves it to the media element once that has failed', () => {
  FakeVideoDecoder.all = [];
  vi.stubGlobal('VideoDecoder', FakeVideoDecoder);
  vi.stubGlobal('EncodedVideoChunk', FakeEncodedVideoChunk);
  const time = createManualTime();
  const sockets = createFakeSockets();
  const states: LiveState[] = [];
  const surfaces: string[] = [];
  const painted: string[] = [];
  const end = new AbortController();
  createLivePlayer({
    video: new FakeVideo(),
    paint: ({ text }: FakePicture) => painted.push(text),
    path: () => '/live',
    onSurface: (surface: string) => surfaces.push(surface),
    openSocket: sockets.openSocket,
    after: time.after,
    now: time.now,
    edgeOffset: () => ({ ms: 0, uncertaintyMs: 0 }),
    onState: (state: LiveState) => states.push(state),
    onSignedOut: () => undefined,
    signal: end.signal,
  });
  const begin = (text: string): void => {
    const content = Buffer.from(`....mdat${text}`);
    content.writeUInt32BE(content.length);
    sockets.last().open();
    sockets.last().say(HEADER);
    sockets.last().send(encodeLiveFrame('init', time.now(), new Uint8Array()));
    sockets.last().send(encodeLiveFrame('key', time.now(), content));
  };
  begin('k1');
  time.advance(300);
  expect(states).toEqual([]);
  FakeVideoDecoder.all.at(-1)?.work();
  expect(painted).toEqual(['k1']);
  time.advance(300);
  expect(states.at(-1)?.kind).toBe('live');
  time.advance(3_000);
  expect(states.at(-1)?.kind).toBe('stale');

  begin('k2');
  FakeVideoDecoder.all.at(-1)?.fail();
  expect(sockets.all).toHaveLength(2);
  begin('k3');
  expect(surfaces).toEqual(['canvas', 'canvas', 'video']);
  expect(sources).toHaveLength(1);
  expect(FakeVideoDecoder.all).toHaveLength(2);
  end.abort();
});
