import { DipperError } from '@dipper/contract/errors';
import type { CommandHandlers } from '../link/commands.ts';
import { sendMedia } from '../link/uplink.ts';
import { createOnvifDevice } from '../onvif/device.ts';
import { fetchSnapshot } from '../onvif/snapshot.ts';
import type { CameraConfig } from './config/read-config.ts';

export interface SnapshotsOptions {
  /** As it is configured now; undefined for a device that is none of this agent's cameras. */
  readonly camera: (device: string) => Pick<CameraConfig, 'onvif' | 'streams'> | undefined;
  /** PEM of the authority that vouches for the hub; undefined: those that Node knows. */
  readonly ca?: string | undefined;
  readonly signal: AbortSignal;
}

/** All questions to a camera, and its picture; the link gives a command up after ten seconds. */
const LIMIT_MS = 4_000;

/** Still pictures that cameras take by themselves, sent on as they come and kept nowhere. */
export function createSnapshotHandlers({ camera, ca, signal }: SnapshotsOptions): CommandHandlers {
  return {
    async 'snapshot.send'({ device, ref, uplinkUrl, ticket }) {
      const config = camera(device);
      if (config === undefined) throw new DipperError('DEVICE_UNKNOWN');
      const picture = await takePicture(config, signal);
      const header = { kind: 'media', ref, status: 'available', mime: 'image/jpeg', bytes: picture.length } as const;
      try {
        await sendMedia({ uplinkUrl, ticket, ...(ca !== undefined && { ca }) }, header, picture, signal);
      } finally {
        picture.fill(0);
      }
      return undefined;
    },
  };
}

/** @throws OnvifError */
async function takePicture({ onvif, streams }: Pick<CameraConfig, 'onvif' | 'streams'>, signal: AbortSignal) {
  const login = {
    ...(onvif.username !== undefined && { username: onvif.username }),
    ...(onvif.password !== undefined && { password: onvif.password }),
  };
  const device = createOnvifDevice({ url: onvif.url, ...login, timeoutMs: LIMIT_MS, signal });
  try {
    const profile = streams.main?.profile ?? (await device.profiles())[0]?.token ?? '';
    const url = await device.snapshotUri(profile);
    const { username, password = '' } = login;
    const credentials = username === undefined ? undefined : { username, password };
    return await fetchSnapshot({ url, credentials, timeoutMs: LIMIT_MS, signal });
  } finally {
    await device.close();
  }
}
