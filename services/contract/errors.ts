import { ACCESS_ERRORS } from './errors/access.ts';
import { ACCOUNT_ERRORS } from './errors/account.ts';
import { ALARM_ERRORS } from './errors/alarm.ts';
import { CASE_ERRORS } from './errors/case.ts';
import { COMMAND_ERRORS } from './errors/command.ts';
import { DEVICE_ERRORS } from './errors/device.ts';
import { EDGE_ERRORS } from './errors/edge.ts';
import { FACE_ERRORS } from './errors/face.ts';
import { GATE_ERRORS } from './errors/gate.ts';
import { MEDIA_ERRORS } from './errors/media.ts';
import { MESSAGE_ERRORS } from './errors/message.ts';
import { RECORDING_ERRORS } from './errors/recording.ts';
import { REQUEST_ERRORS } from './errors/request.ts';
import { RULE_ERRORS } from './errors/rule.ts';
import { WEBHOOK_ERRORS } from './errors/webhook.ts';

/** Every error that leaves a part carries one of these codes. Each stands in the file of its noun, and in one alone. */
export const ERROR_CODES = {
  ...MESSAGE_ERRORS,
  ...COMMAND_ERRORS,
  ...EDGE_ERRORS,
  ...ACCESS_ERRORS,
  ...FACE_ERRORS,
  ...GATE_ERRORS,
  ...DEVICE_ERRORS,
  ...MEDIA_ERRORS,
  ...RECORDING_ERRORS,
  ...ACCOUNT_ERRORS,
  ...CASE_ERRORS,
  ...ALARM_ERRORS,
  ...RULE_ERRORS,
  ...WEBHOOK_ERRORS,
  ...REQUEST_ERRORS,
};

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that may cross the contract: its code is stable, its message is for people, its cause is for the log. */
export class DipperError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** What a program may need besides the code; never a secret. */
  readonly detail: unknown;

  constructor(code: ErrorCode, options: { message?: string; detail?: unknown; cause?: unknown } = {}) {
    super(options.message ?? ERROR_CODES[code].en, { cause: options.cause });
    this.name = 'DipperError';
    this.code = code;
    this.status = ERROR_CODES[code].status;
    this.detail = options.detail;
  }
}

/** Whether something thrown is one of ours. */
export function isDipperError(error: unknown): error is DipperError {
  return error instanceof DipperError;
}
