import type { EventData } from '@dipper/contract/events';
import type { Box } from '@dipper/contract/events/box';
import type { MediaReference } from '@dipper/contract/events/face';
import type { Logger } from 'pino';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import { clipBox, type PixelBox } from '../../vision/box.ts';
import type { FaceShot } from '../../vision/face-capture.ts';
import type { cutFacePicture } from '../../vision/picture.ts';
import { type CutShot, cutFromSub, type ShotCutter } from './shot-cutter.ts';

/** Keeps pictures encrypted for a while; see `picture-store`. */
export interface PictureKeeper {
  /** @throws Error with a stable `code` when the picture could not be kept */
  put(
    jpeg: Uint8Array,
    about: { readonly device: string; readonly capturedAtMs: number },
  ): Promise<{ readonly ref: string; readonly mime: 'image/jpeg'; readonly expiresAt: string }>;
}

export interface CaptureDeskOptions {
  readonly device: string;
  readonly cutter: ShotCutter;
  readonly cutPicture: typeof cutFacePicture;
  readonly pictures: PictureKeeper;
  readonly onCaptured: (occurredAtMs: number, data: EventData<'face.captured'>) => void;
  readonly log: Logger;
  /** The camera is being stopped: no more looking into the main stream. */
  readonly signal: AbortSignal;
}

export interface CaptureDesk {
  /** Takes the best shot of a track; its event follows. */
  take(shot: FaceShot<DecodedFrame>): void;
  /** Resolves when what was taken has been told. */
  settled(): Promise<void>;
  stats(): { readonly captured: number; readonly fromSub: number; readonly failed: number };
}

/** So many shots may wait for the main stream, a second of work each; a crowd's later ones come from the sub-stream. */
const MAX_WAITING = 6;

/** Turns best shots into pictures kept on the edge and `face.captured` events, one after another. */
export function createCaptureDesk(options: CaptureDeskOptions): CaptureDesk {
  const { cutter, pictures, log, signal } = options;
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;
  const counts = { captured: 0, fromSub: 0, failed: 0 };

  async function keep(cut: CutShot): Promise<MediaReference> {
    try {
      const { jpeg } = await options.cutPicture(cut.frame, cut.box);
      const about = { device: options.device, capturedAtMs: Math.round(cut.frame.atMs) };
      const { ref, mime, expiresAt } = await pictures.put(jpeg, about);
      return { ref, mime, expiresAt };
    } catch (error) {
      const code = codeOf(error);
      log.error({ err: error, code }, 'a picture could not be kept; its event goes out without it');
      return { unavailable: code };
    }
  }

  async function capture(shot: FaceShot<DecodedFrame>, isCrowded: boolean): Promise<void> {
    // Whoever is in the picture when the agent stops is told of as well, without the time that main takes.
    const isHurried = isCrowded || signal.aborted;
    const cut: CutShot = isHurried ? cutFromSub(shot) : await cutter.cut(shot);
    const media = await keep(cut);
    const { frame, source, quality, picture } = cut;
    counts.captured++;
    if (source === 'sub') counts.fromSub++;
    options.onCaptured(Math.round(frame.atMs), {
      track: shot.track,
      firstSeenAt: timestamp(shot.firstSeenAtMs),
      capturedAt: timestamp(frame.atMs),
      senderAt: timestamp(frame.senderAtMs),
      source,
      frame: { widthPx: picture.widthPx, heightPx: picture.heightPx },
      box: fractionBox(cut.place, picture),
      quality,
      media,
    });
  }

  return {
    take(shot) {
      const isCrowded = waiting >= MAX_WAITING;
      waiting++;
      queue = queue
        .then(() => capture(shot, isCrowded))
        .catch((error: unknown) => {
          counts.failed++;
          log.error({ err: error, track: shot.track }, 'a face was seen and could not be reported');
        })
        .finally(() => {
          waiting--;
        });
    },
    settled: () => queue,
    stats: () => ({ ...counts }),
  };
}

const timestamp = (atMs: number): string => new Date(Math.round(atMs)).toISOString();

/** As the contract has it: parts of the picture, within it. */
export function fractionBox(box: PixelBox, picture: { readonly widthPx: number; readonly heightPx: number }): Box {
  const { leftPx, topPx, widthPx, heightPx } = clipBox(box, picture);
  const x = leftPx / picture.widthPx;
  const y = topPx / picture.heightPx;
  return {
    x,
    y,
    width: Math.min(1 - x, widthPx / picture.widthPx),
    height: Math.min(1 - y, heightPx / picture.heightPx),
  };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,63}$/.test(code) ? code : 'MEDIA_FAILED';
}
