import type { Alarm, LocalText } from '@dipper/contract/api/alarm';
import type { EventView } from '@dipper/contract/api/inventory';

/** What a mark on the time line is about, the most urgent first. */
export const MARK_KINDS = ['alarm', 'gate', 'passage', 'people', 'vehicle', 'motion', 'trouble', 'other'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export interface EventMark {
  readonly id: string;
  readonly kind: MarkKind;
  readonly atMs: number;
  /** The event's type; of an alarm its title. */
  readonly what: string | LocalText;
  /** Why a request at a gate was granted or denied, a code of the contract's access-reasons.ts. */
  readonly reason?: string;
  /** Of a plate that was read: the plate. Who may not read events gets no marks at all. */
  readonly detail?: string;
}

const KIND_BY_FAMILY: Readonly<Record<string, MarkKind>> = {
  gate: 'gate',
  door: 'gate',
  relay: 'gate',
  input: 'gate',
  access: 'passage',
  face: 'people',
  person: 'people',
  object: 'people',
  line: 'people',
  vehicle: 'vehicle',
  plate: 'vehicle',
  motion: 'motion',
  camera: 'trouble',
  storage: 'trouble',
  clock: 'trouble',
};

/** Figures of a period and ends of what began are no moments that somebody looks for. */
function isMoment({ type, data }: Pick<EventView, 'type' | 'data'>): boolean {
  if (type === 'person.counted' || type === 'motion.ended') return false;
  const isPhase = typeof data === 'object' && data !== null && 'phase' in data;
  return !isPhase || data.phase !== 'ended';
}

function plateOf(type: string, data: unknown): Pick<EventMark, 'detail'> {
  if (type !== 'plate.read' || typeof data !== 'object' || data === null || !('plate' in data)) return {};
  return typeof data.plate === 'string' ? { detail: data.plate } : {};
}

function reasonOf(type: string, data: unknown): Pick<EventMark, 'reason'> {
  if (type !== 'access.denied' || typeof data !== 'object' || data === null || !('reason' in data)) return {};
  return typeof data.reason === 'string' ? { reason: data.reason } : {};
}

/** The moments of a camera, oldest first. */
export function marksOf(
  events: readonly Pick<EventView, 'id' | 'type' | 'occurredAt' | 'data'>[],
  alarms: readonly Pick<Alarm, 'id' | 'title' | 'raisedAt'>[],
): EventMark[] {
  const seen = events.filter(isMoment).map(({ id, type, occurredAt, data }): EventMark => {
    const kind = KIND_BY_FAMILY[type.split('.')[0] ?? ''] ?? 'other';
    return { id, kind, atMs: Date.parse(occurredAt), what: type, ...plateOf(type, data), ...reasonOf(type, data) };
  });
  const raised = alarms.map(
    ({ id, title, raisedAt }): EventMark => ({ id, kind: 'alarm', atMs: Date.parse(raisedAt), what: title }),
  );
  return [...seen, ...raised].sort((a, b) => a.atMs - b.atMs);
}

export interface MarkCluster {
  readonly kind: MarkKind;
  readonly atMs: number;
  readonly marks: readonly EventMark[];
}

/**
 * Marks that would lie on each other are one, of the most urgent kind among them.
 *
 * @param nearMs how much time a mark is wide
 */
export function clustersOf(marks: readonly EventMark[], nearMs: number): MarkCluster[] {
  const clusters: { kind: MarkKind; atMs: number; marks: EventMark[] }[] = [];
  for (const mark of marks) {
    const last = clusters.at(-1);
    if (last === undefined || mark.atMs - last.atMs >= nearMs) {
      clusters.push({ kind: mark.kind, atMs: mark.atMs, marks: [mark] });
      continue;
    }
    last.marks.push(mark);
    if (MARK_KINDS.indexOf(mark.kind) < MARK_KINDS.indexOf(last.kind)) last.kind = mark.kind;
  }
  return clusters;
}
