import type { FaceTemplate } from './face-embedder.ts';
import type { FaceBox } from './face-models.ts';
import type { RgbFrame } from './frame.ts';
import type { DetectorSide } from './plates/plate-input.ts';
import type { PlateFindings } from './plates/read-plates.ts';
import type { VisionErrorCode } from './vision-error.ts';

/**
 * What goes to the inference thread: one request at a time. Only a frame to `detect` in stays with whoever asks: the others were cut
 * out for the question, and go with it.
 */
export type InferenceRequest =
  | { readonly kind: 'detect'; readonly frame: RgbFrame }
  /** `frame` is the face's crop. */
  | { readonly kind: 'landmarks'; readonly frame: RgbFrame }
  /** `frame` is an aligned face. */
  | { readonly kind: 'embed'; readonly frame: RgbFrame }
  /** `frame` is the face's surroundings. */
  | { readonly kind: 'liveness'; readonly frame: RgbFrame }
  /** `frame` is the lane, or the whole picture. */
  | { readonly kind: 'plates'; readonly frame: RgbFrame; readonly side: DetectorSide }
  /** Nothing more will be asked: the thread ends once it has answered. */
  | { readonly kind: 'end' };

/** What is answered. */
export type InferenceQuestion = Exclude<InferenceRequest, { readonly kind: 'end' }>;

/** What comes back: `ready` once, then one reply per request. */
export type InferenceReply =
  | { readonly kind: 'ready' }
  /** `spent` is the memory of the frame that was searched, given back for the next one. */
  | { readonly kind: 'faces'; readonly faces: FaceBox[]; readonly spent?: ArrayBuffer }
  /** 68 times x, y as parts of the crop. */
  | { readonly kind: 'points'; readonly points: Float32Array }
  | { readonly kind: 'template'; readonly template: FaceTemplate }
  /** How much it is taken for a living one, 0..1. */
  | { readonly kind: 'liveness'; readonly score: number }
  | ({ readonly kind: 'plates' } & PlateFindings)
  | { readonly kind: 'failed'; readonly code: VisionErrorCode; readonly message: string };

/** Files that plates are read with. */
export interface PlateModelPaths {
  readonly detection: string;
  readonly recognition: string;
  readonly characters: string;
}

/** ONNX files, prepared and verified: a thread answers what it has a model for. */
export interface InferenceThreadData {
  readonly detectPath?: string;
  readonly landmarkPath?: string;
  readonly embedPath?: string;
  readonly livenessPath?: string;
  readonly plates?: PlateModelPaths;
}
