import type { Logger } from 'pino';
import type { DeviceInformation } from '../onvif/camera-client.ts';
import { chooseStreams } from '../onvif/choose-streams.ts';
import { createOnvifDevice, type OnvifDevice } from '../onvif/device.ts';
import type { FindCamera } from './camera/camera-access.ts';
import type { CameraConfig } from './config/read-config.ts';

/** The device has no stream we can use; `code` is fit for the cause of a camera's state. */
export class StreamNotOfferedError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'StreamNotOfferedError';
    this.code = code;
  }
}

/** All requests of one call to a camera; slow ones take two seconds. */
const CALL_LIMIT_MS = 10_000;

/**
 * Asks a camera over ONVIF what it is and where its streams are; an address or a profile given in the configuration
 * goes before what the device would choose.
 *
 * @param signal ends the conversation with the device for good
 * @param onInformation told what the device says it is
 */
export function createCameraFinder(
  config: Pick<CameraConfig, 'onvif' | 'streams'>,
  log: Logger,
  signal: AbortSignal,
  onInformation?: (information: DeviceInformation) => void,
): FindCamera {
  const { onvif, streams } = config;
  const login = {
    ...(onvif.username !== undefined && { username: onvif.username }),
    ...(onvif.password !== undefined && { password: onvif.password }),
  };
  const device = createOnvifDevice({ url: onvif.url, ...login, timeoutMs: CALL_LIMIT_MS, signal });
  let toldProblems = '';
  let about: DeviceAbout | undefined;

  return async (over) => {
    const urls = await streamUrls(device, streams, over, (problems) => {
      if (problems !== toldProblems) log.warn({ problems }, 'the camera does not offer what detection needs');
      toldProblems = problems;
    });
    about ??= await describe(device, over, log, onInformation);
    return { main: { url: urls.main, ...login }, sub: { url: urls.sub, ...login }, ...about };
  };
}

async function streamUrls(
  device: OnvifDevice,
  chosen: CameraConfig['streams'],
  signal: AbortSignal,
  onProblems: (problems: string) => void,
): Promise<{ readonly main: string; readonly sub: string }> {
  const profiles = { main: chosen.main?.profile, sub: chosen.sub?.profile };
  const isLeftToDevice = Object.values({ main: chosen.main, sub: chosen.sub }).some((choice) => choice === undefined);
  if (isLeftToDevice) {
    const { main, sub, problems } = chooseStreams(await device.profiles({ signal }));
    profiles.main ??= main?.token;
    profiles.sub ??= sub?.token;
    onProblems(problems.map(({ message }) => message).join(' '));
    const problem = problems.find(({ stream }) => stream === 'main');
    if (profiles.main === undefined && chosen.main?.url === undefined && problem !== undefined) {
      throw new StreamNotOfferedError(problem.code, problem.message);
    }
  }
  const urlOf = async (stream: 'main' | 'sub'): Promise<string | undefined> => {
    const profile = profiles[stream];
    return chosen[stream]?.url ?? (profile === undefined ? undefined : device.streamUri(profile, { signal }));
  };
  const main = await urlOf('main');
  if (main === undefined) throw new StreamNotOfferedError('STREAM_NONE', 'The device offers no stream.');
  // One stream serves both ends, at the price of decoding a large picture for detection.
  return { main, sub: (await urlOf('sub')) ?? main };
}

interface DeviceAbout {
  readonly model?: string;
  readonly firmware?: string;
}

/** Nothing of this is needed to watch the camera: undefined when the device does not tell. */
async function describe(
  device: OnvifDevice,
  signal: AbortSignal,
  log: Logger,
  onInformation?: (information: DeviceInformation) => void,
): Promise<DeviceAbout | undefined> {
  try {
    const information = await device.information({ signal });
    onInformation?.(information);
    const { manufacturer, model, firmware } = information;
    const name = [manufacturer, model].filter((part) => part !== undefined).join(' ');
    return { ...(name !== '' && { model: name }), ...(firmware !== undefined && { firmware }) };
  } catch (error) {
    log.info({ err: error }, 'the device does not tell what it is');
    return undefined;
  }
}
