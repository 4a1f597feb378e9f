import { Device } from '@dipper/simulator/device/device';
import { systemClock } from '@dipper/simulator/device/device-clock';
import { CameraEvents } from '@dipper/simulator/onvif/camera-events';
import { createDeviceService } from '@dipper/simulator/onvif/device-service';
import { createEventServices } from '@dipper/simulator/onvif/event-service';
import { createMediaService } from '@dipper/simulator/onvif/media-service';
import { OnvifEndpoint } from '@dipper/simulator/onvif/onvif-endpoint';
import { SERVICE_PATHS } from '@dipper/simulator/onvif/service';

export interface SimulatedOnvifCamera {
  /** Address of the device service. */
  readonly url: string;
  readonly device: Device;
  /** What it tells by its events. */
  readonly events: CameraEvents;
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
  const events = new CameraEvents();
  const endpoint = new OnvifEndpoint({
    device,
    services: [
      createDeviceService({ device, services: ['media', 'events'] }),
      createMediaService({ streamUri: (stream) => `rtsp://127.0.0.1:8554/camera/${stream}` }),
      ...createEventServices(device, events),
    ],
  });
  const port = await endpoint.listen('127.0.0.1', 0);
  return { url: `http://127.0.0.1:${port}${SERVICE_PATHS.device}`, device, events, close: () => endpoint.close() };
}
