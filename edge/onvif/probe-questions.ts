import type { AddressPolicy } from './address.ts';
import { chooseStreams } from './choose-streams.ts';
import type { OnvifDevice } from './device.ts';
import { type DeviceService, NAMESPACES } from './device-services.ts';
import { isLocalTimeAsUtc } from './device-time.ts';
import { topicsFrom } from './event-topics.ts';
import type { Credentials } from './http-challenge.ts';
import type { ProbeFinding } from './probe-report.ts';
import type { Profile } from './profile.ts';
import { followPullPoint } from './pull-point.ts';
import type { Quirks } from './quirks.ts';
import type { ClockReading } from './read-clock.ts';
import { fetchSnapshot } from './snapshot.ts';
import type { SoapClient } from './soap-client.ts';
import { child, children, tokenOf } from './soap-node.ts';

/** Asks; what a device refuses or answers wrongly becomes a finding, and the answer undefined. */
export type Attempt = <T>(about: string, question: () => Promise<T>) => Promise<T | undefined>;

export interface Ask {
  readonly send: SoapClient;
  readonly policy: AddressPolicy;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Strict devices allow credentials to be dated five seconds off. */
const CLOCK_TOLERANCE_MS = 5_000;
/** How long the probe listens for the present state that a new subscriber is told. */
const LISTEN_MS = 3_000;
const PULL_MS = 500;

/** @returns whether the device gives its local time as UTC */
export function judgeClock({ clock, settings }: ClockReading, findings: ProbeFinding[]): boolean {
  const { offset } = clock;
  if (offset === undefined) {
    const message = 'The device does not tell its UTC time; it is taken to have ours.';
    findings.push({ about: 'clock', code: 'CLOCK_NOT_TOLD', message });
    return false;
  }
  const { offsetMs, uncertaintyMs } = offset;
  if (isLocalTimeAsUtc(settings, offsetMs)) {
    const message = `The device gives its local time (${settings.timeZone}) as UTC; it is compensated, and must not be set.`;
    findings.push({ about: 'clock', code: 'CLOCK_LOCAL_AS_UTC', message });
    return true;
  }
  if (Math.abs(offsetMs) > CLOCK_TOLERANCE_MS + uncertaintyMs) {
    const remedy =
      settings.type === 'NTP'
        ? 'It is told to set itself by NTP and does not: check its NTP server.'
        : 'It is compensated; `clock: set` has the edge set it.';
    const message = `The clock is ${Math.round(offsetMs / 1000)} s off. ${remedy}`;
    findings.push({ about: 'clock', code: 'CLOCK_OFF', message });
  }
  return false;
}

/** Profiles, the streams that would be taken, and a still picture. */
export async function probeMedia(
  device: OnvifDevice,
  options: { credentials: Credentials | undefined; timeoutMs: number; signal: AbortSignal; caPem?: string | undefined },
  attempt: Attempt,
  findings: ProbeFinding[],
) {
  const { signal } = options;
  const profiles: readonly Profile[] = (await attempt('profiles', () => device.profiles({ signal }))) ?? [];
  const { main, sub, problems } = chooseStreams(profiles);
  for (const { stream, code, message } of profiles.length === 0 ? [] : problems) {
    findings.push({ about: `${stream} stream`, code, message });
  }
  const urlOf = async (profile: Profile | undefined) =>
    profile === undefined
      ? undefined
      : attempt(`stream of ${profile.name}`, () => device.streamUri(profile.token, { signal }));
  const mainUrl = await urlOf(main);
  const subUrl = await urlOf(sub);
  const token = main?.token ?? profiles[0]?.token;
  const snapshotUrl =
    token === undefined ? undefined : await attempt('snapshot', () => device.snapshotUri(token, { signal }));
  const picture =
    snapshotUrl === undefined
      ? undefined
      : await attempt('snapshot', () => fetchSnapshot({ ...options, url: snapshotUrl }));
  return {
    profiles,
    streams: { main, sub, ...(mainUrl !== undefined && { mainUrl }), ...(subUrl !== undefined && { subUrl }) },
    ...(snapshotUrl !== undefined && {
      snapshot: { url: snapshotUrl, ...(picture !== undefined && { bytes: picture.length }) },
    }),
  };
}

/** The topics there are, and which present state a new subscriber is told. */
export async function probeEvents(
  url: URL,
  ask: Ask & { readonly deviceNowMs: () => number },
  quirks: Quirks,
  attempt: Attempt,
  findings: ProbeFinding[],
) {
  const { send, timeoutMs, signal } = ask;
  const action = `${NAMESPACES.events}/EventPortType/GetEventPropertiesRequest`;
  const properties = await attempt('event topics', () =>
    send({ url, action, timeoutMs, signal, body: `<GetEventProperties xmlns="${NAMESPACES.events}"/>` }),
  );
  const told = new Set<string>();
  const over = new AbortController();
  let isSubscribed = false;
  const listening = attempt('events', () =>
    followPullPoint({
      ...ask,
      ...{ eventsUrl: url, quirks, pullMs: PULL_MS, signal: AbortSignal.any([signal, over.signal]) },
      onNotifications(notifications) {
        isSubscribed = true;
        for (const { topic, operation } of notifications) if (operation === 'Initialized') told.add(topic);
        // What a new subscriber is told comes at once or not at all.
        if (notifications.length === 0) over.abort();
      },
    }),
  ).catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  const patience = setTimeout(() => over.abort(), LISTEN_MS);
  await listening.finally(() => clearTimeout(patience));
  if (isSubscribed && told.size === 0) {
    const message = 'A new subscriber is not told the present state: what lasts is known only once it changes.';
    findings.push({ about: 'events', code: 'EVENTS_NO_INITIAL_STATE', message });
  }
  return { topics: properties === undefined ? [] : topicsFrom(properties.body), told: [...told] };
}

/** Relays and inputs; some controllers list their relays at both services and obey at one of them. */
export async function probeConnectors(
  services: readonly DeviceService[],
  { send, policy, timeoutMs, signal }: Ask,
  attempt: Attempt,
  findings: ProbeFinding[],
) {
  const list = async (about: string, service: 'device' | 'deviceIo', request: string, element: string) => {
    const url = service === 'device' ? policy.configured : services.find(({ name }) => name === service)?.url;
    if (url === undefined) return [];
    const reply = await attempt(about, () =>
      send({ url, timeoutMs, signal, body: `<${request} xmlns="${NAMESPACES[service]}"/>` }),
    );
    const response = child(reply?.body, `${request.charAt(0).toLowerCase()}${request.slice(1)}Response`);
    return children(response, element).flatMap((node) => tokenOf(node) ?? []);
  };
  const before = findings.length;
  const atDevice = await list('relays', 'device', 'GetRelayOutputs', 'relayOutputs');
  // Few cameras have relays, and that they do not know the question is no fault of theirs.
  findings.splice(
    before,
    findings.length - before,
    ...findings.slice(before).filter(({ code }) => code !== 'ONVIF_NOT_SUPPORTED'),
  );
  const atDeviceIo = await list('relays', 'deviceIo', 'GetRelayOutputs', 'relayOutputs');
  const inputs = await list('inputs', 'deviceIo', 'GetDigitalInputs', 'digitalInputs');
  if (atDevice.some((token) => atDeviceIo.includes(token))) {
    const message =
      'The device lists its relays at two services; some obey only at DeviceIO, which is the one that is used.';
    findings.push({ about: 'relays', code: 'RELAYS_TWICE', message });
  }
  return {
    relays: [
      ...atDeviceIo.map((token) => ({ token, service: 'deviceIo' as const })),
      ...atDevice
        .filter((token) => !atDeviceIo.includes(token))
        .map((token) => ({ token, service: 'device' as const })),
    ],
    inputs,
  };
}
