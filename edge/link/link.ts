import type { DeviceStateMessage } from '@dipper/contract/device-state';
import type { EventDraft } from '@dipper/contract/events';
import type { ReceivedPayloadOf } from '@dipper/contract/topics';
import type { Logger } from 'pino';
import { CHALLENGE_PERIOD_MS, createChallenges } from './challenges.ts';
import type { Clock } from './clock.ts';
import { type CommandFigures, type CommandHandlers, createCommandDesk } from './commands.ts';
import type { Origin } from './event-body.ts';
import type { HubKeys } from './hub-keys.ts';
import type { HubTime } from './hub-time.ts';
import { type BrokerAddress, createMqttSession, type ToEdge } from './mqtt-session.ts';
import type { AppendedEvent, Outbox, OutboxFigures } from './outbox.ts';
import type { PolicyClient } from './policy-client.ts';
import { createReceiptReader, type ReceiptFigures } from './receipts.ts';
import { createResendHandlers } from './resend.ts';
import { createSender, type SenderFigures } from './sender.ts';

export interface LinkOptions {
  readonly origin: Origin;
  /** Random at each start of the process. */
  readonly bootId: string;
  readonly version: string;
  readonly broker: BrokerAddress;
  readonly keys: HubKeys;
  readonly outbox: Outbox;
  readonly hubTime: HubTime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly handlers: CommandHandlers;
  /** Absent where the edge has no credential key: it decides nothing. */
  readonly policy?: Pick<PolicyClient, 'receive' | 'state' | 'onChange'> | undefined;
}

export interface LinkFigures {
  readonly isConnected: boolean;
  readonly clockOffsetMs: number | undefined;
  readonly outbox: OutboxFigures;
  readonly sender: SenderFigures;
  readonly receipts: ReceiptFigures;
  readonly commands: CommandFigures;
}

/** The edge's line to its hub: events, device states and status out; receipts and commands in. */
export interface Link {
  /**
   * Accepts an event; it is on disk when this returns, and sent when it can be.
   * @throws LinkError OUTBOX_FULL; DipperError EVENT_INVALID, MESSAGE_TOO_LARGE
   */
  report(draft: EventDraft, options?: { readonly id?: string }): AppendedEvent;
  /** Tells what a device is like now; only the latest matters and is told again with every connection. */
  setDeviceState(state: DeviceStateMessage): void;
  figures(): LinkFigures;
  /** Says `offline`, reason `stopped`, and takes leave of the broker. The outbox stays open: its owner closes it. */
  close(): Promise<void>;
}

type Status = ReceivedPayloadOf<'status'>;
type Result = ReceivedPayloadOf<'results'>;

const PRUNE_EVERY_MS = 3_600_000;
/** Whoever asked has long given up. */
const RESULT_LIFE_MS = 60_000;

