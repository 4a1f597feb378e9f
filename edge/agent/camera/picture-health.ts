import type { EventData } from '@dipper/contract/events';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import { createPictureWatch, type PictureWatch } from '../../vision/picture-watch.ts';
import type { PictureState } from './camera-state.ts';

export interface PictureHealthOptions {
  readonly onPicture: (picture: PictureState) => void;
  readonly onCovered: (atMs: number, data: EventData<'camera.tampered'>) => void;
  readonly onFrozen: (atMs: number, data: EventData<'camera.frozen'>) => void;
}

export interface PictureHealth {
  observe(frame: DecodedFrame): void;
  /** There is no picture any more: nothing is known of it until there is one again. */
  lose(): void;
}

interface Trouble {
  readonly kind: 'frozen' | 'covered';
  readonly sinceMs: number;
}

/**
 * A picture that comes back after an outage counts as fine only when the watch has had the time to find it otherwise: to
 * call it frozen takes 17 s where it stands exactly still and up to 25 s behind a running clock, when not every second
 * matches; to call it covered takes 3 s. Some seconds more, or a freeze that outlasted an outage is told ended and begun
 * again.
 */
const SETTLE_MS = { frozen: 28_000, covered: 4_000 } as const;

/** Tells when the picture stops being worth looking at, and when it is again: each once, also across outages. */
export function createPictureHealth(options: PictureHealthOptions): PictureHealth {
  let watch: PictureWatch | undefined;
  let firstAtMs = 0;
  let trouble: Trouble | undefined;

  function tell({ kind, sinceMs }: Trouble, phase: 'started' | 'ended', atMs: number): void {
    const since = new Date(Math.round(sinceMs)).toISOString();
    if (kind === 'frozen') options.onFrozen(atMs, { phase, since });
    else options.onCovered(atMs, { kind: 'covered', phase, since });
  }

  function end(atMs: number): void {
    if (trouble !== undefined) tell(trouble, 'ended', atMs);
    trouble = undefined;
  }

  return {
    observe(frame) {
      if (watch === undefined) {
        watch = createPictureWatch();
        firstAtMs = frame.atMs;
      }
      const { state, sinceMs } = watch.observe(frame.atMs, frame);
      if (state === 'ok') {
        if (trouble !== undefined && frame.atMs - firstAtMs < SETTLE_MS[trouble.kind]) return;
        end(sinceMs);
      } else if (trouble?.kind !== state) {
        end(sinceMs);
        trouble = { kind: state, sinceMs };
        tell(trouble, 'started', sinceMs);
      }
      options.onPicture(state);
    },
    lose() {
      watch = undefined;
      options.onPicture('unknown');
    },
  };
}
