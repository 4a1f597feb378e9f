import { randomUUID } from 'node:crypto';
import type { AccessScheduleChange, AccessScheduleView, NewAccessSchedule } from '@dipper/contract/api/access-schedule';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';
import type { PolicySchedule } from '@dipper/contract/policy-body';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { withinScope } from '../../scope/scope.ts';
import type { Actor, LocationFilter } from '../../services.ts';
import type { AccessPointServiceOptions } from '../access-point/access-point.service.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import { invalidField } from '../case/invalid-field.ts';
import { refuseUnknownEstate } from '../place/known-estate.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { AccessScheduleRow } from './access-schedule.tables.ts';

type By = Pick<Actor, 'name'>;
type SpecialDays = NonNullable<PolicySchedule['specialDays']>;

/** When permits and rules are on. */
export interface AccessScheduleService {
  /** Newest first. */
  list(query: PageQuery & Omit<LocationFilter, 'place'>): Promise<Page<AccessScheduleView>>;
  get(id: string): Promise<AccessScheduleView>;
  /** @throws DipperError REQUEST_INVALID for a span that ends before it begins, a day that is none or is there twice */
  create(asked: NewAccessSchedule, by: By): Promise<AccessScheduleView>;
  /** @throws DipperError NOT_FOUND, VERSION_CONFLICT, REQUEST_INVALID */
  change(id: string, change: AccessScheduleChange, by: By): Promise<AccessScheduleView>;
  /** @param version that was looked at @throws DipperError NOT_FOUND, VERSION_CONFLICT, ACCESS_STILL_USED */
  remove(id: string, version: number): Promise<void>;
}

export function createAccessScheduleService(options: AccessPointServiceOptions): AccessScheduleService {
  const { db, now } = options;
  const changeAccess = createChangeAccess(options);
  return {
    list: (query) =>
      translateUnavailable(() =>
        pageByOrdinal(
          query,
          (behind, limit) => {
            let select = db.selectFrom('dipper.access_schedule').selectAll().orderBy('ordinal', 'desc').limit(limit);
            if (behind !== undefined) select = select.where('ordinal', '<', behind);
            if (query.within !== undefined) select = select.where(withinScope(query.within, { estate: 'estate' }));
            if (query.estate !== undefined) select = select.where('estate', '=', query.estate);
            return select.execute();
          },
          ({ ordinal }) => ordinal,
          scheduleFromRow,
        ),
      ),
    get: (id) =>
      translateUnavailable(async () => {
        const select = db.selectFrom('dipper.access_schedule').selectAll().where('id', '=', id);
        return scheduleFromRow(found(isUuid(id) ? await select.executeTakeFirst() : undefined));
      }),
    create: ({ estate, name, weekly, specialDays = [], holidays = 'as-usual' }, by) =>
      changeAccess(async (tx, follow) => {
        refuseUnfitDays(weekly, specialDays);
        await refuseUnknownEstate(tx, estate);
        const inserted = await tx
          .insertInto('dipper.access_schedule')
          .values({
            ...{ id: randomUUID(), estate, name, holidays },
            ...{ weekly: JSON.stringify(weekly), special_days: JSON.stringify(specialDays) },
            ...{ changed_at: new Date(now()), changed_by: by.name },
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await follow(estate);
        return scheduleFromRow(inserted);
      }),
    change: (id, { version, name, weekly, specialDays, holidays }, by) =>
      changeAccess(async (tx, follow) => {
        refuseUnfitDays(weekly ?? [], specialDays ?? []);
        const select = tx.selectFrom('dipper.access_schedule').selectAll().where('id', '=', id).forUpdate();
        const before = found(isUuid(id) ? await select.executeTakeFirst() : undefined);
        if (before.version !== version) throw new DipperError('VERSION_CONFLICT');
        const next = await tx
          .updateTable('dipper.access_schedule')
          .set({
            ...(name !== undefined && { name }),
            ...(holidays !== undefined && { holidays }),
            ...(weekly !== undefined && { weekly: JSON.stringify(weekly) }),
            ...(specialDays !== undefined && { special_days: JSON.stringify(specialDays) }),
            ...{ version: version + 1, changed_at: new Date(now()), changed_by: by.name },
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await follow(before.estate);
        return scheduleFromRow(next);
      }),
    remove: (id, version) =>
      changeAccess(async (tx, follow) => {
        const select = tx.selectFrom('dipper.access_schedule').selectAll().where('id', '=', id).forUpdate();
        const before = found(isUuid(id) ? await select.executeTakeFirst() : undefined);
        if (before.version !== version) throw new DipperError('VERSION_CONFLICT');
        await follow(before.estate);
        const named = JSON.stringify([{ schedule: id }]);
        const { rows } = await sql`
          select from dipper.access_permit where schedule = ${id}
          union all
          select from dipper.access_point where rules -> 'factorRules' @> ${named}::jsonb
          limit 1`.execute(tx);
        if (rows.length > 0) throw new DipperError('ACCESS_STILL_USED');
        await tx.deleteFrom('dipper.access_schedule').where('id', '=', id).execute();
      }),
  };
}

function refuseUnfitDays(weekly: PolicySchedule['weekly'], specialDays: SpecialDays): void {
  const endsFirst = (spans: SpecialDays[number]['spans']): boolean => spans.some(([from, until]) => from >= until);
  if (weekly.some(endsFirst)) throw invalidField('weekly', 'a span ends before it begins');
  if (specialDays.some(({ spans }) => endsFirst(spans))) {
    throw invalidField('specialDays', 'a span ends before it begins');
  }
  const dates = specialDays.map(({ date }) => date);
  if (new Set(dates).size < dates.length) throw invalidField('specialDays', 'a day is there twice');
  const isDay = (date: string): boolean => {
    const at = new Date(`${date}T00:00:00Z`);
    return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
  };
  if (!dates.every(isDay)) throw invalidField('specialDays', 'there is no such day');
}

function scheduleFromRow(row: AccessScheduleRow): AccessScheduleView {
  return {
    ...{ id: row.id, estate: row.estate, name: row.name, weekly: row.weekly, specialDays: row.special_days },
    ...{ holidays: row.holidays, version: row.version },
    ...{ changedAt: row.changed_at.toISOString(), changedBy: row.changed_by },
  };
}
