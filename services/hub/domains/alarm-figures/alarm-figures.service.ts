import { PRIORITIES } from '@dipper/contract/api/alarm';
import type { AlarmFigures, AlarmFlood, AlarmStanding } from '@dipper/contract/api/alarm-figures';
import { DipperError } from '@dipper/contract/errors';
import { type RawBuilder, sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import type { Db } from '../../database/pool.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import { withinScope } from '../../scope/scope.ts';
import type { Actor } from '../../services.ts';
import { listAlarms } from '../alarm/alarm.repository.ts';
import { type AlarmThresholds, staleBefore } from '../alarm/alarm-thresholds.ts';
import { createAlarmView } from '../alarm/alarm-view.ts';
import {
  countByPriority,
  countQuiet,
  countStanding,
  listAnnouncements,
  listWorstSources,
  type Stretch,
} from './alarm-figures.repository.ts';
import { type Flood, floodsIn, peakWithin } from './alarm-flood.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TEN_MIN_MS = 10 * MINUTE_MS;
/** A flood that has lasted longer is shown as lasting that long. */
const FLOOD_MEMORY_MS = 24 * HOUR_MS;
/** What may be asked for at once. */
export const MAX_STRETCH_DAYS = 92;
const WORST = 10;
const MAX_STALE = 50;
/** Widths of a step, minutes; a chart has about a hundred of them. */
const STEPS_MIN = [10, 60, 6 * 60, 24 * 60] as const;
const MAX_STEPS = 170;

export interface FiguresQuery {
  /** RFC 3339. */
  readonly from: string;
  readonly until: string;
  readonly estate?: string;
}

/** How alarms load whoever is on duty. */
export interface AlarmFiguresService {
  standing(actor: Actor): Promise<AlarmStanding>;
  /** @throws DipperError REQUEST_INVALID for a stretch that is empty or longer than `MAX_STRETCH_DAYS` */
  figures(query: FiguresQuery, actor: Actor): Promise<AlarmFigures>;
}

export interface AlarmFiguresOptions {
  readonly db: Db;
  readonly rules: RuleBook;
  readonly now: () => number;
}

export function createAlarmFiguresService({ db, rules, now }: AlarmFiguresOptions): AlarmFiguresService {
  return {
    standing: (actor) =>
      translateUnavailable(async () => {
        const { thresholds } = rules;
        const at = new Date(now());
        const where = visibleTo(actor);
        const row = await countStanding(db, where, staleBefore(thresholds, at));
        const since = new Date(at.getTime() - FLOOD_MEMORY_MS);
        const announced = await listAnnouncements(db, { from: since, until: at, where });
        const last = floodsIn(announced, thresholds, at.getTime()).at(-1);
        return {
          shelved: { entries: row?.shelves ?? 0, alarms: row?.shelved ?? 0 },
          outOfService: { entries: row?.entries ?? 0, alarms: row?.out_of_service ?? 0 },
          suppressed: { alarms: row?.suppressed ?? 0 },
          stale: row?.stale ?? 0,
          chattering: row?.chattering ?? 0,
          flood: last === undefined || last.untilMs !== undefined ? null : floodView(last),
          floodLimit: { alarms: thresholds.flood.alarms, withinMin: thresholds.flood.withinMin },
          longestShelfMin: Math.floor(thresholds.longestShelfHours * 60),
        };
      }),
    figures: (query, actor) =>
      translateUnavailable(async () => {
        const stretch = stretchFrom(query, actor);
        return figuresOf(db, rules.thresholds, stretch, query.estate, now);
      }),
  };
}

function stretchFrom({ from, until, estate }: FiguresQuery, actor: Actor): Stretch {
  const lengthMs = Date.parse(until) - Date.parse(from);
  if (!(lengthMs > 0 && lengthMs <= MAX_STRETCH_DAYS * 24 * HOUR_MS)) {
    throw new DipperError('REQUEST_INVALID', {
      message: `'until' has to come after 'from', by ${MAX_STRETCH_DAYS} days at most.`,
    });
  }
  const visible = visibleTo(actor);
  return {
    from: new Date(from),
    until: new Date(until),
    where: estate === undefined ? visible : sql<boolean>`(estate = ${estate} and ${visible})`,
  };
}

async function figuresOf(
  db: Db,
  thresholds: AlarmThresholds,
  stretch: Stretch,
  estate: string | undefined,
  now: () => number,
): Promise<AlarmFigures> {
  const { from, until } = stretch;
  // What lies ahead has raised nothing yet, and would make every rate look better than it is.
  const endMs = Math.max(from.getTime() + 1, Math.min(until.getTime(), now()));
  const lengthMs = endMs - from.getTime();
  const announced = await listAnnouncements(db, stretch);
  const priorities = await countByPriority(db, stretch, thresholds);
  const worst = await listWorstSources(db, stretch, WORST);
  const quiet = await countQuiet(db, stretch);
  const limit = staleBefore(thresholds, new Date(now()));
  const staleQuery = { stale: true, limit: MAX_STALE, ...(estate === undefined ? {} : { estate }) };
  const stale = await listAlarms(db, staleQuery, limit);
  const floods = floodsIn(announced, thresholds, endMs);
  const floodMs = floods.reduce((sum, { fromMs, untilMs = endMs }) => sum + untilMs - fromMs, 0);
  const ofAll = (count: number): number => (announced.length === 0 ? 0 : count / announced.length);
  const stepMin = STEPS_MIN.find((step) => lengthMs / (step * MINUTE_MS) <= MAX_STEPS) ?? STEPS_MIN[3];
  return {
    from: from.toISOString(),
    until: until.toISOString(),
    operators: thresholds.operators,
    announced: announced.length,
    ...quiet,
    perOperatorHour: announced.length / (lengthMs / HOUR_MS) / thresholds.operators,
    peakPerTenMin: peakWithin(announced, TEN_MIN_MS),
    priorities: PRIORITIES.map((priority) => {
      const row = priorities.find((each) => each.priority === priority);
      return {
        priority,
        announced: row?.announced ?? 0,
        acknowledged: row?.acknowledged ?? 0,
        inTime: row?.in_time ?? 0,
        withinSec: thresholds.acknowledgeWithinSec[priority],
        medianSec: row?.median_sec ?? null,
      };
    }),
    worst: worst.map(({ title_zh: zh, title_en: en, ...row }) => ({
      ...row,
      title: { zh, en },
      share: ofAll(row.announced),
    })),
    worstShare: ofAll(worst.reduce((sum, row) => sum + row.announced, 0)),
    floods: floods.map(floodView),
    floodShare: Math.min(1, floodMs / lengthMs),
    stepMin,
    steps: stepsOf(announced, from.getTime(), stepMin * MINUTE_MS),
    stale: stale.slice(0, MAX_STALE).toReversed().map(createAlarmView(thresholds, now)),
  };
}

function floodView({ fromMs, untilMs, alarms, peak }: Flood): AlarmFlood {
  return {
    from: new Date(fromMs).toISOString(),
    until: untilMs === undefined ? null : new Date(untilMs).toISOString(),
    alarms,
    peak,
  };
}

function stepsOf(announcedMs: readonly number[], fromMs: number, stepMs: number): AlarmFigures['steps'] {
  const steps = Map.groupBy(announcedMs, (atMs) => Math.floor((atMs - fromMs) / stepMs));
  return [...steps].map(([index, within]) => ({
    at: new Date(fromMs + index * stepMs).toISOString(),
    alarms: within.length,
  }));
}

/** What somebody may look at, as a condition on the columns `estate` and `place`. */
function visibleTo({ scope }: Actor): RawBuilder<boolean> {
  return withinScope(scope, { estate: 'estate', place: 'place' });
}
