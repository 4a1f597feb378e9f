const NEXT_STEPS = {
  FRAME_INVALID: 'Hand over packed RGB, three bytes a pixel, width times height of them.',
  FRAME_SUPERSEDED: 'Nothing: a newer frame of the same stream took its place, since inference is behind.',
  MODEL_UNUSABLE: 'Fetch the models anew: delete their folder and start again.',
  INFERENCE_CRASHED:
    'Nothing: the inference thread starts again by itself. If this repeats, look for a lack of memory.',
  INFERENCE_HUNG: 'Start the agent again: a thread that hangs in native code cannot be ended.',
  INFERENCE_STOPPED: 'Nothing: its owner stopped it.',
} as const;

export type VisionErrorCode = keyof typeof NEXT_STEPS;

/** The one error of this folder: a stable code, and a message that ends with what to do next. */
export class VisionError extends Error {
  readonly code: VisionErrorCode;

  constructor(code: VisionErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(`${what} ${NEXT_STEPS[code]}`, { cause: options.cause });
    this.name = 'VisionError';
    this.code = code;
  }
}

/** Whether a frame was left out because a newer one came: no reason to worry, and counted by who left it out. */
export function isSuperseded(error: unknown): boolean {
  return error instanceof VisionError && error.code === 'FRAME_SUPERSEDED';
}
