import { decodeLiveFrame, encodeLiveFrame, LIVE_FRAME_HEADER_BYTES } from '@dipper/contract/uplink';
import { describe, expect, it } from 'vitest';

describe('a live frame', () => {
  it.each(['init', 'key', 'delta'] as const)('%s: kind, instant and content survive the way', (kind) => {
    const content = Uint8Array.of(0, 0, 0, 8, 0x6d, 0x64, 0x61, 0x74);
    // A frame that sits in the middle of a larger buffer, as the WebSocket library hands it over.
    const larger = new Uint8Array(64);
    const frame = encodeLiveFrame(kind, 1_764_000_000_123.5, content);
    larger.set(frame, 11);
    expect(decodeLiveFrame(larger.subarray(11, 11 + frame.byteLength))).toEqual({
      kind,
      atMs: 1_764_000_000_123.5,
      content,
    });
  });

  it('is refused when it is none', () => {
    expect(decodeLiveFrame(new Uint8Array(LIVE_FRAME_HEADER_BYTES - 1))).toBeUndefined();
    expect(decodeLiveFrame(new Uint8Array(LIVE_FRAME_HEADER_BYTES))).toBeUndefined();
  });
});
