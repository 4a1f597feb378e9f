import { randomUUID } from 'node:crypto';
import type { LocalText, Priority } from '@dipper/contract/api/alarm';
import type { CaseSource, Platform } from '@dipper/contract/api/case';
import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { AlarmRow } from '../../database/schema.ts';
import type { CaseTemplate } from '../../rules/rule.ts';
import type { Response } from '../alarm/response.ts';
import type { ChangeSet } from '../change/change-set.ts';
import { insertStep } from './case-step.repository.ts';
import type { CaseTerms, TimeAllowed } from './case-terms.ts';
import { scheduleTimers } from './case-timer.repository.ts';

type Origin = Pick<AlarmRow, 'rule' | 'priority' | 'estate' | 'agent' | 'place' | 'device'>;

/** Allowed for a category that the configuration does not name any more. */
const FALLBACK: TimeAllowed = { hours: 24 };

/**
 * Opens the case of an incident unless it has one: 上报, reported by the rule, routed to the grid of the place.
 * The caller holds the incident (see `joinIncident`), so two alarms never open two.
 */
export async function openCaseOnce(
  response: Response,
  incident: string,
  template: CaseTemplate,
  alarm: Origin,
): Promise<void> {
  const { tx, changes, rules, places } = response;
  const existing = await tx
    .selectFrom('dipper.grid_case')
    .select('id')
    .where('incident', '=', incident)
    .executeTakeFirst();
  if (existing !== undefined) return;
  const terms = rules.caseTerms;
  const category = terms.find(template.category);
  const ofCategory = category === undefined ? FALLBACK : terms.timeAllowed(category);
  await openCase(response, terms, {
    title: rules.textFor(template.title, alarm),
    category: template.category,
    platform: template.platform ?? category?.platform ?? 'convenience',
    priority: template.priority ?? alarm.priority,
    source: 'alarm',
    allowed: template.deadlineHours === undefined ? ofCategory : { hours: template.deadlineHours },
    estate: alarm.estate,
    place: alarm.place,
    grid: alarm.place === null ? places.gridOfEstate(alarm.estate) : (places.find(alarm.place)?.grid ?? null),
    incident,
    by: `rule:${alarm.rule}`,
  });
  changes.updated('incident', incident);
}

export interface Opening {
  readonly title: LocalText;
  readonly text?: string;
  readonly category: string;
  readonly platform: Platform;
  readonly priority: Priority;
  readonly source: CaseSource;
  readonly allowed: TimeAllowed;
  readonly estate: string | null;
  readonly place: string | null;
  readonly grid: string | null;
  readonly incident?: string;
  readonly by: string;
  /** When it was seen, for what was reported offline; the clock of the deadline runs from the hub's own time. */
  readonly takenAt?: Date;
  readonly clamped?: boolean;
  /** Sent again with it, the request opens no second case. */
  readonly key?: string;
  /** Of the code that a resident follows it with. */
  readonly reportCodeSha256?: Buffer;
}

/** Where a case is opened. */
export interface OpeningGround {
  readonly tx: Tx;
  readonly changes: ChangeSet;
  readonly now: Date;
}

/**
 * Opens a case: 上报.
 * @returns its id and number; undefined when one was opened with the same key before
 */
export async function openCase(
  { tx, changes, now }: OpeningGround,
  terms: CaseTerms,
  opening: Opening,
): Promise<{ readonly id: string; readonly number: string } | undefined> {
  const id = randomUUID();
  const { title, allowed } = opening;
  const gridCase = {
    id,
    state: 'reported',
    round: 1,
    category: opening.category,
    deadline_at: terms.deadlineFrom(now, allowed),
    suspended_at: null,
    leader: null,
  } as const;
  const number = await nextNumber(tx, terms.calendar.dayOf(now));
  const inserted = await tx
    .insertInto('dipper.grid_case')
    .values({
      ...gridCase,
      number,
      title_zh: title.zh,
      title_en: title.en,
      text: opening.text ?? null,
      platform: opening.platform,
      priority: opening.priority,
      source: opening.source,
      estate: opening.estate,
      place: opening.place,
      grid: opening.grid,
      incident: opening.incident ?? null,
      assignee: null,
      first_handler: null,
      opened_at: now,
      allowed_hours: 'hours' in allowed ? allowed.hours : null,
      allowed_days: 'workingDays' in allowed ? allowed.workingDays : null,
      supervised_at: null,
      closed_at: null,
      merged_into: null,
      request: null,
      satisfaction: null,
      opened_key: opening.key ?? null,
      report_code_sha256: opening.reportCodeSha256 ?? null,
    })
    .onConflict((conflict) => conflict.column('opened_key').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) return undefined;
  await insertStep(tx, gridCase, {
    action: 'report',
    from_state: null,
    by: opening.by,
    at: now,
    ...(opening.takenAt === undefined ? {} : { taken_at: opening.takenAt }),
    clamped: opening.clamped ?? false,
  });
  await scheduleTimers(tx, gridCase, terms, now);
  changes.created('case', id);
  return { id, number };
}

/** `20261124-0007`: the day, and a count that the database hands out. */
async function nextNumber(tx: Tx, day: string): Promise<string> {
  const { rows } = await sql<{ last: number }>`
    insert into dipper.case_number as number (day, last) values (${day}::date, 1)
    on conflict (day) do update set last = number.last + 1
    returning last`.execute(tx);
  return `${day.replaceAll('-', '')}-${String(rows[0]?.last ?? 0).padStart(4, '0')}`;
}
