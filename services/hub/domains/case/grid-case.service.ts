import type { CaseBrief, CaseDetail, GridCase } from '@dipper/contract/api/case';
import type { NewCase } from '@dipper/contract/api/case-report';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { Actor, GridCaseService } from '../../services.ts';
import { createChangeSet } from '../change/change-set.ts';
import type { GridCaseRow } from './case.tables.ts';
import { listAttachments } from './case-attachment.repository.ts';
import { findDuplicates, listMerged } from './case-duplicates.ts';
import { locate, locateWithin } from './case-location.ts';
import { openCase } from './case-opening.ts';
import type { CaseRouting } from './case-routing.ts';
import { mayReport } from './case-states.ts';
import { listSteps, stepFromRow } from './case-step.repository.ts';
import { clampTime, takeStepIn } from './case-step.ts';
import type { CaseTerms } from './case-terms.ts';
import { briefFromRow, caseFromRow, namesIn } from './case-view.ts';
import {
  findCases,
  findDisplayNames,
  type HandledCaseRow,
  listAlarmsOfCase,
  listCases,
} from './grid-case.repository.ts';

export interface GridCaseServiceOptions {
  readonly db: Db;
  readonly terms: CaseTerms;
  readonly routing: CaseRouting;
  readonly now: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

/** What was seen longer ago is told with the time of a week ago. */
const OLDEST_REPORT_MS = 7 * 24 * 3_600_000;

/** What people see of cases, and the steps they take in them. */
export function createGridCaseService(options: GridCaseServiceOptions): GridCaseService {
  const { db, terms, routing, now, onCommit } = options;
  const viewsOf = async (rows: readonly HandledCaseRow[], actor: Actor): Promise<Map<string, GridCase>> => {
    const names = await findDisplayNames(db, rows.flatMap(namesIn));
    const at = new Date(now());
    return new Map(rows.map((row) => [row.id, caseFromRow(row, actor, names, at)]));
  };
  const detailOf = async (id: string, actor: Actor): Promise<CaseDetail> => {
    const row = found((await findCases(db, [id].filter(isUuid)))[0]);
    const steps = await listSteps(db, id);
    const attachments = await listAttachments(db, id);
    const named = [...namesIn(row), ...steps.flatMap((step) => [step.by, step.assignee])];
    const names = await findDisplayNames(db, [...named, ...attachments.map(({ by }) => by)]);
    return {
      case: caseFromRow(row, actor, names, new Date(now())),
      steps: steps.map((step) => stepFromRow(step, names)),
      alarms: await listAlarmsOfCase(db, row.incident),
      attachments: attachments.map((attachment) => ({ ...attachment, byName: names.get(attachment.by) ?? null })),
      duplicates: await duplicatesOf(db, row, actor),
      merged: (await listMerged(db, id, actor.scope)).map(briefFromRow),
      suggestedAssignee: row.assignee === null && row.closed_at === null ? await routing.suggest(row) : null,
    };
  };
  const inTransaction = async <T>(work: (tx: Tx, at: Date) => Promise<T>): Promise<T> => {
    const result = await db.transaction().execute((tx) => work(tx, new Date(now())));
    onCommit();
    return result;
  };
  return {
    list: (query, actor) =>
      translateUnavailable(async () => {
        const rows = await listCases(db, query, actor.name, new Date(now()));
        const views = await viewsOf(rows, actor);
        return pageFrom(
          query,
          rows,
          (row) => found(views.get(row.id)),
          (row) => ({ at: row.opened_at, id: row.id }),
        );
      }),
    findMany: (ids, actor) =>
      translateUnavailable(async () => [...(await viewsOf(await findCases(db, ids.filter(isUuid)), actor)).values()]),
    get: (id, actor) => translateUnavailable(() => detailOf(id, actor)),
    takeStep: (id, step, actor) =>
      translateUnavailable(async () => {
        if (!isUuid(id)) throw new DipperError('NOT_FOUND');
        await inTransaction(async (tx, at) => {
          const changes = createChangeSet();
          await takeStepIn({ tx, changes, now: at, terms }, id, step, actor);
          await changes.write(tx, at);
        });
        return detailOf(id, actor);
      }),
    open: (report, actor) =>
      translateUnavailable(async () => {
        const id = await inTransaction((tx, at) => openReported(tx, terms, report, actor, at));
        return detailOf(id, actor);
      }),
    findDuplicates: ({ within, ...query }) =>
      translateUnavailable(async () => {
        // Nowhere is nothing the same.
        if ([query.place, query.estate, query.grid].every((id) => id === undefined)) return [];
        const where = await locate(db, query);
        const matter = { ...where, category: query.category };
        return (await findDuplicates(db, matter, new Date(now()), within ?? 'everywhere')).map(briefFromRow);
      }),
  };
}

async function duplicatesOf(db: Db, row: GridCaseRow, { scope }: Actor): Promise<CaseBrief[]> {
  if (row.closed_at !== null) return [];
  return (await findDuplicates(db, row, row.opened_at, scope, row.id)).map(briefFromRow);
}

/**
 * Opens what somebody reports, or finds what the same request opened before.
 * @throws DipperError FORBIDDEN, REQUEST_INVALID, NOT_FOUND outside of the scope, IDEMPOTENCY_KEY_REUSED
 */
async function openReported(tx: Tx, terms: CaseTerms, report: NewCase, actor: Actor, now: Date): Promise<string> {
  if (!mayReport(report.source, actor)) throw new DipperError('FORBIDDEN');
  const category = terms.find(report.category);
  if (category === undefined) throw new DipperError('REQUEST_INVALID', { message: '/body/category: is no category' });
  const seenAt = report.takenAt === undefined ? now : new Date(report.takenAt);
  if (Number.isNaN(seenAt.getTime())) {
    throw new DipperError('REQUEST_INVALID', { message: '/body/takenAt: is no point in time' });
  }
  const where = await locateWithin(tx, report, actor.scope);
  const earliest = new Date(now.getTime() - OLDEST_REPORT_MS);
  const time = clampTime(seenAt, earliest, now);
  const changes = createChangeSet();
  const opened = await openCase({ tx, changes, now }, terms, {
    ...where,
    title: { zh: report.title, en: report.title },
    ...(report.text === undefined ? {} : { text: report.text }),
    category: category.id,
    platform: category.platform,
    priority: report.priority ?? category.priority,
    source: report.source,
    allowed: terms.timeAllowed(category),
    by: actor.name,
    takenAt: time.at,
    clamped: time.clamped,
    ...(report.key === undefined ? {} : { key: report.key }),
  });
  await changes.write(tx, now);
  return opened?.id ?? openedBefore(tx, report, actor);
}

async function openedBefore(tx: Tx, { key }: NewCase, actor: Actor): Promise<string> {
  const before = await tx
    .selectFrom('dipper.grid_case as opened')
    .innerJoin('dipper.case_step as step', 'step.grid_case', 'opened.id')
    .select('opened.id')
    .where('opened.opened_key', '=', key ?? null)
    .where('step.action', '=', 'report')
    .where('step.by', '=', actor.name)
    .executeTakeFirst();
  if (before === undefined) throw new DipperError('IDEMPOTENCY_KEY_REUSED');
  return before.id;
}
