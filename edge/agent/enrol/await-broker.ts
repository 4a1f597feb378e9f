import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { connectionError } from '../../link/mqtt-errors.ts';
import type { BrokerAddress } from '../../link/mqtt-session.ts';

/** The hub writes the login at once; a broker reads it again within seconds. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 500;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Resolves once the broker lets the agent in.
 * @throws LinkError MQTT_CREDENTIALS_REFUSED, MQTT_UNREACHABLE, MQTT_VERSION_REFUSED as it stood in the end; AbortError
 */
export async function awaitBroker(broker: BrokerAddress, signal: AbortSignal): Promise<void> {
  const { url, protocolVersion, username, password, ca } = broker;
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      const client = await connectAsync(url, {
        protocolVersion,
        reconnectPeriod: 0,
        connectTimeout: CONNECT_TIMEOUT_MS,
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(ca !== undefined && { ca }),
      });
      await client.endAsync(true);
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw connectionError(error as Error, protocolVersion, url);
    }
    await delay(RETRY_MS, undefined, { signal });
  }
}
