import { setTimeout as sleep } from 'node:timers/promises';
import { type AddressPolicy, serviceAddress } from './address.ts';
import { NAMESPACES } from './device-services.ts';
import { OnvifError, OnvifFaultError, OnvifNotSupportedError, OnvifReplyInvalidError } from './errors.ts';
import { type EventNotification, notificationsFrom } from './event-notification.ts';
import type { Quirks } from './quirks.ts';
import { referenceParametersFrom } from './reference-parameters.ts';
import type { SoapClient } from './soap-client.ts';
import { child, textOf } from './soap-node.ts';

const EVENTS = NAMESPACES.events;
const WSNT = 'http://docs.oasis-open.org/wsn/b-2';
const WSNT_MANAGER = 'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager';
const PULL_POINT = `${EVENTS}/PullPointSubscription`;

/** How long a subscription outlives its last renewal; a device has few, so one that we lost must not stay long. */
const LIFE_MS = 60_000;
/** The present state asked for anew, for devices that forget to tell a change. */
const RESYNC_INTERVAL_MS = 60_000;
/** What a device gets that answers a long poll at once: five such answers in a row, then one a second. */
const PULL_BURST = 5;
const PULL_INTERVAL_MS = 1_000;
const MESSAGE_LIMIT = 32;
/** Of devices that hang up on pulls that wait for long (quirk `short-pull`). */
const SHORT_PULL_MS = 5_000;
/** On the way out nobody waits longer for a device's goodbye. */
const UNSUBSCRIBE_TIMEOUT_MS = 1_000;

export interface PullPointOptions {
  readonly send: SoapClient;
  readonly policy: AddressPolicy;
  readonly eventsUrl: URL;
  readonly deviceNowMs: () => number;
  readonly quirks: Quirks;
  /** How long one pull waits at the device for news. */
  readonly pullMs: number;
  /** On top of that, and for everything else. */
  readonly timeoutMs: number;
  /** How long the subscription outlives its last renewal. Default 60,000; renewed after a third of it. */
  readonly lifeMs?: number;
  readonly signal: AbortSignal;
  /** Called for each reply, also an empty one: the device is alive. */
  readonly onNotifications: (notifications: readonly EventNotification[]) => void;
}

/** "I do not do that", as opposed to trouble. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof OnvifError)) throw error;
  const { code } = error;
  if (code !== 'ONVIF_FAULT' && code !== 'ONVIF_NOT_SUPPORTED' && code !== 'ONVIF_REFUSED') throw error;
}

/** Subscribes; `unsubscribe` gives the device its place back. @throws OnvifError */
async function subscribe(options: PullPointOptions) {
  const { send, policy, eventsUrl, quirks, timeoutMs, signal, deviceNowMs, lifeMs = LIFE_MS } = options;
  // In seconds: some firmware takes minutes for seconds, and none seconds for anything else (home-assistant/core#92551).
  const termination = (): string =>
    quirks.has('absolute-time') ? new Date(deviceNowMs() + lifeMs).toISOString() : `PT${lifeMs / 1000}S`;
  const created = await send({
    ...{ url: eventsUrl, timeoutMs, signal },
    action: `${EVENTS}/EventPortType/CreatePullPointSubscriptionRequest`,
    body: `<CreatePullPointSubscription xmlns="${EVENTS}"><InitialTerminationTime>${termination()}</InitialTerminationTime></CreatePullPointSubscription>`,
  });
  const response = child(created.body, 'createPullPointSubscriptionResponse');
  if (response === undefined) throw new OnvifReplyInvalidError('The reply to CreatePullPointSubscription is none.');
  const address = textOf(child(child(response, 'subscriptionReference'), 'address'));
  // Budget cameras leave the address empty and answer pulls at the event service (AlexxIT/go2rtc#2302).
  const url = address === undefined ? eventsUrl : serviceAddress(address, policy);
  const target = { url, reference: referenceParametersFrom(created.text), timeoutMs, signal };
  return {
    synchronize: () =>
      send({
        ...target,
        action: `${PULL_POINT}/SetSynchronizationPointRequest`,
        body: `<SetSynchronizationPoint xmlns="${EVENTS}"/>`,
      }),
    renew: () =>
      send({
        ...target,
        action: `${WSNT_MANAGER}/RenewRequest`,
        body: `<Renew xmlns="${WSNT}"><TerminationTime>${termination()}</TerminationTime></Renew>`,
      }),
    async pull(pullMs: number): Promise<EventNotification[]> {
      const { body } = await send({
        ...target,
        action: `${PULL_POINT}/PullMessagesRequest`,
        body: `<PullMessages xmlns="${EVENTS}"><Timeout>PT${pullMs / 1000}S</Timeout><MessageLimit>${MESSAGE_LIMIT}</MessageLimit></PullMessages>`,
        timeoutMs: pullMs + timeoutMs,
      });
      const pulled = child(body, 'pullMessagesResponse');
      if (pulled === undefined) throw new OnvifReplyInvalidError('The reply to PullMessages is none.');
      return notificationsFrom(pulled);
    },
    unsubscribe: () =>
      send({
        ...target,
        action: `${WSNT_MANAGER}/UnsubscribeRequest`,
        body: `<Unsubscribe xmlns="${WSNT}"/>`,
        timeoutMs: UNSUBSCRIBE_TIMEOUT_MS,
        signal: AbortSignal.timeout(UNSUBSCRIBE_TIMEOUT_MS),
      }).catch(() => undefined),
  };
}

