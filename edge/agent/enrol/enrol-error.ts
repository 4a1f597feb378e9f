/** What can go wrong on this side of an enrolment; the hub's refusals come with the hub's own codes. */
export type EnrolErrorCode = 'HUB_UNREACHABLE' | 'HUB_ANSWER_INVALID' | 'HUB_REFUSED' | 'ENROLMENT_OTHER_AGENT';

/** An enrolment that did not come about. The code is stable, the message says what to do next and holds no secret. */
export class EnrolError extends Error {
  /** One of ours, or what the hub answered. */
  readonly code: string;
  constructor(code: EnrolErrorCode | (string & {}), message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'EnrolError';
    this.code = code;
  }
}
