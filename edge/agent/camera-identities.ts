import type { Logger } from 'pino';
import type { DeviceInformation } from '../onvif/camera-client.ts';

/** Which cameras say that they are which device. */
export interface CameraIdentities {
  /** A camera has told what it is. Nothing follows from it but a word in the log: makers give serial numbers twice. */
  note(camera: string, information: DeviceInformation): void;
  /** The camera is not looked after any more. */
  forget(camera: string): void;
}

/**
 * Finds two cameras with one identity: one camera configured under two names, which is recorded and analysed twice, or a
 * clone. Nothing here goes by what a device says it is, so each is watched all the same.
 */
export function createCameraIdentities(log: Logger): CameraIdentities {
  const identities = new Map<string, string>();
  return {
    note(camera, { manufacturer, model, serialNumber }) {
      if (serialNumber === undefined) return;
      const identity = JSON.stringify([manufacturer, model, serialNumber]);
      if (identities.get(camera) === identity) return;
      identities.set(camera, identity);
      const others = [...identities].filter(([other, told]) => other !== camera && told === identity);
      if (others.length === 0) return;
      const devices = [camera, ...others.map(([other]) => other)];
      log.error(
        { code: 'CAMERA_IDENTITY_TWICE', devices, model, serialNumber },
        'cameras say that they are one device; is one configured twice?',
      );
    },
    forget: (camera) => void identities.delete(camera),
  };
}
