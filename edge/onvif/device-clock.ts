import { performance } from 'node:perf_hooks';
import { timeSettingsFrom } from './device-time.ts';
import { OnvifReplyInvalidError } from './errors.ts';
import { child, type SoapNode } from './soap-node.ts';

/** What one look at the device's clock showed. */
export interface ClockOffset {
  /** Device time minus ours, milliseconds. */
  readonly offsetMs: number;
  /** How far the offset may be wrong: half the round trip, and half a second because devices say whole seconds. */
  readonly uncertaintyMs: number;
}

/** The clock runs on after a measurement by our monotonic clock, so that a step of our own wall clock does not matter. */
export interface DeviceClock {
  /** Undefined when the device does not tell its time: then it is taken to have ours. */
  readonly offset: ClockOffset | undefined;
  readonly measuredAtMs: number;
  /** The device's own time now, milliseconds since 1970. */
  nowMs(): number;
}

/**
 * The time in a GetSystemDateAndTime reply, undefined when the device leaves its UTC time out (some cheap ones do).
 *
 * @throws OnvifReplyInvalidError when this is no such reply
 */
function deviceTimeFromBody(body: SoapNode): number | undefined {
  const response = child(body, 'getSystemDateAndTimeResponse');
  if (response === undefined) throw new OnvifReplyInvalidError('The reply does not say what time the device has.');
  return timeSettingsFrom(body).utcAtMs;
}

/**
 * Measures the device's clock by one request.
 *
 * @param ask sends GetSystemDateAndTime and gives the SOAP body of its reply
 */
export async function measureDeviceClock(ask: () => Promise<SoapNode>): Promise<DeviceClock> {
  const sentAtMs = performance.now();
  const body = await ask();
  const receivedAtMs = performance.now();
  const halfTripMs = (receivedAtMs - sentAtMs) / 2;
  const toldAtMs = deviceTimeFromBody(body);
  const measuredAtMs = sentAtMs + halfTripMs;
  if (toldAtMs === undefined) return { measuredAtMs, offset: undefined, nowMs: () => Date.now() };
  // The second that the device names began up to a second ago; its middle is the best guess.
  const nowMs = () => toldAtMs + 500 + (performance.now() - measuredAtMs);
  const offset = { offsetMs: Math.round(nowMs() - Date.now()), uncertaintyMs: Math.ceil(500 + halfTripMs) };
  return { measuredAtMs, offset, nowMs };
}
