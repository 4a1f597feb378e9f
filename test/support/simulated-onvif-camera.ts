import { Device } from '@dipper/simulator/device/device';
import { systemClock } from '@dipper/simulator/device/device-clock';
import { createDeviceService } from '@dipper/simulator/onvif/device-service';
import { createMediaService } from '@dipper/simulator/onvif/media-service';
import { OnvifEndpoint } from '@dipper/simulator/onvif/onvif-endpoint';
import { SERVICE_PATHS } from '@dipper/simulator/onvif/service';

export interface SimulatedOnvifCamera {
  /** Address of the device service. */
  readonly url: string;
  readonly device: Device;
  close(): Promise<void>;
}

/** The ONVIF side of the simulator's camera, without a picture behind it: nothing has to be rendered first. */
export async function startSimulatedOnvifCamera(credentials: {
  username: string;
  password: string;
}): Promise<SimulatedOnvifCamera> {
  const device = new Device({
    id: 'camera',
    identity: { manufacturer: 'Simulator', model: 'Street', firmwareVersion: '1.10', serialNumber: '00042' },
    credentials,
    trueClock: systemClock,
  });
  const endpoint = new OnvifEndpoint({
    device,
    services: [
      createDeviceService({ device, services: ['media'], relayTokens: [] }),
      createMediaService({ streamUri: (stream) => `rtsp://127.0.0.1:8554/camera/${stream}` }),
    ],
  });
  const port = await endpoint.listen('127.0.0.1', 0);
  return { url: `http://127.0.0.1:${port}${SERVICE_PATHS.device}`, device, close: () => endpoint.close() };
}
