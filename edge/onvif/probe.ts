import type { AddressPolicy } from './address.ts';
import { createOnvifDevice } from './device.ts';
import type { DeviceClock } from './device-clock.ts';
import { type DeviceService, discoverServices, type ServiceName } from './device-services.ts';
import { OnvifError } from './errors.ts';
import type { Credentials } from './http-challenge.ts';
import { probePtz } from './probe-ptz.ts';
import { judgeClock, probeConnectors, probeEvents, probeMedia } from './probe-questions.ts';
import type { ProbeFinding, ProbeReport } from './probe-report.ts';
import { quirksOf } from './quirks.ts';
import { readClock } from './read-clock.ts';
import { createSoapClient } from './soap-client.ts';

export interface ProbeOptions {
  /** Address of the device service, without credentials. */
  readonly url: string;
  readonly credentials: Credentials | undefined;
  readonly allowedHosts?: readonly string[];
  readonly caPem?: string | undefined;
  /** For each question. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A probe reads once what is read again and again elsewhere: topic sets of large cameras take some 200 KB. */
const MAX_REPLY_BYTES = 512 * 1024;

const NO_MEDIA = { profiles: [], streams: { main: undefined, sub: undefined } } as const;

/**
 * Asks a device everything there is to know about it. What it refuses or answers wrongly becomes a finding.
 *
 * @throws ProbeHopelessError when it cannot be reached at all, or what answers is no ONVIF device
 */
export async function probeDevice(options: ProbeOptions): Promise<ProbeReport> {
  const { url, credentials, timeoutMs, signal, caPem, allowedHosts = [] } = options;
  const policy: AddressPolicy = { configured: new URL(url), allowedHosts };
  const findings: ProbeFinding[] = [];
  let clock: DeviceClock | undefined;
  const deviceNowMs = (): number => clock?.nowMs() ?? Date.now();
  const send = createSoapClient({ credentials, deviceNowMs, maxReplyBytes: MAX_REPLY_BYTES, caPem });
  const ask = { send, policy, timeoutMs, signal };

  async function attempt<T>(about: string, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof OnvifError) || error.code === 'ONVIF_ABORTED') throw error;
      findings.push({ about, code: error.code, message: error.message });
      return undefined;
    }
  }

  // The one question that is open to all: whoever does not answer it answers nothing, but for want of a password.
  const reading = await attempt('clock', () => readClock(send, { url: policy.configured, timeoutMs, signal }));
  if (reading === undefined && findings[0]?.code !== 'ONVIF_REFUSED') throw new ProbeHopelessError(findings);
  clock = reading?.clock;

  const login = credentials === undefined ? {} : credentials;
  const device = createOnvifDevice({
    ...{ url, ...login, timeoutMs, signal, allowedHosts },
    ...(caPem === undefined ? {} : { caPem }),
  });
  try {
    const information = await attempt('information', () => device.information({ signal }));
    const services = (await attempt('services', () => discoverServices(ask))) ?? [];
    for (const { name, toldAddress, url: used } of services) {
      if (URL.parse(toldAddress)?.host !== used.host)
        findings.push(elsewhere(`service ${name}`, toldAddress, used.host));
    }
    const has = (name: ServiceName): DeviceService | undefined => services.find((each) => each.name === name);
    const quirks = new Set(quirksOf(information ?? {}));
    if (reading !== undefined && judgeClock(reading, findings)) quirks.add('utc-is-local');
    const hasMedia = has('media') !== undefined || has('media2') !== undefined;
    const media = hasMedia ? await probeMedia(device, options, attempt, findings) : NO_MEDIA;
    const events = has('events');
    const ptz = has('ptz');
    return {
      ...{ url, services, quirks: [...quirks], findings, ...media },
      ...(information !== undefined && { information }),
      ...(reading !== undefined && { clock: { offset: reading.clock.offset, settings: reading.settings } }),
      ...(events !== undefined && {
        events: await probeEvents(events.url, { ...ask, deviceNowMs }, quirks, attempt, findings),
      }),
      ...(ptz !== undefined && {
        ptz: await probePtz({ ask, attempt, findings, services, preferred: media.streams.main?.token }),
      }),
      ...(await probeConnectors(services, ask, attempt, findings)),
    };
  } finally {
    await device.close();
  }
}

/** The device gives no answer that more questions could be built upon. `code` is an OnvifErrorCode. */
export class ProbeHopelessError extends Error {
  readonly code: string;
  constructor([finding]: readonly ProbeFinding[]) {
    super(finding?.message ?? 'The device does not answer.');
    this.name = 'ProbeHopelessError';
    this.code = finding?.code ?? 'ONVIF_UNREACHABLE';
  }
}

function elsewhere(about: string, told: string, used: string): ProbeFinding {
  return {
    about,
    code: 'ADDRESS_ELSEWHERE',
    message: `The device says ${told.slice(0, 160)}; ${used} is asked instead. If that is wrong, allow the host by name.`,
  };
}
