import type { Alarm, Incident } from '@dipper/contract/api/alarm';
import type { AlarmFigures, AlarmStanding } from '@dipper/contract/api/alarm-figures';
import type { HandoverNote, NewHandoverNote } from '@dipper/contract/api/handover';
import type { IncidentJoin, IncidentSplit, IncidentTransition } from '@dipper/contract/api/incident-regrouping';
import type { NewOutOfService, OutOfService } from '@dipper/contract/api/out-of-service';
import type { NewShelf, Shelf } from '@dipper/contract/api/shelf';
import type { ErrorCode } from '@dipper/contract/errors';
import { type Estate, idOf } from './estate.ts';
import type { RouteContext } from './routes.ts';

/** What operators have decided, made anew for every fake hub. */
export interface OperatorDesk {
  readonly shelves: Shelf[];
  readonly entries: OutOfService[];
  readonly notes: HandoverNote[];
  /** The flood that the desk is told of. */
  flood: AlarmStanding['flood'];
}

export function createOperatorDesk(): OperatorDesk {
  return {
    shelves: [],
    entries: [],
    notes: [
      {
        id: idOf('media', 80),
        estate: null,
        text: '东门道闸昨晚检修，今早八点前不要放行货车。',
        writtenAt: new Date(Date.now() - 6 * 3_600_000).toISOString(),
        writtenBy: 'zhao-lei',
        writtenByName: '赵磊',
      },
    ],
    flood: null,
  };
}

/** Answers what is read at the desk; undefined for what others answer. */
export function readDesk(path: string, query: URLSearchParams, { estate, desk }: RouteContext): unknown {
  switch (path) {
    case '/alarm-standing':
      return standingOf(estate, desk);
    case '/alarm-figures':
      return figuresOf(estate, query);
    case '/alarm-shelves':
      return { items: desk.shelves.filter(({ endedAt }) => endedAt === null), nextCursor: null };
    case '/out-of-service':
      return { items: desk.entries.filter(({ endedAt }) => endedAt === null), nextCursor: null };
    case '/handover-notes':
      return { items: desk.notes, nextCursor: null };
    default:
      return undefined;
  }
}

/** Carries out a decision; undefined for what others answer. */
export function changeDesk(
  path: string,
  body: unknown,
  who: { readonly name: string; readonly displayName: string },
  context: RouteContext,
  refuse: (code: ErrorCode) => never,
): { readonly status: number; readonly body: unknown } | undefined {
  const { estate, desk } = context;
  const [, noun = '', id = '', verb] = path.split('/');
  const now = new Date().toISOString();
  if (path === '/alarm-shelves') return { status: 201, body: shelve(body as NewShelf, who, context, refuse) };
  if (path === '/out-of-service') return { status: 201, body: takeOut(body as NewOutOfService, who, context) };
  if (path === '/handover-notes') {
    const { text, estate: where = null } = body as NewHandoverNote;
    const by = { writtenAt: now, writtenBy: who.name, writtenByName: who.displayName };
    const note = { id: idOf('media', 81 + desk.notes.length), estate: where, text, ...by };
    desk.notes.unshift(note);
    return { status: 201, body: note };
  }
  if (verb === 'end' && (noun === 'alarm-shelves' || noun === 'out-of-service')) {
    const kept: (Shelf | OutOfService)[] = noun === 'alarm-shelves' ? desk.shelves : desk.entries;
    const index = kept.findIndex((each) => each.id === id);
    const known = kept[index];
    if (known === undefined) return refuse('NOT_FOUND');
    const ended = { ...known, endedAt: now, endedBy: who.name };
    kept[index] = ended;
    const silence = noun === 'alarm-shelves' ? { shelf: null, shelvedUntil: null } : { outOfService: null };
    renew(context, ({ shelf, outOfService }) => shelf === id || outOfService === id, silence);
    context.tell(noun === 'alarm-shelves' ? 'shelf' : 'out-of-service', 'updated', ended);
    return { status: 200, body: ended };
  }
  if (noun === 'incidents' && verb === 'joins') {
    const { incident: from } = body as IncidentJoin;
    const alarms = estate.alarms.filter(({ incident }) => incident === from).map((alarm) => alarm.id);
    regroup(context, alarms, id);
    return { status: 201, body: detailOf(estate, id, { what: 'joined', incident: id, other: from, alarms }, who.name) };
  }
  if (noun === 'incidents' && verb === 'splits') {
    const { alarms } = body as IncidentSplit;
    const made = idOf('incident', 100 + estate.incidents.length);
    const source = estate.incidents.find((each) => each.id === id);
    if (source === undefined) return refuse('NOT_FOUND');
    estate.incidents.push({ ...source, id: made, case: null });
    regroup(context, alarms, made);
    return {
      status: 201,
      body: detailOf(estate, made, { what: 'split', incident: id, other: made, alarms }, who.name),
    };
  }
  return undefined;
}

function renew({ estate, tell }: RouteContext, which: (alarm: Alarm) => boolean, change: Partial<Alarm>): void {
  for (const [index, alarm] of estate.alarms.entries()) {
    if (!which(alarm)) continue;
    const renewed = { ...alarm, ...change };
    estate.alarms[index] = renewed;
    tell('alarm', 'updated', renewed);
  }
}

