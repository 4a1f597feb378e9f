import type { Clock } from '../../link/clock.ts';
import type { StreamAddress } from '../../video/stream-state.ts';

/** What a camera is and where its streams are. */
export interface CameraAccess {
  readonly main: StreamAddress;
  /** The same address as `main` for a camera that has one stream only. */
  readonly sub: StreamAddress;
  readonly model?: string | undefined;
  readonly firmware?: string | undefined;
}

/** Asks the device, over ONVIF or from the configuration. @throws Error with a stable `code`, which becomes the cause */
export type FindCamera = (signal: AbortSignal) => Promise<CameraAccess>;

/** Both streams of a camera come up at the same time: they are served by one conversation. */
const FRESH_MS = 10_000;

/** Asks once for all who ask at about the same time; a failure is not remembered. */
export function createAccessBook(find: FindCamera, clock: Clock): FindCamera {
  let asked: { readonly atMs: number; readonly answer: Promise<CameraAccess> } | undefined;
  return (signal) => {
    if (asked === undefined || clock.monotonicMs() - asked.atMs > FRESH_MS) {
      const mine = { atMs: clock.monotonicMs(), answer: find(signal) };
      mine.answer.catch(() => {
        if (asked === mine) asked = undefined;
      });
      asked = mine;
    }
    return asked.answer;
  };
}
