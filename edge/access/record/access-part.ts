import type { Logger } from 'pino';
import type {
  AccessMessage,
  AccessSetup,
  FactorOffered,
  Forgive,
  Forgiven,
  PolicyNote,
  Trust,
} from '../access-messages.ts';
import { createGateClock } from '../decision/gate-clock.ts';
import type { AskedAccess, GateDriver, GateObserver } from '../driver.ts';
import type { GateConfig } from '../gate-config.ts';
import { createPolicyStore, type PolicyStore } from '../policy/policy-store.ts';
import { createTrustedKeys } from '../policy/trusted-keys.ts';
import { onvifReadingFrom } from '../readers/onvif-reading.ts';
import { identityOf, type Reading } from '../readers/read-identity.ts';
import { type AccessDesk, createAccessDesk, type OfferedFactor } from './access-desk.ts';
import type { AccessEvent, Origin } from './access-record.ts';
import { openAccessStoreOrNone } from './access-store.ts';

export interface AccessPartOptions {
  readonly gates: readonly GateConfig[];
  readonly drivers: ReadonlyMap<string, GateDriver>;
  readonly emit: (event: AccessEvent) => void;
  readonly tell: (note: PolicyNote | Forgiven) => void;
  readonly log: Logger;
}

/** Everything about access in the gate process: policy, memory, readers, decisions. */
export interface AccessPart extends GateObserver {
  /** Takes a message of the agent. Never throws for what it says. */
  receive(message: AccessMessage): void;
  close(): Promise<void>;
}

interface Running {
  readonly desk: AccessDesk;
  readonly policies: PolicyStore;
  close(): Promise<void>;
}