function shelve(
  { alarm: id, forMin, reason }: NewShelf,
  who: { readonly name: string; readonly displayName: string },
  context: RouteContext,
  refuse: (code: ErrorCode) => never,
): Shelf {
  const alarm = context.estate.alarms.find((each) => each.id === id) ?? refuse('NOT_FOUND');
  if (alarm.safetyCritical) return refuse('ALARM_SAFETY_CRITICAL');
  const shelf: Shelf = {
    id: idOf('media', 90 + context.desk.shelves.length),
    rule: alarm.rule,
    alarm: id,
    title: alarm.title,
    estate: alarm.estate,
    place: alarm.place,
    reason,
    shelvedAt: new Date().toISOString(),
    shelvedBy: who.name,
    shelvedByName: who.displayName,
    until: new Date(Date.now() + forMin * 60_000).toISOString(),
    endedAt: null,
    endedBy: null,
    endNote: null,
    silenced: 1,
  };
  context.desk.shelves.unshift(shelf);
  renew(context, (each) => each.id === id, { shelf: shelf.id, shelvedUntil: shelf.until });
  context.tell('shelf', 'created', shelf);
  return shelf;
}

function takeOut(
  asked: NewOutOfService,
  who: { readonly name: string; readonly displayName: string },
  context: RouteContext,
): OutOfService {
  const { reason } = asked;
  const [device, rule, until] = [asked.device ?? null, asked.rule ?? null, asked.until ?? null];
  const known = context.estate.devices.find(({ id }) => id === device);
  const entry: OutOfService = {
    id: idOf('media', 95 + context.desk.entries.length),
    device,
    deviceName: known?.name ?? null,
    rule,
    estate: known?.estate ?? null,
    place: known?.place ?? null,
    reason,
    startedAt: new Date().toISOString(),
    startedBy: who.name,
    startedByName: who.displayName,
    until,
    endedAt: null,
    endedBy: null,
    endNote: null,
    silenced: 1,
  };
  context.desk.entries.unshift(entry);
  const isOf = (alarm: Alarm): boolean => (device === null ? alarm.rule === rule : alarm.device === device);
  renew(context, (alarm) => isOf(alarm) && !alarm.safetyCritical, { outOfService: entry.id });
  context.tell('out-of-service', 'created', entry);
  return entry;
}

function regroup(context: RouteContext, alarms: readonly string[], incident: string): void {
  renew(context, ({ id }) => alarms.includes(id), { incident });
}

function detailOf(
  { incidents }: Estate,
  id: string,
  transition: Pick<IncidentTransition, 'what' | 'incident' | 'other' | 'alarms'>,
  by: string,
): { readonly incident: Incident | undefined; readonly transitions: readonly IncidentTransition[] } {
  const rest = { movesCase: false, at: new Date().toISOString(), by, byName: null, reason: '' };
  return { incident: incidents.find((each) => each.id === id), transitions: [{ ...transition, ...rest }] };
}

function standingOf({ alarms }: Estate, { shelves, entries, flood }: OperatorDesk): AlarmStanding {
  const active = alarms.filter((alarm) => alarm.active);
  const count = (which: (alarm: Alarm) => boolean): number => active.filter(which).length;
  const isOpen = ({ endedAt }: { readonly endedAt: string | null }): boolean => endedAt === null;
  return {
    shelved: { entries: shelves.filter(isOpen).length, alarms: count(({ shelf }) => shelf !== null) },
    outOfService: {
      entries: entries.filter(isOpen).length,
      alarms: count(({ outOfService }) => outOfService !== null),
    },
    suppressed: { alarms: count(({ suppressedBy }) => suppressedBy !== null) },
    stale: count(({ stale }) => stale),
    chattering: count(({ chattering }) => chattering),
    flood,
    floodLimit: { alarms: 10, withinMin: 10 },
    longestShelfMin: 720,
  };
}

/** Figures of a bad week, made up, but in step with each other. */
function figuresOf({ alarms }: Estate, query: URLSearchParams): AlarmFigures {
  const from = query.get('from') ?? '';
  const until = query.get('until') ?? '';
  const fromMs = Date.parse(from);
  const hours = (Date.parse(until) - fromMs) / 3_600_000;
  const stepMin = hours > 48 ? 360 : 10;
  const steps = Array.from({ length: Math.floor((hours * 60) / stepMin) }, (_, index) => ({
    at: new Date(fromMs + index * stepMin * 60_000).toISOString(),
    alarms: (index * index * 7) % 11,
  })).filter((step) => step.alarms > 0);
  const announced = steps.reduce((sum, step) => sum + step.alarms, 0);
  const part = (share: number): number => Math.round(announced * share);
  return {
    from,
    until,
    operators: 1,
    announced,
    late: 4,
    silenced: 12,
    perOperatorHour: announced / hours,
    peakPerTenMin: 14,
    priorities: (
      [
        ['critical', 0.02, 1, 60, 21],
        ['high', 0.28, 0.92, 300, 84],
        ['medium', 0.5, 0.71, 900, 410],
        ['low', 0.2, 0, 3600, null],
      ] as const
    ).map(([priority, share, inTime, withinSec, medianSec]) => ({
      priority,
      announced: part(share),
      acknowledged: part(share * inTime),
      inTime: part(share * inTime),
      withinSec,
      medianSec,
    })),
    worst: alarms.slice(0, 5).map(({ rule, title, estate, device, place }, index) => {
      const share = [0.31, 0.18, 0.09, 0.05, 0.02][index] ?? 0;
      return { rule, title, estate, device, place, announced: part(share), share, chattering: index === 0 ? 9 : 0 };
    }),
    worstShare: 0.65,
    floods: [{ from, until, alarms: 31, peak: 14 }],
    floodShare: 0.023,
    stepMin,
    steps,
    stale: alarms.filter(({ stale }) => stale),
  };
}
