import { mimeType } from './codec.ts';
import type { Ring } from './ring.ts';

/** What a viewer is sent: an init segment first and whenever the stream's parameters change, then fragments. */
export type LivePiece =
  | {
      readonly kind: 'init';
      readonly format: 'h264' | 'h265' | 'mpeg1';
      readonly bytes: Uint8Array;
      /** RFC 6381, for `MediaSource.isTypeSupported`, e.g. `video/mp4; codecs="avc1.64001f"`. */
      readonly mime: string;
      readonly widthPx: number;
      readonly heightPx: number;
      readonly atMs: number;
    }
  | {
      /** A picture that a viewer can start with, or one that depends on those before it. */
      readonly kind: 'key' | 'delta';
      readonly bytes: Uint8Array;
      /** When the picture was taken, by this machine's clock, ms since 1970. */
      readonly atMs: number;
    };

/** A viewer further behind skips to the newest key frame: live is not to become a recording. */
export const MAX_LAG_MS = 3_000;

/**
 * A stream for one viewer, untouched, from the key frame of the current group on, so that a picture shows at once. While
 * the caller is busy nothing piles up; it is then sent on with the newest key frame.
 */
export async function* liveFeed(ring: Ring, signal: AbortSignal): AsyncGenerator<LivePiece, void> {
  let init: object | undefined;
  for await (const unit of ring.reader({ from: 'latest-key', maxLagMs: MAX_LAG_MS, signal })) {
    const { format, bytes, widthPx, heightPx } = unit.init;
    if (unit.init !== init) {
      init = unit.init;
      yield { kind: 'init', format: format.kind, bytes, mime: mimeType(format), widthPx, heightPx, atMs: unit.atMs };
    }
    yield { kind: unit.fragment.isKey ? 'key' : 'delta', bytes: unit.fragment.bytes, atMs: unit.atMs };
  }
}
