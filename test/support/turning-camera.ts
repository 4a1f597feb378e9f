import { Device } from '@dipper/simulator/device/device';
import { systemClock } from '@dipper/simulator/device/device-clock';
import { createDeviceService } from '@dipper/simulator/onvif/device-service';
import { createMediaService } from '@dipper/simulator/onvif/media-service';
import { OnvifEndpoint } from '@dipper/simulator/onvif/onvif-endpoint';
import { PtzDrive } from '@dipper/simulator/onvif/ptz-drive';
import { createPtzService } from '@dipper/simulator/onvif/ptz-service';
import { SERVICE_PATHS } from '@dipper/simulator/onvif/service';

const LOGIN = { username: 'operator', password: 'turn it' };

/** The smallest JPEG that is whole: SOI, a comment, EOI. */
export const STILL_PICTURE = Buffer.from('ffd8fffe00045453ffd9', 'hex');

export interface TurningCamera {
  readonly device: Device;
  readonly drive: PtzDrive;
  readonly onvif: { readonly url: string; readonly username: string; readonly password: string };
  close(): Promise<void>;
}

/** A simulated camera that turns and takes stills; it has no stream. @param hasDrive false: one that does not turn */
export async function startTurningCamera(id: string, hasDrive = true): Promise<TurningCamera> {
  const device = new Device({
    id,
    identity: { manufacturer: 'Dipper Simulator', model: 'Dome', firmwareVersion: '1.10', serialNumber: id },
    credentials: LOGIN,
    trueClock: systemClock,
  });
  const drive = new PtzDrive(device);
  const endpoint = new OnvifEndpoint({
    device,
    services: [
      createDeviceService({ device, services: hasDrive ? ['media', 'ptz'] : ['media'] }),
      createMediaService({ streamUri: () => 'rtsp://127.0.0.1:9/none', hasDrive }),
      ...(hasDrive ? [createPtzService(device, drive)] : []),
    ],
    snapshot: async () => STILL_PICTURE,
  });
  const port = await endpoint.listen('127.0.0.1', 0);
  return {
    device,
    drive,
    onvif: { url: `http://127.0.0.1:${port}${SERVICE_PATHS.device}`, ...LOGIN },
    close: () => endpoint.close(),
  };
}
