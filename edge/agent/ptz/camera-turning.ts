import { DipperError } from '@dipper/contract/errors';
import { PTZ_HOLD_MS, type PtzVelocity } from '@dipper/contract/ptz';
import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import { OnvifError } from '../../onvif/errors.ts';
import type { PtzDrive } from '../../onvif/ptz.ts';
import { hasMoved, type PtzStatus } from '../../onvif/ptz-status.ts';

export interface CameraTurningOptions {
  readonly device: string;
  readonly drive: Pick<PtzDrive, 'move' | 'stop' | 'status'>;
  /** Called before it is told to turn, which waits for it, and once it has been seen to stand. Never rejects. */
  readonly onTurning: (isTurning: boolean) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** One camera being turned by people who may vanish at any moment. */
export interface CameraTurning {
  /**
   * Turns for PTZ_HOLD_MS, or until `stop`; the same again goes on. Resolves once the camera was seen to turn.
   * @throws OnvifError; DipperError PTZ_NOT_MOVING
   */
  move(velocity: PtzVelocity): Promise<void>;
  /** Resolves once the camera was seen to stand. @throws OnvifError; DipperError PTZ_STILL_MOVING: it goes on being told */
  stop(): Promise<void>;
  /**
   * It was told to go somewhere, where it stops by itself. Resolves once it was seen to stand, or told otherwise; one that
   * does not tell how it stands is given some time. Never rejects.
   * @param onWay called at each look at it, and at the end
   */
  arrive(onWay: () => void): Promise<void>;
}

/** Between two looks at a camera that should turn or stand: slow drives take a quarter of a second to start. */
const LOOK_EVERY_MS = 200;
/** A drive that has not moved by then does not move. */
const MOVES_WITHIN_MS = 1_000;
/** What one `stop` waits for; the camera is told again meanwhile. */
const STANDS_WITHIN_MS = 3_000;
/** A camera that does not stop is told again for so long. Its own limits end the way; a fault of its drive ends nothing. */
const TOLD_FOR_MS = 120_000;
const TELL_AGAIN_MS = 1_000;
/** Once around with the slowest drives; a camera that is looked at for longer does not arrive. */
const ARRIVES_WITHIN_MS = 60_000;
const ARRIVES_UNSEEN_MS = 10_000;

/**
 * Keeps a camera from turning on: every movement has an end that this side brings about, whatever the camera promised, and
 * an end counts when it was seen. Devices that ignore their own timeout are known: github.com/koush/scrypted/pull/2124.
 */
export function createCameraTurning(options: CameraTurningOptions): CameraTurning {
  const { device, drive, clock, log, signal } = options;
  /** Counts what was told: whoever waits for an older word than the latest gives way. */
  let word = 0;
  let velocity: PtzVelocity | undefined;
  let cancelEnd = (): void => undefined;
  let sequence: Promise<unknown> = Promise.resolve();
  let stopping: Promise<void> | undefined;

  /** One request at a time: a stop that overtakes its movement stops nothing. */
  const inTurn = <T>(request: () => Promise<T>): Promise<T> => {
    const mine = sequence.then(request, request);
    sequence = mine.catch(() => undefined);
    return mine;
  };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

  /** @returns whether it moved since the look before; undefined from a camera that tells neither position nor movement */
  async function look(before: PtzStatus): Promise<{ now: PtzStatus; moved: boolean | undefined }> {
    await wait(LOOK_EVERY_MS);
    const now = await inTurn(() => drive.status());
    return { now, moved: hasMoved(before, now) };
  }

  async function seeItMove(mine: number): Promise<void> {
    const untilMs = clock.monotonicMs() + MOVES_WITHIN_MS;
    let before = await inTurn(() => drive.status());
    while (clock.monotonicMs() < untilMs && word === mine) {
      const { now, moved } = await look(before);
      if (moved !== false) return;
      before = now;
    }
    if (word === mine) throw new DipperError('PTZ_NOT_MOVING');
  }

  /** @returns whether it was seen to stand before the time was over */
  async function seeItStand(mine: number, withinMs: number, onLook?: () => void): Promise<boolean> {
    const untilMs = clock.monotonicMs() + withinMs;
    let before = await inTurn(() => drive.status());
    while (word === mine && !signal.aborted) {
      const { now, moved } = await look(before);
      onLook?.();
      if (moved !== true) return true;
      if (clock.monotonicMs() >= untilMs) return false;
      before = now;
    }
    return true;
  }

  /** Tells the camera to stop until it is seen to stand. */
  async function stopSurely(mine: number): Promise<void> {
    const untilMs = clock.monotonicMs() + TOLD_FOR_MS;
    for (let told = 1; word === mine && !signal.aborted; told += 1) {
      try {
        await inTurn(() => drive.stop());
        const stands = await seeItStand(mine, TELL_AGAIN_MS).catch(isWithoutStatus);
        if (stands) {
          if (word === mine) void options.onTurning(false);
          return;
        }
        if (told === 2) log.error({ device, code: 'PTZ_STILL_MOVING' }, 'the camera was told to stop and turns on');
      } catch (error) {
        log.warn({ device, err: error }, 'the camera could not be told to stop');
        if (clock.monotonicMs() >= untilMs) throw error;
        await wait(TELL_AGAIN_MS);
      }
      if (clock.monotonicMs() >= untilMs) return;
    }
  }

  function stop(): Promise<void> {
    cancelEnd();
    velocity = undefined;
    word += 1;
    const mine = word;
    stopping = stopSurely(mine);
    // Whoever asked may have given up waiting, and nobody asked for the end of a movement that was not renewed.
    stopping.catch((error: unknown) => log.error({ device, err: error }, 'the camera was not stopped'));
    return stopping;
  }

  function endInTime(): void {
    cancelEnd();
    cancelEnd = clock.after(PTZ_HOLD_MS, () => {
      log.info({ device }, 'nobody goes on turning the camera: it is stopped');
      void stop();
    });
  }

  return {
    async move(asked) {
      // From now on, not from the camera's answer: a slow camera has no longer.
      endInTime();
      const goesOn = velocity !== undefined && isSame(velocity, asked);
      velocity = asked;
      if (!goesOn) word += 1;
      const mine = word;
      // An agent that is killed from here on finds it written down.
      await options.onTurning(true);
      await inTurn(async () => {
        // A stop that came meanwhile counts.
        if (word === mine) await drive.move(asked, PTZ_HOLD_MS);
      });
      if (goesOn) return;
      try {
        await seeItMove(mine);
      } catch (error) {
        if (error instanceof DipperError) throw error;
        // A camera without status turns all the same.
        log.debug({ device, err: error }, 'the camera does not tell how it stands');
      }
    },
    async arrive(onWay) {
      word += 1;
      const mine = word;
      try {
        await seeItMove(mine);
        await seeItStand(mine, ARRIVES_WITHIN_MS, onWay);
      } catch (error) {
        // One that has not moved was there already; of one that does not answer nothing is seen.
        if (!(error instanceof DipperError)) await wait(ARRIVES_UNSEEN_MS);
      }
      onWay();
    },
    async stop() {
      const stopped = stop();
      const late = wait(STANDS_WITHIN_MS).then(() => 'late' as const);
      if ((await Promise.race([stopped, late])) === 'late') throw new DipperError('PTZ_STILL_MOVING');
    },
  };
}

/** A camera that cannot say how it stands is believed; one that did not answer is told again. */
function isWithoutStatus(error: unknown): boolean {
  return error instanceof OnvifError && (error.code === 'ONVIF_NOT_SUPPORTED' || error.code === 'ONVIF_FAULT');
}

function isSame(a: PtzVelocity, b: PtzVelocity): boolean {
  return a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom;
}
