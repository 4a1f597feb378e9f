import { nearestName } from '@dipper/contract/nearest-name';
import type { Complain, HolderRow } from './holder-rows.ts';
import type { KnownHolders, KnownPermit } from './known-holders.ts';
import { endOfDay } from './until-day.ts';

/** Every access point of the estate that is in use. */
const ALL = ['全部', '所有', 'all', '*'];

/** What may have been meant, or what there is to choose from. */
function hintFor(called: string, known: readonly string[]): { readonly zh: string; readonly en: string } {
  if (known.length === 0) return { zh: '请先建立', en: 'make one first' };
  const nearest = nearestName(called, known);
  return nearest === undefined
    ? { zh: `可选：${known.join('、')}`, en: `known: ${known.join(', ')}` }
    : { zh: `是否为“${nearest}”`, en: `did you mean '${nearest}'?` };
}

export interface PermitOptions {
  readonly known: Pick<KnownHolders, 'points' | 'schedules'>;
  /** Of the estate. */
  readonly timeZone: string;
  readonly nowMs: number;
}

/** The permit that a line asks for, with all that it names found; undefined where it asks for none or names what there is not. */
export function permitWanted(
  row: HolderRow,
  { known, timeZone, nowMs }: PermitOptions,
  complain: Complain,
): KnownPermit | undefined {
  if (row.accessPoints.length === 0) return undefined;
  const active = known.points.filter(({ isActive }) => isActive);
  const points = new Set<string>();
  let isGood = true;
  for (const called of row.accessPoints) {
    if (ALL.includes(called.toLowerCase()) && active.length > 0) {
      for (const { id } of active) points.add(id);
      continue;
    }
    const meant = known.points.filter(
      ({ id, names }) => id === called || names.some((name) => name.toLowerCase() === called.toLowerCase()),
    );
    const [point] = meant;
    if (point !== undefined && meant.length === 1) points.add(point.id);
    else {
      isGood = false;
      const hint = hintFor(called, [...new Set(known.points.flatMap(({ names }) => names))]);
      if (meant.length > 1) {
        complain(
          row,
          'access_points',
          `有多个出入口叫“${called}”，请写编号`,
          `several are called '${called}': write an id`,
        );
      } else
        complain(
          row,
          'access_points',
          `本小区没有出入口“${called}”；${hint.zh}`,
          `there is no '${called}' here; ${hint.en}`,
        );
    }
  }
  const schedules = known.schedules.filter(({ name, id }) => name === row.schedule || id === row.schedule);
  if (row.schedule !== null && schedules.length !== 1) {
    isGood = false;
    const hint = hintFor(
      row.schedule,
      known.schedules.map(({ name }) => name),
    );
    if (schedules.length > 1) {
      complain(
        row,
        'schedule',
        `有多个时段叫“${row.schedule}”，请先改名`,
        `several are called '${row.schedule}': rename one`,
      );
    } else {
      complain(
        row,
        'schedule',
        `没有时段“${row.schedule}”；${hint.zh}`,
        `there are no hours '${row.schedule}'; ${hint.en}`,
      );
    }
  }
  const until = row.until === null ? null : endOfDay(row.until, timeZone);
  if (until !== null && until.getTime() <= nowMs) {
    isGood = false;
    complain(row, 'until', `${row.until} 已经过去`, `${row.until} is over`);
  }
  if (!isGood) return undefined;
  return { accessPoints: [...points].sort(), schedule: schedules[0]?.id ?? null, untilMs: until?.getTime() ?? null };
}
