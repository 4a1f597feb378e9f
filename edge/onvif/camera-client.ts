import { type AddressPolicy, serviceAddress, streamAddress } from './address.ts';
import { type CamRequest, createBoundedCam, withSecurityHeader } from './bounded-cam.ts';
import { type ClockOffset, type DeviceClock, measureDeviceClock } from './device-clock.ts';
import { OnvifError, OnvifNotSupportedError, OnvifRefusedError, OnvifReplyInvalidError } from './errors.ts';
import type { DigestAnswer } from './http-challenge.ts';
import { type Profile, profilesFromBody, requireKnownSources } from './profile.ts';
import { exchangeSoap, type SoapReply } from './soap-exchange.ts';
import { child, textOf } from './soap-node.ts';
import { escapeXml, usernameTokenHeader } from './username-token.ts';

export interface CameraClientOptions {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly maxReplyBytes: number;
  readonly caPem: string | undefined;
}

/** Who made the device and what runs on it. All strings: firmware "1.10" is not the number 1.1. */
export interface DeviceInformation {
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly firmware: string | undefined;
  readonly serialNumber: string | undefined;
  readonly hardwareId: string | undefined;
}

/** The calls of a conversation, by name. */
export interface CameraClient {
  clockOffset(): Promise<ClockOffset>;
  information(): Promise<DeviceInformation>;
  profiles(): Promise<Profile[]>;
  streamUri(profileToken: string): Promise<string>;
  snapshotUri(profileToken: string): Promise<string>;
}

const DEVICE = 'http://www.onvif.org/ver10/device/wsdl';
const MEDIA1 = 'http://www.onvif.org/ver10/media/wsdl';
const MEDIA2 = 'http://www.onvif.org/ver20/media/wsdl';

/** Cheap device clocks drift by seconds a day; the strictest device allows five seconds of difference. */
const CLOCK_VALID_MS = 60_000;

/** A refusal within this time of a measurement is not the clock's fault. */
const CLOCK_FRESH_MS = 1_000;

function codeOf(error: unknown): string | undefined {
  return error instanceof OnvifError ? error.code : undefined;
}

/** "I do not know this", as opposed to trouble on the way. */
function isUnknownRequest(error: unknown): boolean {
  return codeOf(error) === 'ONVIF_NOT_SUPPORTED' || codeOf(error) === 'ONVIF_FAULT';
}

function isDialectFailure(error: unknown): boolean {
  return isUnknownRequest(error) || codeOf(error) === 'ONVIF_REPLY_INVALID';
}

/** `onvif` gives `{ uri }`, taken from either dialect. */
function uriFrom(reply: unknown, what: string): string {
  const uri = reply !== null && typeof reply === 'object' && 'uri' in reply ? reply.uri : undefined;
  if (typeof uri !== 'string') throw new OnvifReplyInvalidError(`The device gives no address for its ${what}.`);
  return uri.trim();
}

/**
 * A conversation with one device, without deadlines: it runs in a thread of its own that its owner ends. Calls come one
 * at a time. The clock is measured before the first and at least once a minute; a refusal has it measured again, once.
 */
