import type { EventData, EventDraft, EventType } from '@dipper/contract/events';
import type { Clock } from '../../link/clock.ts';
import type { EventNotification } from '../../onvif/event-notification.ts';
import { createEventBudget } from './event-budget.ts';
import { createLastingState, type LastingState } from './lasting-state.ts';
import { type Meaning, meaningOf } from './topic-map.ts';

export interface CameraEventsOptions {
  readonly device: string;
  readonly place: string;
  readonly report: (draft: EventDraft) => void;
  /** Called whenever the camera says that something moves, also when that is no news. */
  readonly onMotion?: ((atMs: number) => void) | undefined;
  /** When something happened by the edge's clock, from when the device says it did by its own. */
  readonly occurredAtMs: (toldAtMs: number | undefined) => number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface CameraEventStats {
  readonly told: number;
  /** Notifications that said what was known already. */
  readonly repeated: number;
  /** Events that were not told because there were too many. A state is told once there is room. */
  readonly limited: number;
  /** States that were ended because their end was never told. */
  readonly expired: number;
  readonly malformed: number;
  /** Notifications about people, which are not taken. */
  readonly personal: number;
  /** Notifications of topics that nobody has described, by topic. */
  readonly unknown: Readonly<Record<string, number>>;
}

export interface CameraEvents {
  hear(notifications: readonly EventNotification[]): void;
  stats(): CameraEventStats;
}

/** People stand at a gate for minutes; cameras repeat "motion" every few seconds while it lasts, or say it once. */
const MOTION_EXPIRY_MS = 5 * 60_000;
/** The state is asked for anew every minute: a camera that says nothing about it for so long has forgotten it. */
const TAMPER_EXPIRY_MS = 60 * 60_000;
/** A camera whose motion flickers all night is heard, and no more than this. */
const BUDGET = { burst: 60, perMinute: 30 };
/** Of a topic that nobody has described one event in so long is kept. */
const UNKNOWN_EVERY_MS = 60_000;
const MAX_UNKNOWN_TOPICS = 64;
/** Looked at again when there was no room to tell. */
const RETRY_MS = 10_000;
/** An event has 8 KiB in all. */
const MAX_ITEMS = 6;
const MAX_ITEM_CHARS = 96;

function shortened(items: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(items).slice(0, MAX_ITEMS);
  return Object.fromEntries(kept.map(([name, value]) => [name, value.slice(0, MAX_ITEM_CHARS)]));
}

/** Turns what a camera tells over ONVIF into events of the contract, each told once, its own words kept. */
export function createCameraEvents(options: CameraEventsOptions): CameraEvents {
  const { device, place, clock, signal } = options;
  const budget = createEventBudget(BUDGET);
  const lasting: Record<'motion' | 'tamper', LastingState> = {
    motion: createLastingState({ expiryMs: MOTION_EXPIRY_MS, isConfirmedByAsking: false }),
    tamper: createLastingState({ expiryMs: TAMPER_EXPIRY_MS, isConfirmedByAsking: true }),
  };
  /** The value last told of each connector, door and counter. */
  const values = new Map<string, string>();
  /** States there was no room to tell, the latest of each. */
  const waiting = new Map<string, () => void>();
  const locked = new Map<string, boolean | undefined>();
  const unknown = new Map<string, { count: number; keptAtMs: number }>();
  const counts = { told: 0, repeated: 0, limited: 0, expired: 0, malformed: 0, personal: 0 };
  let lastHappening = '';
  let cancel = (): void => undefined;

  function send<T extends EventType>(type: T, atMs: number, data: EventData<T>): void {
    counts.told += 1;
    options.report({ type, device, place, occurredAtMs: Math.round(atMs), data } as EventDraft);
  }

  /** A happening: told now or never. */
  function tell<T extends EventType>(type: T, atMs: number, data: EventData<T>): void {
    if (budget.take(clock.monotonicMs())) send(type, atMs, data);
    else counts.limited += 1;
  }

  /** A state: when there is no room now, the latest is told later. */
  function tellState<T extends EventType>(key: string, type: T, atMs: number, data: EventData<T>): void {
    if (!waiting.has(key) && budget.take(clock.monotonicMs())) send(type, atMs, data);
    else {
      counts.limited += 1;
      waiting.set(key, () => send(type, atMs, data));
    }
  }

  function tellLasting(
    kind: 'motion' | 'tamper',
    phase: 'started' | 'ended',
    atMs: number,
    said: { readonly onvif?: Origin; readonly expired?: true },
  ): void {
    if (kind === 'motion') tellState('motion', phase === 'started' ? 'motion.started' : 'motion.ended', atMs, said);
    else {
      const since = new Date(Math.round(atMs)).toISOString();
      tellState('tamper', 'camera.tampered', atMs, { kind: 'reported', phase, since, ...said });
    }
  }

  function changed(key: string, value: string): boolean {
    if (values.get(key) === value) {
      counts.repeated += 1;
      return false;
    }
    values.set(key, value);
    return true;
  }

  function hearUnknown(notification: EventNotification, atMs: number, onvif: Origin): void {
    const known = unknown.get(notification.topic);
    if (known === undefined && unknown.size >= MAX_UNKNOWN_TOPICS) {
      counts.limited += 1;
      return;
    }
    const nowMs = clock.monotonicMs();
    const isDue = known === undefined || nowMs - known.keptAtMs >= UNKNOWN_EVERY_MS;
    unknown.set(notification.topic, { count: (known?.count ?? 0) + 1, keptAtMs: isDue ? nowMs : known.keptAtMs });
    if (isDue) tell('onvif.event', atMs, { ...onvif, operation: notification.operation ?? 'Changed' });
  }

  function hearLasting(kind: 'motion' | 'tamper', isActive: boolean, notification: EventNotification): void {
    const atMs = options.occurredAtMs(notification.toldAtMs);
    const isNews = notification.operation !== 'Initialized';
    if (kind === 'motion' && isActive && isNews) options.onMotion?.(atMs);
    const nowMs = clock.monotonicMs();
    const phase = notification.isEmpty
      ? lasting[kind].endTopic(notification.topic, nowMs)
      : lasting[kind].hear(notification, isActive, isNews, nowMs);
    if (phase === undefined) counts.repeated += 1;
    else tellLasting(kind, phase, atMs, { onvif: originOf(notification) });
  }

  /** The latest value of a connector, a door or a counter. */
  function hearValue(key: string, meaning: ValueMeaning, atMs: number, onvif: Origin): void {
    switch (meaning.kind) {
      case 'input':
      case 'relay': {
        const { connector, isActive } = meaning;
        const type = meaning.kind === 'input' ? 'input.changed' : 'relay.changed';
        if (changed(key, String(isActive))) tellState(key, type, atMs, { connector, active: isActive, onvif });
        break;
      }
      case 'door': {
        const { position } = meaning;
        const isLocked = locked.get(meaning.door);
        const lock = isLocked === undefined ? {} : { locked: isLocked };
        if (changed(key, position)) tellState(key, 'door.state', atMs, { position, ...lock, onvif });
        break;
      }
      case 'count': {
        const { rule, count } = meaning;
        const said = { ...(rule !== undefined && { rule }), count, onvif };
        if (changed(key, String(count))) tellState(key, 'object.counted', atMs, said);
      }
    }
  }

  function hearLine(key: string, { rule, object }: LineMeaning, notification: EventNotification): void {
    const { toldAtMs, data } = notification;
    const happening = JSON.stringify([key, toldAtMs, data]);
    if (toldAtMs !== undefined && happening === lastHappening) {
      counts.repeated += 1;
      return;
    }
    lastHappening = happening;
    const said = { ...(rule !== undefined && { rule }), ...(object !== undefined && { object }) };
    tell('line.crossed', options.occurredAtMs(toldAtMs), { ...said, onvif: originOf(notification) });
  }

  function hearOne(notification: EventNotification): void {
    const meaning = meaningOf(notification);
    const key = JSON.stringify([notification.topic, notification.source]);
    switch (meaning.kind) {
      case 'motion':
      case 'tamper':
        hearLasting(meaning.kind, meaning.isActive, notification);
        break;
      case 'lock':
        locked.set(meaning.door, meaning.isLocked);
        break;
      case 'line':
        hearLine(key, meaning, notification);
        break;
      case 'personal':
      case 'malformed':
        counts[meaning.kind] += 1;
        break;
      case 'unknown':
        hearUnknown(notification, options.occurredAtMs(notification.toldAtMs), originOf(notification));
        break;
      default:
        hearValue(key, meaning, options.occurredAtMs(notification.toldAtMs), originOf(notification));
    }
  }

  /** Ends what was never ended, and tells what had to wait. */
  function sweep(): void {
    const nowMs = clock.monotonicMs();
    for (const kind of ['motion', 'tamper'] as const) {
      if (!lasting[kind].expire(nowMs)) continue;
      counts.expired += 1;
      tellLasting(kind, 'ended', clock.nowMs(), { expired: true });
    }
    for (const [key, sendIt] of waiting) {
      if (!budget.take(nowMs)) break;
      waiting.delete(key);
      sendIt();
    }
    schedule();
  }

  function schedule(): void {
    cancel();
    if (signal.aborted) return;
    const ends = [lasting.motion.expiresAtMs, lasting.tamper.expiresAtMs].filter((each) => each !== undefined);
    const delays = ends.map((endMs) => Math.max(0, endMs - clock.monotonicMs()));
    if (waiting.size > 0) delays.push(RETRY_MS);
    if (delays.length > 0) cancel = clock.after(Math.min(...delays), sweep);
  }

  signal.addEventListener('abort', () => cancel(), { once: true });
  return {
    hear(notifications) {
      for (const notification of notifications) hearOne(notification);
      schedule();
    },
    stats: () => ({
      ...counts,
      unknown: Object.fromEntries(Array.from(unknown, ([topic, { count }]) => [topic, count])),
    }),
  };
}

type LineMeaning = Extract<Meaning, { readonly kind: 'line' }>;
type ValueMeaning = Extract<Meaning, { readonly kind: 'input' | 'relay' | 'door' | 'count' }>;
type Origin = NonNullable<EventData<'motion.started'>['onvif']>;

function originOf({ rawTopic, source, data }: EventNotification): Origin {
  return { topic: rawTopic, source: shortened(source), data: shortened(data) };
}
