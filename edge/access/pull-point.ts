import { setTimeout as sleep } from 'node:timers/promises';
import type { Controller } from './controller.ts';
import { GateError } from './gate-error.ts';
import { type Notification, notificationsFrom } from './notification.ts';
import { createPace } from './pace.ts';
import { referenceParametersFrom } from './reference-parameters.ts';
import { descend, textOf } from './xml-node.ts';

const EVENTS = 'http://www.onvif.org/ver10/events/wsdl';
const WSNT = 'http://docs.oasis-open.org/wsn/b-2';
const WSNT_MANAGER = 'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager';
const PULL_POINT = `${EVENTS}/PullPointSubscription`;

/** How long a subscription outlives its last renewal; a controller has few, so one that we lost must not stay long. */
const TERMINATION_SEC = 60;
/** Pulling should extend a subscription (Core Specification §9.1.1), and with some controllers only Renew does. */
const RENEW_INTERVAL_MS = 20_000;
/** The present state asked for anew, for controllers that forget to tell a change. */
const RESYNC_INTERVAL_MS = 60_000;
/** A controller that answers a long poll at once would otherwise be asked without pause. */
const PULL_PACE = { burst: 5, perSecond: 5 };
/** More than what one change moves and what a gate has lines; a reply of so many stays far below what is read of one. */
const MESSAGE_LIMIT = 32;
/** On the way out nobody waits longer for a controller's goodbye. */
const UNSUBSCRIBE_TIMEOUT_MS = 1_000;

export interface PullPointOptions {
  readonly controller: Controller;
  /** How long one pull waits at the controller for news. */
  readonly pullMs: number;
  readonly signal: AbortSignal;
  /** Called once there is a subscription, with what makes the controller tell the present state of everything anew. */
  readonly onSubscribed: (resync: () => Promise<void>) => void;
  /**
   * Called for each reply, also an empty one: the controller is alive.
   *
   * @param asOfMs at this moment of the monotonic clock, or later, what the reply says last was so: it was asked for then, and
   *   holds all that had happened. Undefined when there may be more to come.
   */
  readonly onNotifications: (notifications: readonly Notification[], asOfMs: number | undefined) => void;
}

/** A fault means "I do not do that"; everything else is trouble. */
function ignoreFault(error: unknown): void {
  const isFault = error instanceof GateError && (error.code === 'GATE_FAULT' || error.code === 'GATE_NOT_SUPPORTED');
  if (!isFault) throw error;
}

/**
 * Subscribes to a controller's events and pulls them until the subscription is lost or the signal ends it; unsubscribes
 * in either case. It never returns normally: the caller subscribes again after a pause.
 *
 * @throws GateError
 */
export async function followPullPoint(options: PullPointOptions): Promise<never> {
  const { controller, pullMs, signal, onNotifications } = options;
  const { send, timeoutMs } = controller;

  const created = await send({
    url: controller.eventsUrl,
    action: `${EVENTS}/EventPortType/CreatePullPointSubscriptionRequest`,
    body: `<CreatePullPointSubscription xmlns="${EVENTS}"><InitialTerminationTime>PT${TERMINATION_SEC}S</InitialTerminationTime></CreatePullPointSubscription>`,
    timeoutMs,
    signal,
  });
  const reference = referenceParametersFrom(created.text);
  const address = textOf(
    descend(created.body, 'CreatePullPointSubscriptionResponse', 'SubscriptionReference', 'Address'),
  );
  if (address === undefined) throw new GateError('GATE_REPLY_INVALID', 'The subscription has no address.');
  const url = controller.resolve(address);

  const resync = () =>
    send({
      url,
      reference,
      action: `${PULL_POINT}/SetSynchronizationPointRequest`,
      body: `<SetSynchronizationPoint xmlns="${EVENTS}"/>`,
      timeoutMs,
      signal,
    }).then(() => undefined, ignoreFault);
  const renew = () =>
    send({
      url,
      reference,
      action: `${WSNT_MANAGER}/RenewRequest`,
      body: `<Renew xmlns="${WSNT}"><TerminationTime>PT${TERMINATION_SEC}S</TerminationTime></Renew>`,
      timeoutMs,
      signal,
    }).catch(ignoreFault);
  const pull = async () => {
    const { body } = await send({
      url,
      reference,
      action: `${PULL_POINT}/PullMessagesRequest`,
      body: `<PullMessages xmlns="${EVENTS}"><Timeout>PT${pullMs / 1000}S</Timeout><MessageLimit>${MESSAGE_LIMIT}</MessageLimit></PullMessages>`,
      timeoutMs: pullMs + timeoutMs,
      signal,
    });
    const response = descend(body, 'PullMessagesResponse');
    if (response === undefined) throw new GateError('GATE_REPLY_INVALID', 'The reply to PullMessages is none.');
    return notificationsFrom(response);
  };
  const unsubscribe = () =>
    send({
      url,
      reference,
      action: `${WSNT_MANAGER}/UnsubscribeRequest`,
      body: `<Unsubscribe xmlns="${WSNT}"/>`,
      timeoutMs: UNSUBSCRIBE_TIMEOUT_MS,
      signal: AbortSignal.timeout(UNSUBSCRIBE_TIMEOUT_MS),
    });

  try {
    await resync();
    options.onSubscribed(resync);
    const pace = createPace(PULL_PACE);
    let renewedAtMs = performance.now();
    let syncedAtMs = renewedAtMs;
    for (;;) {
      const waitMs = pace.takeTurn(performance.now());
      if (waitMs > 0) await sleep(waitMs, undefined, { signal });
      const asOfMs = performance.now();
      const notifications = await pull();
      onNotifications(notifications, notifications.length < MESSAGE_LIMIT ? asOfMs : undefined);
      const nowMs = performance.now();
      if (nowMs - renewedAtMs > RENEW_INTERVAL_MS) {
        await renew();
        renewedAtMs = nowMs;
      }
      if (nowMs - syncedAtMs > RESYNC_INTERVAL_MS) {
        await controller.measureClock();
        await resync();
        syncedAtMs = nowMs;
      }
    }
  } catch (error) {
    // A subscription that is lost and one that we leave both take a place at the controller until they are given up.
    await unsubscribe().catch(() => undefined);
    throw signal.aborted ? new GateError('GATE_ABORTED', 'The gate is no longer followed.', { cause: error }) : error;
  }
}