export function createLink(options: LinkOptions): Link {
  const { origin, outbox, hubTime, clock, log } = options;
  const challenges = createChallenges(clock);
  const deviceStates = new Map<string, string>();
  const unsentResults = new Set<{ readonly result: Result; readonly sinceMs: number; isOnItsWay: boolean }>();
  let cancelStatus: (() => void) | undefined;
  let toldQuarantined = 0;
  let prunedAtMs = clock.monotonicMs();

  const sender = createSender({ outbox, clock, log, publish: (payload) => session.publish('events', payload) });
  const receipts = createReceiptReader({ origin, keys: options.keys, outbox, log });
  const commands = createCommandDesk({
    origin,
    keys: options.keys,
    challenges,
    hubTime,
    clock,
    log,
    handlers: {
      ...options.handlers,
      ...createResendHandlers(outbox, sender),
      async 'hub-keys.set'({ keys }) {
        await options.keys.replaceBy(keys);
        log.info({ keys: options.keys.ids() }, 'the hub’s keys are others now');
        sendStatus();
        return undefined;
      },
    },
    answer(result) {
      unsentResults.add({ result, sinceMs: clock.monotonicMs(), isOnItsWay: false });
      sendResults();
    },
  });

  const statusHead = () => ({
    bootId: options.bootId,
    version: options.version,
    at: new Date(clock.nowMs()).toISOString(),
  });
  const online = (): Status => {
    const { waiting, quarantined, bytes, budgetBytes } = outbox.figures();
    const clockOffsetMs = hubTime.offsetMs();
    return {
      state: 'online',
      ...statusHead(),
      challenges: challenges.current(),
      hubKeys: [...options.keys.ids()],
      ...(options.policy !== undefined && { policy: options.policy.state() }),
      ...(clockOffsetMs !== undefined && { clockOffsetMs }),
      outbox: { waiting, quarantined, bytes, budgetBytes },
    };
  };

  /** Now, and again whenever there is a new challenge to give out. */
  const sendStatus = (): void => {
    cancelStatus?.();
    cancelStatus = clock.after(CHALLENGE_PERIOD_MS, sendStatus);
    if (session.isConnected) publish('status', JSON.stringify(online()));
    toldQuarantined = sender.figures().quarantinedEvents;
    if (clock.monotonicMs() - prunedAtMs < PRUNE_EVERY_MS) return;
    prunedAtMs = clock.monotonicMs();
    try {
      outbox.prune();
    } catch (error) {
      log.error({ err: error }, 'receipted events not pruned');
    }
  };

  /** What is lost on the way is told again with the next connection. */
  const publish = (kind: 'status' | 'devices', payload: string, device?: string): void => {
    session
      .publish(kind, payload, device)
      .catch((error: unknown) => log.debug({ err: error, kind, device }, 'not taken by the broker'));
  };

  const sendResults = (): void => {
    for (const entry of unsentResults) {
      if (clock.monotonicMs() - entry.sinceMs > RESULT_LIFE_MS) unsentResults.delete(entry);
      else if (session.isConnected && !entry.isOnItsWay) {
        entry.isOnItsWay = true;
        session.publish('results', JSON.stringify(entry.result)).then(
          () => unsentResults.delete(entry),
          () => {
            entry.isOnItsWay = false;
          },
        );
      }
    }
  };

  const onReceipt = async (payload: Uint8Array): Promise<void> => {
    const receivedAtMs = clock.monotonicMs();
    const receipt = await receipts.read(payload);
    if (receipt === undefined) return;
    const sentAtMs = sender.receipted(receipt.epoch, receipt.ranges);
    if (sentAtMs !== undefined) hubTime.observe({ sentAtMs, receivedAtMs, issuedAtMs: receipt.issuedAtMs });
    if (sender.figures().quarantinedEvents !== toldQuarantined) sendStatus();
  };

  const receive: Record<ToEdge, (payload: Uint8Array) => Promise<void>> = {
    receipts: onReceipt,
    commands: (payload) => commands.receive(payload),
    policy: async (payload) => options.policy?.receive(payload),
  };

  const session = createMqttSession({
    broker: options.broker,
    origin,
    clock,
    log,
    will: () => ({ state: 'offline', ...statusHead(), reason: 'will' }),
    onConnected() {
      sendStatus();
      for (const [device, state] of deviceStates) publish('devices', state, device);
      sendResults();
      sender.online();
    },
    onDisconnected: () => sender.offline(),
    onMessage(kind, payload) {
      receive[kind](payload).catch((error: unknown) => log.error({ err: error, kind }, 'message not processed'));
    },
  });

  options.policy?.onChange(sendStatus);

  return {
    report(draft, reportOptions) {
      const appended = outbox.append(draft, reportOptions);
      sender.wake();
      return appended;
    },
    setDeviceState(state) {
      const payload = JSON.stringify(state);
      if (deviceStates.get(state.device) === payload) return;
      deviceStates.set(state.device, payload);
      if (session.isConnected) publish('devices', payload, state.device);
    },
    figures: () => ({
      isConnected: session.isConnected,
      clockOffsetMs: hubTime.offsetMs(),
      outbox: outbox.figures(),
      sender: sender.figures(),
      receipts: receipts.figures(),
      commands: commands.figures(),
    }),
    async close() {
      cancelStatus?.();
      sender.close();
      await session.close(JSON.stringify({ state: 'offline', ...statusHead(), reason: 'stopped' } satisfies Status));
    },
  };
}
