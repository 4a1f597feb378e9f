import type { EventData } from '@dipper/contract/events';
import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import { decodeWindow } from '../../video/decode-window.ts';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import type { Ring } from '../../video/ring.ts';
import type { Polygon } from '../../vision/motion-watch.ts';
import type { PlatePassage } from '../../vision/plates/plate-tracker.ts';
import type { PlateReader } from '../../vision/plates/plate-worker.ts';
import { fractionBox } from './capture-desk.ts';
import { type PlateWatch, startPlateWatch } from './plate-watch.ts';

/** A plate that wants to come in, as the gate process is told of it. */
export interface PlateOffer {
  readonly plate: string;
  readonly atMs: number;
  readonly evidence: { readonly track: string; readonly votes: number; readonly confidence: number };
}

export interface PlateCaptureOptions {
  /** Each call gives a place of its own in the queue of the models. */
  readonly models: { forStream(): PlateReader };
  readonly lane?: Polygon | undefined;
  readonly minVotes: number;
  /** Asks a gate to open for a vehicle that drives up. Absent: plates are only told of. */
  readonly offer?: ((offer: PlateOffer) => void) | undefined;
}

export interface PlateCaptureSurroundings {
  readonly mainRing: Ring;
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
  readonly onRead: (atMs: number, data: EventData<'plate.read'>) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The picture of the same instant, or the one before or after it at 15 a second. */
const NEAR_MS = 70;
/** Main may reach us later than sub: its pictures are larger. */
const WAIT_MS = 500;

/** From frames of a stream to `plate.read` events, one for each vehicle, and offers to the gate. */
export function startPlateCapture(options: PlateCaptureOptions, surroundings: PlateCaptureSurroundings): PlateWatch {
  const { models, lane, minVotes, offer } = options;
  const { mainRing, ffmpegPath, signal, onRead, clock, log } = surroundings;

  function take(passage: PlatePassage, frame: { readonly widthPx: number; readonly heightPx: number }): void {
    const { track, text: plate, votes, confidence, direction, colour, box, atMs, firstSeenAtMs } = passage;
    // Whoever drives off, or past, does not ask to come in.
    if (direction === 'approaching') offer?.({ plate, atMs: Math.round(atMs), evidence: { track, votes, confidence } });
    onRead(atMs, {
      ...{ track, plate, votes, confidence: Math.min(1, confidence), direction, colour },
      box: fractionBox(box, frame),
      firstSeenAt: new Date(Math.round(firstSeenAtMs)).toISOString(),
    });
  }

  /** Main is decoded only here, from its last key frame to the one picture that is wanted. */
  async function closeUp(frame: DecodedFrame): Promise<DecodedFrame | undefined> {
    const window = { beforeMs: NEAR_MS, afterMs: NEAR_MS, waitMs: WAIT_MS };
    try {
      for await (const picture of decodeWindow({ ring: mainRing, ffmpegPath, instant: frame, ...window, signal })) {
        return picture;
      }
    } catch (error) {
      if (!signal.aborted) log.info({ err: error }, 'the main stream lacks the moment of a plate');
    }
    return undefined;
  }

  return startPlateWatch({ reader: models.forStream(), lane, minVotes, closeUp, onPassage: take, clock, log });
}
