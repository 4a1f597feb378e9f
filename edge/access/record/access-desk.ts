import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Whom } from '../access-messages.ts';
import { type AccessMemory, applyChanges, createAccessMemory, type MemoryChange } from '../decision/access-memory.ts';
import { decide, endWaiting } from '../decision/decide.ts';
import type { DecisionPolicy } from '../decision/decision-policy.ts';
import { forgiving } from '../decision/forgiving.ts';
import type { GateClock } from '../decision/gate-clock.ts';
import { passageOver } from '../decision/grant-effects.ts';
import type { Decision, Denial, Grant, Identity, Offer } from '../decision/request.ts';
import { setBack } from '../decision/set-back.ts';
import type { GateDriver, GateObserver } from '../driver.ts';
import { type AccessEvent, createAccessRecord, type Origin } from './access-record.ts';
import { type AccessStore, storeWriteOf } from './access-store.ts';
import { createPassages } from './passages.ts';

export interface AccessDeskOptions {
  /** What is decided by; undefined while there is none. Asked for each request. */
  readonly policy: () => DecisionPolicy | undefined;
  readonly drivers: ReadonlyMap<string, GateDriver>;
  readonly placeOf: (device: string) => string | undefined;
  readonly store: AccessStore;
  readonly clock: GateClock;
  /** The machine's own time, for the record. */
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
  readonly emit: (event: AccessEvent) => void;
  readonly log: Logger;
}

/** One factor, wherever it was read. */
export interface OfferedFactor extends Origin {
  readonly accessPoint: string;
  readonly identity: Identity;
  /**
   * Told what became of it, once: the gate that was seen to open, undefined when none was. Not told while a second factor
   * is waited for.
   */
  readonly onEnd?: (opened: string | undefined) => void;
}

export interface AccessDesk extends Omit<GateObserver, 'notificationSeen'> {
  /** Decides, and has the gate open. Resolves once the command is on its way, or nothing is. Never rejects. */
  offer(factor: OfferedFactor): Promise<Decision>;
  /** The access point that a gate's own sign is meant for: its button lets out, a plate before it wants in. */
  accessPointAt(device: string, direction: 'in' | 'out'): string | undefined;
  /**
   * Forgets where people are. @returns of how many it was known, once it would survive a loss of power
   * @throws Error when it could not be written down; until the next start it is forgotten all the same
   */
  forgive(whom: Whom): Promise<number>;
  close(): void;
}

/** How long a gate may take to be seen open: an arm's travel with some delay. */
const OPEN_DEADLINE_MS = 8_000;
/** The highest time known is put down this often; so much could be lost with the power. */
const FLOOR_PERIOD_MS = 60_000;

/**
 * Where requests are decided and carried out: request, decision, command, what the gate did, passage. Memory changes with the
 * decision at once, the disk follows; only what limits uses is on disk before the gate opens.
 */