export function createAccessPart(options: AccessPartOptions): AccessPart {
  const { gates, log } = options;
  const configs = new Map(gates.map((config) => [config.device, config]));
  const keys = createTrustedKeys();
  let credentialKey: Uint8Array | undefined;
  let readers: AccessSetup['readers'] = [];
  let setup: Promise<Running> | undefined;
  let running: Running | undefined;

  async function start(message: AccessSetup): Promise<Running> {
    const store = await openAccessStoreOrNone({
      path: message.memoryFile,
      onError: (problem) => log.error({ problem }, 'decisions are not written down'),
    });
    const { movedCorruptTo } = store.restored;
    if (movedCorruptTo !== undefined) log.error({ movedTo: movedCorruptTo }, 'the memory of decisions was damaged');
    const monotonicMs = () => performance.now();
    const clock = createGateClock({ wallMs: Date.now, monotonicMs, floorMs: store.restored.floorMs });
    const policies = createPolicyStore({
      origin: message,
      keys,
      mark: store.restored.policy,
      copy: `${message.memoryFile}.policy`,
      onTaken(mark, issuedAtMs) {
        clock.raise(issuedAtMs);
        store.note({ policy: mark, floorMs: clock.floorMs });
      },
      onCopyFailed: (error) => log.error({ err: error }, 'the policy could not be copied'),
    });
    const desk = createAccessDesk({
      policy: () => policies.current,
      drivers: options.drivers,
      placeOf: (device) => configs.get(device)?.place,
      ...{ store, clock, wallMs: Date.now, monotonicMs, emit: options.emit, log },
    });
    const ends: (() => Promise<void>)[] = [];
    const onBroker = readers.filter((config) => config.kind === 'mqtt');
    running = {
      desk,
      policies,
      async close() {
        await Promise.allSettled(ends.map((end) => end()));
        desk.close();
        await store.close();
      },
    };
    if (onBroker.length === 0) return running;
    // Half of what this process would load at its start, and only where there are such readers.
    const { followMqttReader } = await import('../readers/mqtt-reader.ts');
    for (const config of onBroker) {
      const onReading = (reading: Reading, topic: string): void =>
        offer(config.accessPoint, reading, { reader: config.id, topic });
      ends.push(followMqttReader({ config, onReading, monotonicMs, log }));
    }
    return running;
  }

  function offer(accessPoint: string, reading: Reading, origin: Origin & Pick<OfferedFactor, 'onEnd'>): void {
    if (running === undefined) return;
    const { desk } = running;
    identityOf(reading, { keys, credentialKey })
      .then((identity) => desk.offer({ accessPoint, identity, ...origin }))
      .catch((error: unknown) => log.error({ err: error, accessPoint }, 'a request came to nothing'));
  }

  /** Lets a reader that waits show what became of it. Yes is said only of its own gate: it may open it for that word. */
  function answer(device: string, asked: AskedAccess, opened: string | undefined): void {
    if (opened !== undefined && opened !== device) return;
    options.drivers
      .get(device)
      ?.answer?.(asked, opened === device)
      .catch((error: unknown) => log.warn({ err: error, device }, 'a reader could not be answered'));
  }

  async function takeUp(take: (policies: PolicyStore) => Promise<unknown>): Promise<void> {
    const { policies } = await (setup ?? Promise.reject(new Error('a policy came before the setup')));
    const note = (refused?: string): void => {
      const version = policies.current?.version;
      options.tell({ type: 'policy-note', ...(version && { version }), ...(refused && { refused }) });
    };
    try {
      await take(policies);
      note();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      log.warn({ err: error }, 'a policy is not taken up');
      note(typeof code === 'string' ? code : 'POLICY_INVALID');
    }
  }

  function trust(message: Trust): void {
    keys.replaceBy(message.hubKeys);
    credentialKey = message.credentialKey === undefined ? undefined : Buffer.from(message.credentialKey, 'base64url');
  }

  async function forgive({ id, whom }: Forgive): Promise<void> {
    try {
      const { desk } = await (setup ?? Promise.reject(new Error('nothing is decided here')));
      const forgotten = await desk.forgive(whom);
      log.info({ ...whom, forgotten }, 'forgot where people are, as the hub asked');
      options.tell({ type: 'forgiven', id, forgotten });
    } catch (error) {
      log.error({ err: error, ...whom }, 'where people are could not be forgotten for good');
      options.tell({ type: 'forgiven', id });
    }
  }

  function factorOffered(message: FactorOffered): void {
    const accessPoint =
      message.accessPoint ?? (message.device && running?.desk.accessPointAt(message.device, 'in')) ?? message.device;
    if (accessPoint === undefined) return;
    const reading: Reading =
      message.factor === 'plate'
        ? { factor: 'plate', value: message.value }
        : { factor: 'face', holder: message.holder };
    offer(accessPoint, reading, { evidence: message.evidence });
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'access':
          readers = message.readers;
          setup ??= start(message);
          setup.catch((error: unknown) => log.fatal({ err: error }, 'nothing can be decided'));
          return;
        case 'trust':
          trust(message);
          return;
        case 'policy':
          void takeUp((policies) => policies.takeUp(message.file).catch(recoverFrom(policies)));
          return;
        case 'factor':
          factorOffered(message);
          return;
        case 'forgive':
          void forgive(message);
          return;
      }
    },
    notificationSeen(device, notification) {
      const read = onvifReadingFrom(notification);
      if (read === undefined) return;
      const reader = readers.find(
        (config) => config.kind === 'onvif' && config.device === device && (config.token ?? read.token) === read.token,
      );
      if (reader === undefined) return;
      const { asked, reading, topic } = read;
      const onEnd = asked && ((opened: string | undefined) => answer(device, asked, opened));
      offer(reader.accessPoint, reading, { reader: reader.id, topic, ...(onEnd && { onEnd }) });
    },
    doorSeen: (...seen) => running?.desk.doorSeen(...seen),
    inputSeen: (...seen) => running?.desk.inputSeen(...seen),
    passageSeen: (...seen) => running?.desk.passageSeen(...seen),
    async close() {
      const started = await setup?.catch(() => undefined);
      await started?.close();
    },
  };
}

/** Where the file is of no use and nothing is gone by yet, the copy of what was gone by before this start is. */
function recoverFrom(policies: PolicyStore): (error: unknown) => Promise<never> {
  return async (error) => {
    await policies.recover().catch(() => undefined);
    throw error;
  };
}
