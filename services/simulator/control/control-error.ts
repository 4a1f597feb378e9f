export const CONTROL_STATUS = {
  DEVICE_UNKNOWN: 404,
  FAULT_UNKNOWN: 404,
  EVENT_UNKNOWN: 404,
  FAULT_NOT_SUPPORTED: 409,
  ACTION_NOT_SUPPORTED: 409,
  FAULT_OPTIONS_INVALID: 400,
  EVENT_OPTIONS_INVALID: 400,
  SCENE_UNKNOWN: 400,
  BODY_NOT_JSON: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
} as const;

export type ControlErrorCode = keyof typeof CONTROL_STATUS;

/** A refusal of the control API. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.name = 'ControlError';
    this.code = code;
  }
}
