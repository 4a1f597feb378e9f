/**
 * What can go wrong in a conversation with an ONVIF device, and what to do next. The codes are stable: they become the
 * `cause` of a device's state.
 */
const NEXT_STEPS = {
  ONVIF_UNREACHABLE: 'Check the address, the port, and that the device has power and network.',
  ONVIF_REFUSED:
    'Check user name and password, and that the user may read media settings; many devices lock an account for minutes after several failures.',
  ONVIF_TIMEOUT: 'The device answers too slowly or not at all; restart it if this lasts.',
  ONVIF_REPLY_INVALID:
    'Check that the address is that of the ONVIF device service (often /onvif/device_service) and that the firmware is current.',
  ONVIF_REPLY_TOO_LARGE: 'The device sent more than any honest reply needs; check what stands behind this address.',
  ONVIF_REDIRECTED:
    'Configure the address the device redirects to, if it is the right one; redirects are not followed.',
  ONVIF_PROFILES_INCONSISTENT: "Delete or repair the media profiles on the device's own page, then restart it.",
  ONVIF_NOT_SUPPORTED: 'The device lacks this service; configure its stream addresses by hand.',
  ONVIF_FAULT: "The device refused the request; its own words are in the error's message.",
  ONVIF_ABORTED: 'Nothing: the caller stopped the conversation.',
} as const;

export type OnvifErrorCode = keyof typeof NEXT_STEPS;

/** The base of all errors of this folder. `message` ends with what to do next; it never contains credentials. */
export class OnvifError extends Error {
  readonly code: OnvifErrorCode;
  readonly nextStep: string;

  constructor(code: OnvifErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(`${what} ${NEXT_STEPS[code]}`, options);
    this.name = new.target.name;
    this.code = code;
    this.nextStep = NEXT_STEPS[code];
  }
}

export class OnvifUnreachableError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_UNREACHABLE', what, options);
  }
}

/** The device answers and says no: wrong password, missing right, or a clock it does not accept. */
export class OnvifRefusedError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_REFUSED', what, options);
  }
}

export class OnvifTimeoutError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_TIMEOUT', what, options);
  }
}

export class OnvifReplyInvalidError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_REPLY_INVALID', what, options);
  }
}

export class OnvifReplyTooLargeError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_REPLY_TOO_LARGE', what, options);
  }
}

export class OnvifRedirectedError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_REDIRECTED', what, options);
  }
}

/** Profiles that contradict each other or the device's video sources. */
export class OnvifProfilesInconsistentError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_PROFILES_INCONSISTENT', what, options);
  }
}

export class OnvifNotSupportedError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_NOT_SUPPORTED', what, options);
  }
}

/** A SOAP fault that is none of the above. */
export class OnvifFaultError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_FAULT', what, options);
  }
}

export class OnvifAbortedError extends OnvifError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('ONVIF_ABORTED', what, options);
  }
}

const CLASSES: { readonly [C in OnvifErrorCode]: new (what: string, options?: { cause?: unknown }) => OnvifError } = {
  ONVIF_UNREACHABLE: OnvifUnreachableError,
  ONVIF_REFUSED: OnvifRefusedError,
  ONVIF_TIMEOUT: OnvifTimeoutError,
  ONVIF_REPLY_INVALID: OnvifReplyInvalidError,
  ONVIF_REPLY_TOO_LARGE: OnvifReplyTooLargeError,
  ONVIF_REDIRECTED: OnvifRedirectedError,
  ONVIF_PROFILES_INCONSISTENT: OnvifProfilesInconsistentError,
  ONVIF_NOT_SUPPORTED: OnvifNotSupportedError,
  ONVIF_FAULT: OnvifFaultError,
  ONVIF_ABORTED: OnvifAbortedError,
};

/** An error as it crosses from the conversation's thread, where classes do not survive. */
export interface OnvifErrorData {
  readonly code: OnvifErrorCode;
  readonly what: string;
}

/** Takes an error apart for the way between threads; whatever is not ours is a reply we could not make sense of. */
export function onvifErrorData(error: unknown): OnvifErrorData {
  if (error instanceof OnvifError) {
    return { code: error.code, what: error.message.slice(0, -error.nextStep.length).trimEnd() };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'ONVIF_REPLY_INVALID', what: `The reply could not be understood (${printable(reason)}).` };
}

/** Puts an error together again on the other side. */
export function onvifErrorFrom(data: OnvifErrorData): OnvifError {
  return new CLASSES[data.code](data.what);
}

/** What a device wrote, cut and without control characters, so it can stand in a log line or on a terminal. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, ' ').slice(0, 160);
}
