export type SimulatorErrorCode =
  | 'CONFIG_INVALID'
  | 'CONFIG_UNREADABLE'
  | 'PASSWORD_MISSING'
  | 'SCENE_PICTURES_UNAVAILABLE'
  | 'SCENE_RENDERING_FAILED'
  | 'ADDRESS_IN_USE'
  | 'ARGUMENT_INVALID';

/** What stops the simulator, or refuses a setting: a stable code, and a message that says what to do next. */
export class SimulatorError extends Error {
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'SimulatorError';
    this.code = code;
  }
}
