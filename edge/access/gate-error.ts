const NEXT_STEPS = {
  GATE_UNREACHABLE: 'Check the address, the port, and that the gate controller has power and network.',
  GATE_REFUSED: 'Check user name and password; the edge tries again only now and then, for controllers lock accounts.',
  GATE_TIMEOUT: 'The controller answers too slowly or not at all; restart it if this lasts.',
  GATE_REPLY_INVALID: 'Check that the address is that of the ONVIF device service and that the firmware is current.',
  GATE_REPLY_TOO_LARGE: 'The controller sent more than any honest reply needs; check what stands behind this address.',
  GATE_REDIRECTED: 'Configure the address the controller redirects to, if it is the right one.',
  GATE_NOT_SUPPORTED: 'The controller needs pull-point events, and a relay and a contact or ONVIF door control.',
  GATE_FAULT: "The controller refused the request; its own words are in the error's message.",
  GATE_RELAY_UNKNOWN: "Configure the relay's token: relayToken.",
  GATE_RELAY_MISMATCH: 'Configure under `relay` what it is, or set the controller as it is configured.',
  GATE_CONTACT_UNKNOWN: "Configure the contact's token: contactToken.",
  GATE_INPUT_UNKNOWN: 'Configure the tokens under `inputs` as the controller has them.',
  GATE_DOOR_UNKNOWN: "Configure the door's token: door.token.",
  GATE_ACTION_MISSING: 'Configure under `actions` what the door can do, or add what it lacks.',
  GATE_ABORTED: 'Nothing: the caller stopped it.',
} as const;

export type GateErrorCode = keyof typeof NEXT_STEPS;

/** Something wrong between the gate loop and a gate's controller. The message ends with what to do; it holds no secret. */
export class GateError extends Error {
  readonly code: GateErrorCode;

  constructor(code: GateErrorCode, what: string, options: { cause?: unknown } = {}) {
    super(`${what} ${NEXT_STEPS[code]}`, options);
    this.name = 'GateError';
    this.code = code;
  }
}

/** Whatever was thrown, as one of ours. */
export function gateErrorFrom(error: unknown): GateError {
  if (error instanceof GateError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new GateError('GATE_REPLY_INVALID', `Unforeseen: ${printable(reason)}.`, { cause: error });
}

/** What a device wrote, cut and without control characters, so it can stand in a log line or on a terminal. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, ' ').slice(0, 160);
}