/**
 * Subscribes to a device's events and pulls them until the subscription is lost, has to be made anew, or the signal ends it;
 * unsubscribes in each case. Returns when it is time for a new subscription (quirk `no-renew`).
 *
 * @throws OnvifError
 */
export async function followPullPoint(options: PullPointOptions): Promise<void> {
  const { quirks, signal, onNotifications, lifeMs = LIFE_MS } = options;
  const subscription = await subscribe(options);
  try {
    const synchronize = (): Promise<unknown> =>
      quirks.has('no-synchronization') ? Promise.resolve() : subscription.synchronize().catch(ignoreRefusal);
    await synchronize();
    const pullMs = quirks.has('short-pull') ? Math.min(SHORT_PULL_MS, options.pullMs) : options.pullMs;
    const startedAtMs = performance.now();
    let renewedAtMs = startedAtMs;
    let syncedAtMs = startedAtMs;
    let quickCount = 0;
    for (;;) {
      const askedAtMs = performance.now();
      onNotifications(await subscription.pull(pullMs));
      const nowMs = performance.now();
      quickCount = nowMs - askedAtMs < PULL_INTERVAL_MS ? quickCount + 1 : 0;
      if (quickCount > PULL_BURST) {
        await sleep(Math.max(0, PULL_INTERVAL_MS - (nowMs - askedAtMs)), undefined, { signal });
      }
      if (quirks.has('no-renew')) {
        if (nowMs - startedAtMs > lifeMs / 2) return;
      } else if (nowMs - renewedAtMs > lifeMs / 3) {
        // Pulling should extend a subscription (Core Specification §9.1.1), and with some devices only this does.
        await subscription.renew().catch(ignoreRefusal);
        renewedAtMs = nowMs;
      }
      if (nowMs - syncedAtMs > RESYNC_INTERVAL_MS) {
        await synchronize();
        syncedAtMs = nowMs;
      }
    }
  } finally {
    // A subscription that is lost and one that we leave both take a place at the device until they are given up.
    await subscription.unsubscribe();
  }
}

/** Whether asking again would help: a device that does not know pull points will not learn it. */
export function isWithoutPullPoints(error: unknown): boolean {
  return (
    error instanceof OnvifNotSupportedError ||
    (error instanceof OnvifFaultError && /not (?:supported|implemented)/i.test(error.message))
  );
}
