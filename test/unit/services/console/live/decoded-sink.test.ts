import type { LiveFrameKind } from '@dipper/contract/uplink';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  FakeEncodedVideoChunk,
  type FakePicture,
  FakeVideoDecoder,
} from '../../../../support/page/fake-video-decoder.ts';

// Found at run time: its types are the browser's, which are kept out of everything but the page.
const SINK = new URL('../../../../../services/console/live/decoded-sink.ts', import.meta.url).pathname;
const { canDecode, createDecodedSink } = await import(SINK);

beforeEach(() => {
  FakeVideoDecoder.all = [];
  vi.stubGlobal('VideoDecoder', FakeVideoDecoder);
  vi.stubGlobal('EncodedVideoChunk', FakeEncodedVideoChunk);
});
afterEach(() => void vi.unstubAllGlobals());

function start() {
  const painted: string[] = [];
  const onShown = vi.fn();
  const onBroken = vi.fn();
  const end = new AbortController();
  let nowMs = 0;
  const sink = createDecodedSink({
    mime: 'video/mp4; codecs="avc1.64001f"',
    paint: ({ text }: FakePicture) => painted.push(text),
    now: () => nowMs,
    ...{ onShown, onBroken, signal: end.signal },
  });
  return {
    ...{ painted, onShown, onBroken, end },
    push: (kind: LiveFrameKind, text = '') =>
      sink.push({ kind, atMs: 0, arrivedAtMs: 0, content: box('mdat', Buffer.from(text)) }),
    pass: (ms: number) => {
      nowMs += ms;
    },
    decoder: () => FakeVideoDecoder.all.at(-1) ?? expect.fail('no decoder'),
  };
}

function box(type: string, content: Buffer): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4);
  return Buffer.concat([head, content]);
}

describe('pictures that the page decodes itself', () => {
  it('are painted as they come, each once, beginning with a key frame', () => {
    const { push, painted, onShown, decoder } = start();
    push('init');
    push('delta', 'before');
    push('key', 'k1');
    decoder().work();
    push('delta', 'd2');
    expect(painted).toEqual(['k1']);
    decoder().work();
    expect(painted).toEqual(['k1', 'd2']);
    expect(onShown.mock.calls.map(([{ kind }]) => kind)).toEqual(['key', 'delta']);
    expect(decoder().config).toMatchObject({ codec: 'avc1.64001f', optimizeForLatency: true });
    expect(decoder().pictures.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('are shown late only as long as they have to be: a group that comes in one go is run through', () => {
    const { push, painted, decoder, pass } = start();
    push('init');
    push('key', 'k1');
    for (let picture = 2; picture <= 20; picture++) push('delta', `d${picture}`);
    for (let picture = 1; picture <= 20; picture++) {
      pass(1);
      decoder().step();
    }
    expect(painted).toEqual(['d17', 'd18', 'd19', 'd20']);
  });

  it('are shown now and then by a machine that does not keep up, which goes on with the next key frame', () => {
    const { push, painted, decoder, pass } = start();
    push('init');
    push('key', 'k1');
    for (let picture = 2; picture <= 40; picture++) push('delta', `d${picture}`);
    for (let picture = 1; picture <= 10; picture++) {
      pass(100);
      decoder().step();
    }
    expect(painted).toEqual(['d4', 'd7', 'd10']);
    push('key', 'k41');
    decoder().work();
    expect(painted.at(-1)).toBe('k41');
    expect(painted).toHaveLength(4);
    expect(FakeVideoDecoder.all).toHaveLength(2);
  });

  it('are left out up to the next key frame where they do not decode, and given up where that goes on', () => {
    const { push, painted, onBroken, decoder } = start();
    push('init');
    push('key', 'k1');
    decoder().work();
    decoder().fail();
    push('delta', 'd2');
    push('key', 'k3');
    decoder().work();
    expect(painted).toEqual(['k1', 'k3']);
    for (const key of ['k4', 'k5', 'k6']) {
      expect(onBroken).not.toHaveBeenCalled();
      push('key', key);
      decoder().fail();
    }
    expect(onBroken).toHaveBeenCalledTimes(1);
    push('key', 'k7');
    expect(FakeVideoDecoder.all).toHaveLength(4);
  });

  it('are given up at once where the decoder has never shown one', () => {
    const { push, onBroken, decoder } = start();
    push('init');
    push('key', 'k1');
    decoder().fail();
    expect(onBroken).toHaveBeenCalledTimes(1);
  });

  it('are decoded in software where hardware holds them back', () => {
    const { push, painted, decoder } = start();
    push('init');
    push('key', 'k1');
    for (let picture = 2; picture <= 12; picture++) {
      push('delta', `d${picture}`);
      decoder().work({ held: 8 });
    }
    expect(painted).toEqual(['k1', 'd2', 'd3', 'd4']);
    push('key', 'k13');
    decoder().work();
    expect(painted.at(-1)).toBe('k13');
    expect(FakeVideoDecoder.all.map(({ config }) => config?.['hardwareAcceleration'])).toEqual([
      'no-preference',
      'prefer-software',
    ]);
  });

  it('begin anew with a new init segment, and end with the sink', () => {
    const { push, painted, decoder, end, onBroken } = start();
    push('init');
    push('key', 'k1');
    push('init');
    push('delta', 'd2');
    push('key', 'k3');
    decoder().work();
    expect(painted).toEqual(['k3']);
    end.abort();
    push('key', 'k4');
    expect(FakeVideoDecoder.all.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(onBroken).not.toHaveBeenCalled();
  });

  it('are not to be had where the page came unprotected: the browser then keeps its decoder to itself', () => {
    expect(canDecode()).toBe(true);
    vi.stubGlobal('VideoDecoder', undefined);
    expect(canDecode()).toBe(false);
  });
});
