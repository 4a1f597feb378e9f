import { type DeviceClock, measureDeviceClock } from './device-clock.ts';
import { NAMESPACES } from './device-services.ts';
import { type TimeSettings, timeSettingsFrom } from './device-time.ts';
import { OnvifRefusedError } from './errors.ts';
import type { SoapCall, SoapClient } from './soap-client.ts';

export interface ClockReading {
  readonly clock: DeviceClock;
  readonly settings: TimeSettings;
}

/**
 * Reads a device's clock without credentials, for those are dated by it (Core Specification §5.12.1 wants this open to all);
 * with them from a device that asks for them all the same.
 *
 * @throws OnvifError
 */
export async function readClock(
  send: SoapClient,
  call: Pick<SoapCall, 'url' | 'timeoutMs' | 'signal'>,
): Promise<ClockReading> {
  const read = async (isAnonymous: boolean): Promise<ClockReading> => {
    let settings: TimeSettings | undefined;
    const clock = await measureDeviceClock(async () => {
      const body = `<GetSystemDateAndTime xmlns="${NAMESPACES.device}"/>`;
      const reply = await send({ ...call, isAnonymous, body });
      settings = timeSettingsFrom(reply.body);
      return reply.body;
    });
    return { clock, settings: settings ?? timeSettingsFrom(undefined) };
  };
  try {
    return await read(true);
  } catch (error) {
    if (!(error instanceof OnvifRefusedError)) throw error;
    return read(false);
  }
}
