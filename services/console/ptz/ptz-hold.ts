import { PTZ_RENEW_MS, type PtzVelocity } from '@dipper/contract/ptz';

export interface PtzHoldOptions {
  /** Begins a movement, or goes on with one. @returns its id. */
  readonly move: (velocity: PtzVelocity, continues: string | undefined) => Promise<string>;
  readonly stop: () => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

/** A key or a finger that turns a camera while it is held. */
export interface PtzHold {
  press(velocity: PtzVelocity): void;
  release(): void;
  readonly isHeld: boolean;
}

/**
 * Turns while it is held: the movement is renewed well within the time after which the edge ends it, and stopped when it is
 * released. Requests may overtake one another, so a movement that was still on its way is followed by another stop.
 */
export function createPtzHold({ move, stop, onError }: PtzHoldOptions): PtzHold {
  /** Counts what the hand did: an answer that comes later than the next thing counts no more. */
  let deed = 0;
  let held = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function halt(): void {
    stop().catch(onError);
  }

  async function turn(velocity: PtzVelocity, mine: number, continues: string | undefined): Promise<void> {
    try {
      const id = await move(velocity, continues);
      // Released, or turned another way, while this was on its way: what it began must not go on.
      if (mine !== deed) {
        if (!held) halt();
        return;
      }
      timer = setTimeout(() => void turn(velocity, mine, id), PTZ_RENEW_MS);
    } catch (error) {
      if (mine !== deed) return;
      held = false;
      deed += 1;
      onError(error);
    }
  }

  return {
    press(velocity) {
      clearTimeout(timer);
      deed += 1;
      held = true;
      void turn(velocity, deed, undefined);
    },
    release() {
      if (!held) return;
      clearTimeout(timer);
      deed += 1;
      held = false;
      halt();
    },
    get isHeld() {
      return held;
    },
  };
}
