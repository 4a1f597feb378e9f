import type { EventData } from '@dipper/contract/events';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import { createPictureWatch, type PictureWatch } from '../../vision/picture-watch.ts';
import { createPatrolledScene, createSceneWatch } from '../../vision/scene-watch.ts';
import type { PictureState } from './camera-state.ts';

export interface PictureHealthOptions {
  readonly onPicture: (picture: PictureState) => void;
  readonly onTampered: (atMs: number, data: EventData<'camera.tampered'>) => void;
  readonly onFrozen: (atMs: number, data: EventData<'camera.frozen'>) => void;
  /** The camera turns by itself, as on a tour of its presets: another scene is no news. Default: false. */
  readonly patrols?: boolean;
  /** The picture may stand still: it takes frames closer together to tell. */
  readonly onDoubt?: () => void;
}

export interface PictureHealth {
  observe(frame: DecodedFrame): void;
  /** There is no picture any more: nothing is known of it until there is one again, but what it usually shows. */
  lose(): void;
  /** The camera is being turned on purpose, now: what it shows from then on is usual. */
  turn(atMs: number): void;
}

interface Trouble {
  readonly kind: 'frozen' | 'covered' | 'moved';
  readonly sinceMs: number;
}

/**
 * A picture that comes back after an outage counts as fine only when the watch has had the time to find it otherwise: to
 * call it frozen takes 17 s where it stands exactly still and up to 25 s behind a running clock, when not every second
 * matches; to call it covered takes 3 s, moved 10 s. Some seconds more, or a freeze that outlasted an outage is told ended and begun
 * again.
 */
const SETTLE_MS = { frozen: 28_000, covered: 4_000, moved: 13_000 } as const;

/** So long after the last word that it turns, a drive has come to rest, and the picture is dated right. */
const TURNED_MS = 1_000;
/** A picture that is older was dated by another clock. */
const MAX_LATE_MS = 60_000;

/**
 * Tells when the picture stops being worth looking at, and when it is again: each once, also across outages.
 *
 * What was told before this agent started is not known: the lens may have been uncovered while nobody watched. So the
 * first picture that is fine for long enough ends every trouble; the hub lets pass the end of what it does not know. What a
 * camera usually shows is learnt anew at each start, too: one that was turned before is taken as it hangs.
 */
export function createPictureHealth(options: PictureHealthOptions): PictureHealth {
  const scene = options.patrols === true ? createPatrolledScene() : createSceneWatch();
  let watch: PictureWatch | undefined;
  let firstAtMs = 0;
  let trouble: Trouble | undefined;
  let turnedAtMs = Number.NEGATIVE_INFINITY;
  const unsettled = new Set<Trouble['kind']>(['frozen', 'covered', 'moved']);

  function tell({ kind, sinceMs }: Trouble, phase: 'started' | 'ended', atMs: number): void {
    const since = new Date(Math.round(sinceMs)).toISOString();
    if (kind === 'frozen') options.onFrozen(atMs, { phase, since });
    else options.onTampered(atMs, { kind, phase, since });
  }

  function end(atMs: number): void {
    if (trouble !== undefined) tell(trouble, 'ended', atMs);
    trouble = undefined;
  }

  /** Ends what the hub may still hold from before this agent started. */
  function settle(okSinceMs: number, okForMs: number): void {
    for (const kind of unsettled) {
      if (okForMs < SETTLE_MS[kind]) continue;
      unsettled.delete(kind);
      tell({ kind, sinceMs: okSinceMs }, 'ended', okSinceMs);
    }
  }

  return {
    observe(frame) {
      if (watch === undefined) {
        watch = createPictureWatch({ scene, onRepeated: () => options.onDoubt?.() });
        firstAtMs = frame.atMs;
      }
      // Pictures are on their way for a while: those taken before it stood still come after the word that it stands.
      const sinceTurnedMs = frame.atMs - turnedAtMs;
      if (sinceTurnedMs < TURNED_MS && sinceTurnedMs > -MAX_LATE_MS) scene.forget();
      const { state, sinceMs } = watch.observe(frame.atMs, frame);
      if (state === 'ok') {
        if (trouble !== undefined && frame.atMs - firstAtMs < SETTLE_MS[trouble.kind]) return;
        end(sinceMs);
        settle(sinceMs, frame.atMs - Math.max(firstAtMs, sinceMs));
      } else if (trouble?.kind !== state) {
        end(sinceMs);
        trouble = { kind: state, sinceMs };
        unsettled.delete(state);
        tell(trouble, 'started', sinceMs);
      }
      options.onPicture(state);
    },
    lose() {
      watch = undefined;
      options.onPicture('unknown');
    },
    turn(atMs) {
      turnedAtMs = atMs;
      scene.forget();
    },
  };
}
