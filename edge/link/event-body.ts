import { parseEvent } from '@dipper/contract/event-validation';
import { type DipperEvent, EVENTS, type EventDraft, type EventType, eventSource } from '@dipper/contract/events';
import type { HubTime } from './hub-time.ts';

/** The envelope without `epoch` and `sequence`, as JSON; those two are put in when the event is first sent. */
export type EventBody = string;

export interface Origin {
  readonly estate: string;
  readonly agent: string;
}

/** Any epoch passes for checking; the real one is a UUID of the same form. */
const SOME_EPOCH = '00000000-0000-4000-8000-000000000000';

/**
 * Puts a draft into its CloudEvents envelope: `time` corrected and clamped, `rawtime` where that changed it.
 * @throws DipperError EVENT_INVALID, EVENT_TYPE_UNKNOWN, MESSAGE_TOO_LARGE: it would become a dead letter at the hub
 */
export function bodyOf(
  draft: EventDraft,
  id: string,
  origin: Origin,
  hubTime: HubTime,
): { body: EventBody; timeMs: number } {
  const timeMs = hubTime.correct(draft.occurredAtMs);
  const rawMs = Math.round(draft.occurredAtMs);
  const envelope = {
    specversion: '1.0',
    id,
    source: eventSource(origin.estate, origin.agent),
    type: draft.type,
    ...(draft.device !== undefined && { subject: draft.device }),
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
    ...(rawMs !== timeMs && isPrintable(rawMs) && { rawtime: new Date(rawMs).toISOString() }),
    ...(draft.place !== undefined && { place: draft.place }),
    ...(draft.correlation !== undefined && { correlationid: draft.correlation }),
    data: draft.data,
  };
  const body = JSON.stringify(envelope);
  parseEvent(JSON.parse(withPosition(body, SOME_EPOCH, 2_147_483_647)), origin);
  return { body, timeMs };
}

/** The event as it travels. */
export function withPosition(body: EventBody, epoch: string, sequence: number): string {
  return `${body.slice(0, -1)},"epoch":"${epoch}","sequence":${sequence}}`;
}

/** The event that stands for `count` others of a type, all given up unsent. */
export function tombstoneDraft(given: GivenUp, nowMs: number): EventDraft {
  return {
    type: 'outbox.tombstone',
    occurredAtMs: nowMs,
    data: {
      type: given.type,
      firstAt: new Date(given.firstAtMs).toISOString(),
      lastAt: new Date(given.lastAtMs).toISOString(),
      count: given.count,
    },
  };
}

/** Times are those the events would have carried, milliseconds since 1970. */
export interface GivenUp {
  readonly type: string;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly count: number;
}

/** When the outbox has spent its bytes, the lowest class is given up first; a tombstone never is. */
export const GIVE_UP_CLASS = { scene: 1, device: 2, kept: 3, never: 4 } as const;

/** Rare, and each may mean that somebody got in: kept as long as a passage is. */
const KEPT_DEVICE_EVENTS: ReadonlySet<EventType> = new Set([
  'gate.forced',
  'gate.held-open',
  'gate.command-unconfirmed',
  'fire.alarm',
  'camera.tampered',
  'camera.frozen',
  'camera.offline',
  'camera.online',
  'camera.degraded',
]);

export function giveUpClassOf(type: EventType): number {
  if (type === 'outbox.tombstone') return GIVE_UP_CLASS.never;
  if (KEPT_DEVICE_EVENTS.has(type)) return GIVE_UP_CLASS.kept;
  const { retention } = EVENTS[type];
  if (retention === 'scene') return GIVE_UP_CLASS.scene;
  return retention === 'device' ? GIVE_UP_CLASS.device : GIVE_UP_CLASS.kept;
}

/** An event of the outbox read back whole. */
export function eventFrom(body: EventBody, epoch: string, sequence: number): DipperEvent {
  return JSON.parse(withPosition(body, epoch, sequence)) as DipperEvent;
}

/** Whether RFC 3339 can write it: a year of four digits. */
function isPrintable(atMs: number): boolean {
  return Math.abs(atMs) <= 8.64e15 && new Date(atMs).toISOString().length === 24;
}
