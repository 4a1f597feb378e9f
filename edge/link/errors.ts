/** What can go wrong between the edge and its hub; every code is answered in README's troubleshooting. */
export type LinkErrorCode =
  | 'OUTBOX_FULL'
  | 'OUTBOX_CORRUPT'
  | 'OUTBOX_IN_USE'
  | 'HUB_KEY_INVALID'
  | 'MQTT_VERSION_REFUSED'
  | 'MQTT_CREDENTIALS_REFUSED'
  | 'MQTT_UNREACHABLE'
  | 'UPLINK_REFUSED';

/** An error of the link. The message says what happened and what to do next, and never contains a secret. */
export class LinkError extends Error {
  readonly code: LinkErrorCode;
  constructor(code: LinkErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'LinkError';
    this.code = code;
  }
}