export function createCameraClient(options: CameraClientOptions): CameraClient {
  const policy: AddressPolicy = { configured: new URL(options.url), allowedHosts: options.allowedHosts };
  const { username, password } = options;
  let clock: DeviceClock | undefined;
  let isDiscovered = false;

  function securityHeader(): string {
    if (username === undefined || password === undefined || clock === undefined) return '';
    return usernameTokenHeader(username, password, clock.nowMs());
  }

  const cam = createBoundedCam({
    url: policy.configured,
    username,
    password,
    resolveAddress: (address) => serviceAddress(address, policy),
    exchange: (request: CamRequest & { action: string }, digest: DigestAnswer): Promise<SoapReply> =>
      exchangeSoap({
        url: (request.service === undefined ? undefined : cam.serviceUrl(request.service)) ?? policy.configured,
        action: request.action,
        envelope: () => withSecurityHeader(request.body, securityHeader()),
        answerDigest: username === undefined || password === undefined ? undefined : digest,
        maxReplyBytes: options.maxReplyBytes,
        caPem: options.caPem,
      }),
  });

  const askTime = () => cam.request(`<GetSystemDateAndTime xmlns="${DEVICE}"/>`);

  async function measureClock(): Promise<DeviceClock> {
    const previous = clock;
    clock = undefined;
    try {
      clock = await measureDeviceClock(askTime);
    } catch (error) {
      // The Core Specification §5.12.1 wants this call open to all; a few devices ask for credentials, which then can
      // only be dated by our own clock.
      if (!(error instanceof OnvifRefusedError) || username === undefined) throw error;
      clock = previous ?? { offset: undefined, measuredAtMs: 0, nowMs: () => Date.now() };
      clock = await measureDeviceClock(askTime);
    }
    return clock;
  }

  async function discover(): Promise<void> {
    if (isDiscovered) return;
    try {
      await cam.discoverServices();
    } catch (error) {
      // GetServices is younger than the first devices; anything but "I do not know this" is a real failure.
      if (!isUnknownRequest(error)) throw error;
      await cam.discoverCapabilities();
    }
    isDiscovered = true;
  }

  async function prepared<T>(call: () => Promise<T>): Promise<T> {
    if (clock === undefined || performance.now() - clock.measuredAtMs > CLOCK_VALID_MS) await measureClock();
    try {
      return await call();
    } catch (error) {
      const measuredAtMs = clock?.measuredAtMs ?? 0;
      const isClockSuspect = performance.now() - measuredAtMs > CLOCK_FRESH_MS;
      if (!(error instanceof OnvifRefusedError) || !isClockSuspect) throw error;
      await measureClock();
      return await call();
    }
  }

  /**
   * Asks in Media2 where the device has it, else in Media1. Seen on a D-Link DCS-8635LH: Media2 is advertised and
   * answers with a fault, Media1 works.
   */
  async function acrossDialects<T>(ask: (isMedia2: boolean) => Promise<T>): Promise<T> {
    await discover();
    const hasMedia1 = cam.serviceUrl('media') !== undefined;
    if (!hasMedia1 && !cam.hasMedia2()) throw new OnvifNotSupportedError('The device has no media service.');
    if (!cam.hasMedia2()) return ask(false);
    try {
      return await ask(true);
    } catch (error) {
      if (!hasMedia1 || !isDialectFailure(error)) throw error;
      cam.giveUpMedia2();
      return ask(false);
    }
  }

  const listProfiles = (isMedia2: boolean) =>
    isMedia2
      ? cam.request(`<GetProfiles xmlns="${MEDIA2}"><Type>All</Type></GetProfiles>`, 'media2')
      : cam.request(`<GetProfiles xmlns="${MEDIA1}"/>`, 'media');

  /** Video sources exist only in Media1; a device without it cannot contradict itself there. */
  async function checkSources(profiles: readonly Profile[]): Promise<void> {
    if (cam.serviceUrl('media') === undefined) return;
    try {
      requireKnownSources(profiles, await cam.request(`<GetVideoSources xmlns="${MEDIA1}"/>`, 'media'));
    } catch (error) {
      if (!isUnknownRequest(error)) throw error;
    }
  }

  return {
    async clockOffset() {
      const { offset } = await measureClock();
      if (offset === undefined) throw new OnvifNotSupportedError('The device does not tell its UTC time.');
      return offset;
    },

    information: () =>
      prepared(async () => {
        const body = await cam.request(`<GetDeviceInformation xmlns="${DEVICE}"/>`);
        const response = child(body, 'getDeviceInformationResponse');
        if (response === undefined) throw new OnvifReplyInvalidError('The reply holds no device information.');
        const text = (name: string) => textOf(child(response, name))?.slice(0, 128);
        return {
          manufacturer: text('manufacturer'),
          model: text('model'),
          firmware: text('firmwareVersion'),
          serialNumber: text('serialNumber'),
          hardwareId: text('hardwareId'),
        };
      }),

    profiles: () =>
      prepared(async () => {
        const profiles = await acrossDialects(async (isMedia2) => profilesFromBody(await listProfiles(isMedia2)));
        await checkSources(profiles);
        return profiles;
      }),

    streamUri: (profileToken) =>
      prepared(() =>
        acrossDialects(async () =>
          streamAddress(uriFrom(await cam.streamUri(escapeXml(profileToken)), 'stream'), policy),
        ),
      ),

    snapshotUri: (profileToken) =>
      prepared(() =>
        acrossDialects(
          async () => serviceAddress(uriFrom(await cam.snapshotUri(escapeXml(profileToken)), 'snapshot'), policy).href,
        ),
      ),
  };
}
