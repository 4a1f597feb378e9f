import { encodeLiveFrame } from '@dipper/contract/uplink';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveState } from '../../../../../services/console/live/live-state.ts';
import { createFakeSockets } from '../../../../support/page/fake-sockets.ts';
import { FakeSourceBuffer } from '../../../../support/page/fake-source-buffer.ts';
import { createManualTime } from '../../../../support/page/manual-time.ts';

// Found at run time: its types are the browser's, which are kept out of everything but the page.
const PLAYER = new URL('../../../../../services/console/live/live-player.ts', import.meta.url).pathname;
const { createLivePlayer } = await import(PLAYER);

const HEADER = { kind: 'live', device: 'cam', stream: 'main', mime: 'video/mp4', widthPx: 640, heightPx: 360 } as const;

let sources: FakeMediaSource[];
class FakeMediaSource extends EventTarget {
  static isTypeSupported = (): boolean => true;
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
    path: '/live',
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
