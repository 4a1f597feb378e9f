import type { PlaybackEnd } from './playback-connection.ts';

/** What the viewer is told about a recording. Every state knows the instant it stands at, ms since 1970. */
export type PlaybackState =
  /** Nothing shown yet. */
  | { readonly kind: 'connecting'; readonly atMs: number }
  | { readonly kind: 'playing'; readonly atMs: number }
  | { readonly kind: 'paused'; readonly atMs: number }
  /** The recording goes on, and comes slower than it is played. */
  | { readonly kind: 'waiting'; readonly atMs: number }
  /** Nothing was recorded here, or what was is damaged: `problem` says. `nextAtMs`: where it goes on. */
  | {
      readonly kind: 'over';
      readonly atMs: number;
      readonly nextAtMs: number | undefined;
      readonly problem: string | undefined;
    }
  /** It cannot be played now; `retries` tells whether the page goes on trying by itself. */
  | { readonly kind: 'failed'; readonly atMs: number; readonly problem: string; readonly retries: boolean };

export interface PlaybackFacts {
  /** The instant on screen; before there is one, the one that was asked for. */
  readonly atMs: number;
  readonly hasPicture: boolean;
  readonly isPaused: boolean;
  /** Whether everything that has come has been shown. */
  readonly isDry: boolean;
  readonly end: PlaybackEnd | undefined;
  readonly problem: string | undefined;
  readonly retries: boolean;
}

/** Nothing is there: that is no failure but an answer. */
const MISSING = 'RECORDING_MISSING';

/** What has come is shown to its end before anything is said about what does not come. */
export function playbackStateOf(facts: PlaybackFacts): PlaybackState {
  const { atMs, hasPicture, isPaused, isDry, end, problem, retries } = facts;
  if (hasPicture && !isDry) return { kind: isPaused ? 'paused' : 'playing', atMs };
  if (end !== undefined) return { kind: 'over', atMs, nextAtMs: end.nextAtMs, problem: end.code };
  if (problem === MISSING) return { kind: 'over', atMs, nextAtMs: undefined, problem: undefined };
  if (problem !== undefined) return { kind: 'failed', atMs, problem, retries };
  if (!hasPicture) return { kind: 'connecting', atMs };
  return { kind: isPaused ? 'paused' : 'waiting', atMs };
}

/** Whether two states look the same to a viewer, who sees the hand of the time line move ten times a second at most. */
export function isSamePlaybackState(a: PlaybackState, b: PlaybackState): boolean {
  if (a.kind !== b.kind || Math.floor(a.atMs / 100) !== Math.floor(b.atMs / 100)) return false;
  if (a.kind === 'over' && b.kind === 'over') return a.nextAtMs === b.nextAtMs && a.problem === b.problem;
  if (a.kind === 'failed' && b.kind === 'failed') return a.problem === b.problem && a.retries === b.retries;
  return true;
}
