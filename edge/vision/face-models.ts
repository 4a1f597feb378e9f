import type { PixelBox } from './box.ts';
import type { RgbFrame } from './frame.ts';

/** A face found in a frame, clipped to it. */
export interface FaceBox extends PixelBox {
  /** How sure the detector is, 0..1. */
  readonly score: number;
}

export interface Point {
  readonly xPx: number;
  readonly yPx: number;
}

/** 68 points in pixels of the frame, numbered as iBUG 300-W does (from 0): 17 jaw, 10 brows, 9 nose, 12 eyes, 20 mouth. */
export type Landmarks = readonly Point[];

/** What the models can say about a frame. Frames are not changed, and may be reused once the promise has settled. */
export interface FaceModels {
  /** Faces, best first. @throws VisionError */
  detect(frame: RgbFrame): Promise<FaceBox[]>;
  /** The points of one face. @throws VisionError */
  landmarks(frame: RgbFrame, box: PixelBox): Promise<Landmarks>;
}
