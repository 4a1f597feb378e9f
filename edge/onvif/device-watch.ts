import { setTimeout as sleep } from 'node:timers/promises';
import type { AddressPolicy } from './address.ts';
import type { ClockOffset, DeviceClock } from './device-clock.ts';
import { discoverServices, NAMESPACES } from './device-services.ts';
import { isLocalTimeAsUtc, setDeviceTime } from './device-time.ts';
import { OnvifError, type OnvifErrorCode } from './errors.ts';
import type { EventNotification } from './event-notification.ts';
import type { Credentials } from './http-challenge.ts';
import { followPullPoint, isWithoutPullPoints } from './pull-point.ts';
import { type Quirk, type Quirks, quirksOf } from './quirks.ts';
import { type ClockReading, readClock } from './read-clock.ts';
import { createSoapClient } from './soap-client.ts';
import { child, textOf } from './soap-node.ts';

/** What is watched; it crosses into the thread, so it is data. */
export interface WatchedDevice {
  readonly url: string;
  readonly credentials: Credentials | undefined;
  readonly allowedHosts: readonly string[];
  readonly caPem?: string | undefined;
  readonly quirks: readonly Quirk[];
  /** Whether its events are followed. */
  readonly isHeard: boolean;
  /** Whether its clock is set when it is wrong; else it is compensated. */
  readonly isClockSet: boolean;
  /** Between two looks at its clock. */
  readonly clockIntervalMs: number;
}

export type WatchReport =
  | {
      readonly kind: 'clock';
      /** Undefined for a device that does not tell its UTC time. */
      readonly offset: ClockOffset | undefined;
      /** The edge has just set it. */
      readonly wasSet: boolean;
    }
  | { readonly kind: 'events'; readonly notifications: readonly EventNotification[] }
  | {
      readonly kind: 'subscription';
      /** `none`: it has no events to follow. */
      readonly state: 'following' | 'lost' | 'none';
      readonly code?: OnvifErrorCode;
      readonly message?: string;
    };

/** Sixteen notifications take some 20 KB; a parser that is fed the worst 128 KB needs some 150 ms. */
const MAX_REPLY_BYTES = 128 * 1024;
const TIMEOUT_MS = 10_000;
const PULL_MS = 20_000;
const RETRY = { firstMs: 500, maxMs: 60_000 };
/** A subscription that lived so long was none of those that break at once. */
const SETTLED_MS = 30_000;
/** A device that has no pull points may get them with new firmware. */
const WITHOUT_EVENTS_MS = 3_600_000;
/** Devices say whole seconds, so less than this cannot be told from being right. */
const CLOCK_TOLERANCE_MS = 2_000;

/**
 * Watches one device until the signal ends it: looks at its clock now and then, and follows its events, with a new
 * subscription after each loss. Every trouble is a report; it never rejects.
 */
export async function watchDevice(
  device: WatchedDevice,
  onReport: (report: WatchReport) => void,
  signal: AbortSignal,
): Promise<void> {
  const policy: AddressPolicy = { configured: new URL(device.url), allowedHosts: device.allowedHosts };
  let clock: DeviceClock | undefined;
  const deviceNowMs = (): number => clock?.nowMs() ?? Date.now();
  const { credentials, caPem } = device;
  const send = createSoapClient({ credentials, deviceNowMs, maxReplyBytes: MAX_REPLY_BYTES, caPem });
  const call = { url: policy.configured, timeoutMs: TIMEOUT_MS, signal };
  let quirks: Quirks = new Set(device.quirks);

  async function read(): Promise<ClockReading> {
    const reading = await readClock(send, call);
    clock = reading.clock;
    return reading;
  }

  async function lookAtClock(): Promise<void> {
    const { clock: found, settings } = await read();
    onReport({ kind: 'clock', offset: found.offset, wasSet: false });
    if (!device.isClockSet || found.offset === undefined || settings.type === 'NTP') return;
    const { offsetMs, uncertaintyMs } = found.offset;
    // Setting a clock that only names its zone wrongly would make it wrong by that zone.
    if (quirks.has('utc-is-local') || isLocalTimeAsUtc(settings, offsetMs)) return;
    if (Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS + uncertaintyMs) return;
    await setDeviceTime(send, call, settings, Date.now());
    const { clock: set } = await read();
    onReport({ kind: 'clock', offset: set.offset, wasSet: true });
  }

  async function keepClock(): Promise<void> {
    while (!signal.aborted) {
      // A device that cannot be reached is reported by its streams and its subscription.
      await lookAtClock().catch(() => undefined);
      await sleep(device.clockIntervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async function learnQuirks(): Promise<void> {
    const { body } = await send({ ...call, body: `<GetDeviceInformation xmlns="${NAMESPACES.device}"/>` });
    const about = child(body, 'getDeviceInformationResponse');
    const text = (name: string) => textOf(child(about, name))?.slice(0, 128);
    quirks = quirksOf({ manufacturer: text('manufacturer'), model: text('model') }, device.quirks);
    if (quirks.has('own-port')) Object.assign(policy, { isPortConfigured: true });
  }

  /** One subscription from its beginning to its end. @returns how long to wait before the next, undefined: as trouble has it */
  async function follow(): Promise<number | undefined> {
    await read();
    // Who it is may be kept from us; whether it answers at all, the next question shows.
    await learnQuirks().catch((error: unknown) => {
      if (!(error instanceof OnvifError)) throw error;
    });
    const services = await discoverServices({ send, policy, timeoutMs: TIMEOUT_MS, signal });
    const eventsUrl = services.find(({ name }) => name === 'events')?.url;
    if (eventsUrl === undefined) {
      onReport({ kind: 'subscription', state: 'none' });
      return WITHOUT_EVENTS_MS;
    }
    let isFollowing = false;
    await followPullPoint({
      ...{ send, policy, eventsUrl, deviceNowMs, quirks, signal, pullMs: PULL_MS, timeoutMs: TIMEOUT_MS },
      onNotifications(notifications) {
        if (!isFollowing) onReport({ kind: 'subscription', state: 'following' });
        isFollowing = true;
        const heard = quirks.has('empty-is-false') ? notifications : notifications.filter(({ isEmpty }) => !isEmpty);
        if (heard.length > 0) onReport({ kind: 'events', notifications: heard });
      },
    });
    return 0;
  }

  async function keepEvents(): Promise<void> {
    let troubles = 0;
    while (!signal.aborted) {
      const startedAtMs = performance.now();
      let waitMs: number | undefined;
      try {
        waitMs = await follow();
      } catch (error) {
        if (signal.aborted) return;
        if (isWithoutPullPoints(error)) {
          onReport({ kind: 'subscription', state: 'none' });
          waitMs = WITHOUT_EVENTS_MS;
        } else {
          const known = error instanceof OnvifError ? { code: error.code } : { code: 'ONVIF_REPLY_INVALID' as const };
          const message = error instanceof Error ? error.message : String(error);
          onReport({ kind: 'subscription', state: 'lost', ...known, message });
        }
      }
      troubles = performance.now() - startedAtMs > SETTLED_MS ? 0 : troubles + 1;
      // Jittered, so that cameras behind one switch do not all come at once.
      waitMs ??= Math.min(RETRY.maxMs, RETRY.firstMs * 2 ** Math.max(0, troubles - 1)) * (0.75 + Math.random() / 2);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  await Promise.all([keepClock(), ...(device.isHeard ? [keepEvents()] : [])]);
}
