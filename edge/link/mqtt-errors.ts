import { LinkError } from './errors.ts';

/** MQTT 3.1.1 table 3.1 and MQTT 5 table 3-1, as the client reports them. */
const VERSION_REFUSED = [1, 0x84];
const CREDENTIALS_REFUSED = [4, 5, 0x86, 0x87];

/** Translates what the MQTT client says about a failed connection into what a person can act on. */
export function connectionError(cause: Error, protocolVersion: 4 | 5, address: string): LinkError {
  const code = 'code' in cause && typeof cause.code === 'number' ? cause.code : undefined;
  if (code !== undefined && VERSION_REFUSED.includes(code)) {
    const [spoken, other] = protocolVersion === 5 ? ['MQTT 5', 4] : ['MQTT 3.1.1', 5];
    return new LinkError(
      'MQTT_VERSION_REFUSED',
      `The broker at ${address} does not speak ${spoken}. Set mqtt.protocolVersion to ${other}, or use another broker.`,
      { cause },
    );
  }
  if (code !== undefined && CREDENTIALS_REFUSED.includes(code)) {
    return new LinkError(
      'MQTT_CREDENTIALS_REFUSED',
      `The broker at ${address} refuses this agent's user name or password. Check mqtt.username and its password.`,
      { cause },
    );
  }
  return new LinkError('MQTT_UNREACHABLE', `Cannot reach the broker at ${address}: ${cause.message}. Trying again.`, {
    cause,
  });
}
