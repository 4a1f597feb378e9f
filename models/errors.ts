/** What can go wrong with models and other pinned files. */
export type ModelErrorCode =
  /** A file is not the one that the manifest names: nothing that depends on it may start. */
  | 'MODEL_CORRUPT'
  /** A model is not here and could not be fetched. */
  | 'MODEL_UNAVAILABLE'
  /** npm could not bring a package. */
  | 'PACKAGE_UNAVAILABLE'
  /** What the registry sent is not what was pinned. */
  | 'PACKAGE_INTEGRITY_MISMATCH'
  /** The registry's answer was right, and yet not what the pin says is in it. */
  | 'PACKAGE_INVALID';

/** A stable code; the message says what happened and what to do next. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ModelError';
    this.code = code;
  }
}
