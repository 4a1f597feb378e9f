import type { Box } from '@dipper/contract/events/box';
import { type Figure, figuresAt, SCENE } from './busy-script.ts';

/** One person who came by, in frames as they were sent. */
export interface Visit {
  readonly lane: 0 | 1;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Where in the loop it begins: visits that are filmed alike have the same. */
  readonly kind: string;
}

type LoopFrameOf = (frame: number) => number | undefined;

/** Who came and went again between two frames, by the script. */
export function visitsBetween(from: number, to: number, loopFrameOf: LoopFrameOf): Visit[] {
  const visits: Visit[] = [];
  for (let frame = from; frame < to; frame += 1) {
    for (const { lane, sinceFrames, frames } of figuresOf(frame, loopFrameOf)) {
      const lastFrame = frame + frames - 1;
      // What is shown may have been changed while somebody was in the picture.
      const stays = (): boolean =>
        figuresOf(lastFrame, loopFrameOf).some((late) => late.lane === lane && late.sinceFrames === frames - 1);
      if (sinceFrames > 0 || lastFrame >= to || !stays()) continue;
      visits.push({ lane, firstFrame: frame, lastFrame, kind: `${lane}:${loopFrameOf(frame)}` });
    }
  }
  return visits;
}

/** Who of them stands where a face was found; undefined when nobody does. @param box parts of the picture */
export function whoIs(visits: readonly Visit[], frame: number, box: Box, loopFrameOf: LoopFrameOf): Visit | undefined {
  const [xPx, yPx] = [(box.x + box.width / 2) * SCENE.widthPx, (box.y + box.height / 2) * SCENE.heightPx];
  const away = (figure: Figure): number =>
    Math.hypot(figure.faceXPx - xPx, figure.faceYPx - yPx) / (FACE_PX * figure.scale);
  const nearest = figuresOf(frame, loopFrameOf).toSorted((a, b) => away(a) - away(b))[0];
  if (nearest === undefined || away(nearest) > MAX_AWAY) return undefined;
  return visits.find(({ lane, firstFrame }) => lane === nearest.lane && firstFrame === frame - nearest.sinceFrames);
}

/** Height of a face at scale 1. */
const FACE_PX = 173;
/** In heights of the face: the detector's box is not centred as the drawing is, and a frame may be dated one off. */
const MAX_AWAY = 0.6;

function figuresOf(frame: number, loopFrameOf: LoopFrameOf): Figure[] {
  const place = loopFrameOf(frame);
  return place === undefined ? [] : figuresAt(place);
}
