import { DipperError } from '@dipper/contract/errors';
import type { DeviceService } from '../services.ts';
import type { RecordedCamera } from './recordings.ts';

/** @throws DipperError NOT_FOUND, also for what lies outside the scope of whoever asks; DEVICE_UNKNOWN for what is no camera */
export async function getRecordedCamera(devices: Pick<DeviceService, 'get'>, device: string): Promise<RecordedCamera> {
  const found = await devices.get(device);
  if (found.kind !== 'camera') throw new DipperError('DEVICE_UNKNOWN');
  return { estate: found.estate, agent: found.agent, device };
}