export function createAccessDesk(options: AccessDeskOptions): AccessDesk {
  const { drivers, store, clock, log } = options;
  const memory: AccessMemory = createAccessMemory(store.restored);
  setBack(memory, clock.nowMs());
  for (const [device, { sight }] of drivers) memory.doors.set(device, sight.position);
  const record = createAccessRecord({
    emit: options.emit,
    whereIs(accessPoint) {
      const device = options.policy()?.accessPoints.get(accessPoint)?.device;
      return { device, place: device === undefined ? undefined : options.placeOf(device) };
    },
  });
  const passages = createPassages({
    monotonicMs: options.monotonicMs,
    onEnd(end) {
      change(passageOver(memory, end.grant, end.isTaken));
      record.ended(end, options.wallMs());
    },
  });
  let waitTimer: NodeJS.Timeout | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;

  function nowMs(): number {
    const time = clock.nowMs();
    if (time < lastMs) {
      for (const denial of endWaiting(memory, Number.POSITIVE_INFINITY)) deny(denial);
      setBack(memory, time);
    }
    lastMs = time;
    return time;
  }

  /** A grant has to stand by the time without a leap of the clock as well, while that is not believed. */
  function judge(asked: Offer): Decision {
    const policy = options.policy();
    const decision = decide(policy, memory, asked, nowMs());
    const doubtedMs = clock.doubtedMs;
    if (decision.outcome !== 'granted' || doubtedMs === undefined) return decision;
    const other = decide(policy, memory, asked, doubtedMs);
    return other.outcome === 'granted' ? decision : other;
  }
  const floorTimer = setInterval(() => {
    clock.nowMs();
    store.note({ floorMs: clock.floorMs });
  }, FLOOR_PERIOD_MS);

  /** In memory at once, on disk soon. */
  function change(changes: readonly MemoryChange[]): void {
    applyChanges(memory, changes);
    const write = storeWriteOf(changes);
    if (write !== undefined) store.note(write);
  }

  function deny(denial: Denial): void {
    change(denial.changes);
    record.denied(denial, options.policy()?.version, options.wallMs());
  }

  function endWaitingInTime(): void {
    clearTimeout(waitTimer);
    const untilMs = Math.min(...[...memory.pending.values()].map((request) => request.untilMs));
    if (untilMs === Number.POSITIVE_INFINITY) return;
    waitTimer = setTimeout(
      () => {
        for (const denial of endWaiting(memory, nowMs())) deny(denial);
        endWaitingInTime();
      },
      Math.max(1, untilMs - nowMs()),
    );
  }

  /** @returns whether the uses are on disk; where not, the gate stays shut, and the uses count as used all the same */
  async function isOnDisk(grant: Grant): Promise<boolean> {
    try {
      await store.flush(storeWriteOf(grant.changes) ?? {});
      return true;
    } catch (error) {
      log.error({ err: error, accessPoint: grant.accessPoint }, 'a use could not be written down; the gate stays shut');
      return false;
    }
  }

  async function carryOut(grant: Grant, onEnd: OfferedFactor['onEnd']): Promise<Decision> {
    if (grant.mustFlush) {
      applyChanges(memory, grant.changes);
      if (!(await isOnDisk(grant))) {
        change(passageOver(memory, grant, false));
        const denial: Denial = { ...grant, outcome: 'denied', reason: 'MEMORY_UNWRITABLE', changes: [] };
        deny(denial);
        onEnd?.(undefined);
        return denial;
      }
    } else change(grant.changes);
    open(grant, onEnd);
    return grant;
  }

  function open(grant: Grant, onEnd: OfferedFactor['onEnd']): void {
    const driver = drivers.get(grant.device);
    const outcome = driver?.command('open', { deadlineMs: OPEN_DEADLINE_MS, correlation: grant.correlation });
    record.granted(grant, options.policy()?.version, options.wallMs());
    if (driver !== undefined && outcome !== undefined) {
      passages.begin(grant, driver, outcome);
      if (onEnd !== undefined) void outcome.then(({ ok }) => onEnd(ok ? grant.device : undefined));
      return;
    }
    log.error({ device: grant.device, accessPoint: grant.accessPoint }, 'the policy names a gate that is not here');
    change(passageOver(memory, grant, false));
    const end = { grant, isTaken: false, afterMs: 0, by: undefined, cause: 'GATE_UNKNOWN' };
    record.ended(end, options.wallMs());
    onEnd?.(undefined);
  }

  function offer({ accessPoint, identity, reader, topic, evidence, onEnd }: OfferedFactor): Promise<Decision> {
    const correlation = randomUUID();
    const decision = judge({ accessPoint, identity, correlation });
    if (decision.supersedes !== undefined) deny(decision.supersedes);
    if (decision.correlation === correlation) record.requested(decision, { reader, topic, evidence }, options.wallMs());
    if (decision.outcome === 'granted') return carryOut(decision, onEnd);
    if (decision.outcome === 'denied') {
      deny(decision);
      onEnd?.(undefined);
    } else {
      change(decision.changes);
      endWaitingInTime();
    }
    return Promise.resolve(decision);
  }

  function accessPointAt(device: string, direction: 'in' | 'out'): string | undefined {
    const here = [...(options.policy()?.accessPoints.values() ?? [])].filter((point) => point.device === device);
    const isThatWay = ({ fromArea, toArea }: (typeof here)[number]): boolean =>
      direction === 'in' ? toArea !== undefined : fromArea !== undefined;
    return (here.find(isThatWay) ?? here[0])?.id;
  }

  return {
    offer,
    accessPointAt,
    doorSeen(device, sight) {
      applyChanges(memory, [{ kind: 'door', device, position: sight.position }]);
      passages.doorSeen(device, sight.position);
    },
    inputSeen(device, role, isActive) {
      if (role !== 'exit-button' || !isActive) return;
      const accessPoint = accessPointAt(device, 'out');
      if (accessPoint === undefined) return;
      void offer({ accessPoint, identity: { kind: 'button', factor: 'button' } });
    },
    async forgive(whom) {
      const changes = forgiving(memory, whom);
      applyChanges(memory, changes);
      const write = storeWriteOf(changes);
      if (write !== undefined) await store.flush(write);
      return changes.length;
    },
    passageSeen: (device, _direction, _atMs, correlation) => passages.passageSeen(device, correlation),
    close() {
      clearTimeout(waitTimer);
      clearInterval(floorTimer);
      passages.close();
      clock.nowMs();
      store.note({ floorMs: clock.floorMs });
    },
  };
}
