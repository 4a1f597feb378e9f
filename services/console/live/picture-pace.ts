import type { MediaFrame } from './append-queue.ts';

/**
 * Whether pictures come as the camera films them, or one for each of its groups: an edge with too much to do, and the hub to a
 * viewer on a slow line, leave out what depends on other pictures.
 */
export interface PicturePace {
  observe(picture: Pick<MediaFrame, 'kind' | 'atMs'>): void;
  /** Another stream begins. */
  reset(): void;
  /** How far apart pictures are while only key frames come, ms; undefined while all do. */
  everyMs(): number | undefined;
}

/** A group's length, in any case: the edge's MPEG-1 has a key frame a second, cameras every one to sixteen. */
const SPARSE_MS = 800;
/** Of a camera that films slowly, so many pictures are missing before it is called anything else. */
const MISSING = 3;

export function createPicturePace(): PicturePace {
  let lastAtMs: number | undefined;
  let lastKeyAtMs: number | undefined;
  /** Between pictures of which none is missing; 0 until it is known. */
  let usualMs = 0;
  let everyMs: number | undefined;
  return {
    observe({ kind, atMs }) {
      if (kind === 'init') return;
      const apartMs = lastAtMs === undefined ? 0 : atMs - lastAtMs;
      const groupMs = lastKeyAtMs === undefined ? apartMs : atMs - lastKeyAtMs;
      lastAtMs = atMs;
      if (kind === 'key') lastKeyAtMs = atMs;
      // The first one, or one that was sent before: nothing is known by it.
      if (apartMs <= 0) return;
      if (kind === 'delta') usualMs = apartMs;
      const isAlone = kind === 'key' && apartMs >= SPARSE_MS && apartMs > MISSING * usualMs;
      // The first gap may begin anywhere in a group: whole ones last from key frame to key frame.
      everyMs = isAlone ? groupMs : undefined;
    },
    reset() {
      lastAtMs = lastKeyAtMs = everyMs = undefined;
      usualMs = 0;
    },
    everyMs: () => everyMs,
  };
}
