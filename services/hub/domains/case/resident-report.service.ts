import type {
  ReportForm,
  ReportProgress,
  ReportRating,
  ReportReceipt,
  ResidentReport,
} from '@dipper/contract/api/case-report';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import type { Db, Tx } from '../../database/pool.ts';
import { createSecretCode, hashSecretCode, readSecretCode } from '../../secret-code.ts';
import { createChangeSet } from '../change/change-set.ts';
import type { CaseStepRow, GridCaseRow } from './case.tables.ts';
import { locate } from './case-location.ts';
import { openCase } from './case-opening.ts';
import { insertStep, listSteps } from './case-step.repository.ts';
import type { CaseTerms } from './case-terms.ts';
import { readReportForm } from './report-form.ts';
import { STATE_WORDS, stepWords } from './report-words.ts';

/** Stands in steps for whoever reported something without an account. */
export const RESIDENT = 'resident';

/** What residents do without an account; the code that they get is the only way back. */
export interface ResidentReportService {
  form(): Promise<ReportForm>;
  /** @throws DipperError REQUEST_INVALID */
  report(report: ResidentReport): Promise<ReportReceipt>;
  /** @throws DipperError NOT_FOUND, REQUEST_INVALID for what cannot be a code */
  progress(code: string): Promise<ReportProgress>;
  /** @throws DipperError NOT_FOUND, REPORT_NOT_CLOSED, REPORT_ALREADY_RATED */
  rate(code: string, rating: ReportRating): Promise<ReportProgress>;
}

export interface ResidentReportOptions {
  readonly db: Db;
  readonly terms: CaseTerms;
  readonly now: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

export function createResidentReportService({
  db,
  terms,
  now,
  onCommit,
}: ResidentReportOptions): ResidentReportService {
  const progressOf = async (code: string): Promise<ReportProgress> => {
    const own = await findByCode(db, code);
    const followed = await followMerges(db, own);
    const steps: CaseStepRow[] = [];
    for (const { row, since } of followed) {
      const taken = await listSteps(db, row.id);
      steps.push(...taken.filter(({ at }) => at >= since));
    }
    const last = followed.at(-1)?.row ?? own;
    return {
      number: own.number,
      category: terms.nameOf(own.category),
      state: last.state,
      says: STATE_WORDS[last.state],
      openedAt: own.opened_at.toISOString(),
      deadlineAt: last.deadline_at.toISOString(),
      closedAt: last.closed_at?.toISOString() ?? null,
      steps: steps.flatMap((step) => {
        const says = stepWords(step);
        return says === undefined ? [] : [{ at: step.at.toISOString(), says }];
      }),
      canRate: last.state === 'closed' && own.satisfaction === null,
      satisfaction: own.satisfaction,
    };
  };
  return {
    form: () => translateUnavailable(() => readReportForm(db, terms)),
    report: (report) =>
      translateUnavailable(async () => {
        const receipt = await db.transaction().execute((tx) => openReport(tx, terms, report, new Date(now())));
        onCommit();
        return receipt;
      }),
    progress: (code) => translateUnavailable(() => progressOf(code)),
    rate: (code, rating) =>
      translateUnavailable(async () => {
        await db.transaction().execute((tx) => rateIn(tx, code, rating, new Date(now())));
        onCommit();
        return progressOf(code);
      }),
  };
}

async function openReport(tx: Tx, terms: CaseTerms, report: ResidentReport, now: Date): Promise<ReportReceipt> {
  const category = terms.find(report.category);
  if (category?.public !== true) {
    throw new DipperError('REQUEST_INVALID', { message: '/body/category: is no category of the form' });
  }
  const where = await locate(tx, report);
  const code = createSecretCode();
  const changes = createChangeSet();
  const opened = await openCase({ tx, changes, now }, terms, {
    ...where,
    title: { zh: `居民反映：${category.name.zh}`, en: `Reported by a resident: ${category.name.en}` },
    text: report.text,
    category: category.id,
    platform: category.platform,
    priority: category.priority,
    source: 'resident',
    allowed: terms.timeAllowed(category),
    by: RESIDENT,
    reportCodeSha256: hashSecretCode(code),
  });
  await changes.write(tx, now);
  return { code, number: found(opened).number };
}

async function findByCode(db: Db | Tx, typed: string): Promise<GridCaseRow> {
  const code = readSecretCode(typed);
  const row = await db
    .selectFrom('dipper.grid_case')
    .selectAll()
    .where('report_code_sha256', '=', hashSecretCode(code))
    .executeTakeFirst();
  return found(row);
}

/** The case itself, and those that it was merged into, each with the time from which on it stands for the matter. */
async function followMerges(db: Db | Tx, own: GridCaseRow): Promise<{ row: GridCaseRow; since: Date }[]> {
  const followed = [{ row: own, since: new Date(0) }];
  for (let row = own; row.merged_into !== null; ) {
    const next = await db
      .selectFrom('dipper.grid_case')
      .selectAll()
      .where('id', '=', row.merged_into)
      .executeTakeFirstOrThrow();
    followed.push({ row: next, since: row.closed_at ?? new Date(0) });
    row = next;
  }
  return followed;
}

async function rateIn(tx: Tx, code: string, { satisfaction, text }: ReportRating, at: Date): Promise<void> {
  const { id } = await findByCode(tx, code);
  await tx.selectFrom('dipper.grid_case').select('id').where('id', '=', id).forUpdate().execute();
  const own = await findByCode(tx, code);
  const last = (await followMerges(tx, own)).at(-1)?.row ?? own;
  if (own.satisfaction !== null) throw new DipperError('REPORT_ALREADY_RATED');
  if (last.state !== 'closed') throw new DipperError('REPORT_NOT_CLOSED');
  await tx.updateTable('dipper.grid_case').set({ satisfaction }).where('id', '=', id).execute();
  await insertStep(tx, own, { action: 'rate', by: RESIDENT, at, note: text ?? null, rating: satisfaction });
  const changes = createChangeSet();
  changes.updated('case', id);
  await changes.write(tx, at);
}
