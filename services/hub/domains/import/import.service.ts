import { createHash } from 'node:crypto';
import type { ImportKind, ImportProblem, ImportReport, ImportRequest } from '@dipper/contract/api/import';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import type { Db, Tx } from '../../database/pool.ts';
import { generatePassword, hashPassword } from '../account/password.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import { putPasswordCode } from '../password/password-code.repository.ts';
import { generateRecoveryCode } from '../totp/one-time-code.ts';
import { readDraftFile } from './draft-file.ts';
import { problemAt } from './draft-row.ts';
import { checkRows, outlookOf, settleRows } from './import-check.ts';
import { checkRemovals, type ImportPlan, planImport } from './import-plan.ts';
import { writeChanges } from './import-writing.ts';
import { findInHistory, readInventory } from './inventory.repository.ts';
import { readRows } from './row-reading.ts';

/** Any number that nothing else takes: one import at a time. */
const ADVISORY_LOCK = 7_700_008;
const MAX_TOLD = 1_000;
/** Ten times a subdistrict; what is more is not what it seems to be. */
const MAX_ROWS = 20_000;
/** Long enough to be handed over on paper; as those that an administrator makes. */
const CODE_LIFE_MS = 7 * 86_400_000;

export interface ImportService {
  /**
   * Reads files and brings the database in line with them, in one transaction or not at all.
   * @param by account name, for the record
   * @throws DipperError ACCOUNT_LAST_ADMIN
   */
  run(request: ImportRequest, by: string): Promise<ImportReport>;
}

export interface ImportServiceOptions {
  readonly db: Db;
  readonly now: () => number;
  /** Called after a commit that changed places. */
  readonly onImport?: () => Promise<void>;
}

export function createImportService({ db, now, onImport }: ImportServiceOptions): ImportService {
  return {
    run: (request, by) =>
      translateUnavailable(async () => {
        const files = request.files.map(readDraftFile);
        const decoyHash = await hashPassword(generatePassword());
        const report = await db.transaction().execute(async (tx) => {
          await sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`.execute(tx);
          const { plan, problems } = await prepare(tx, files, request.missing ?? 'ask');
          const outcome = outcomeOf(request, plan, problems);
          const codes =
            outcome === 'imported' ? await carryOut(tx, plan, { request, by, decoyHash, at: new Date(now()) }) : [];
          return {
            outcome,
            files: files.map(({ told }) => told),
            problems: problems.slice(0, MAX_TOLD),
            counts: plan.counts,
            changes: plan.changes.slice(0, MAX_TOLD).map(({ values: _, ...change }) => change),
            codes,
          } satisfies ImportReport;
        });
        if (report.outcome === 'imported') await onImport?.();
        return report;
      }),
  };
}

async function prepare(
  tx: Tx,
  files: readonly ReturnType<typeof readDraftFile>[],
  missing: NonNullable<ImportRequest['missing']>,
): Promise<{ plan: ImportPlan; problems: ImportProblem[] }> {
  const problems = files.flatMap((file) => [...file.problems, ...warningsOf(file)]);
  const count = files.reduce((sum, { rows }) => sum + rows.length, 0);
  if (count > MAX_ROWS) {
    const text = {
      zh: `共 ${count} 行，一次最多 ${MAX_ROWS} 行`,
      en: `${count} rows are more than the ${MAX_ROWS} of one import`,
    };
    return { plan: { changes: [], counts: [] }, problems: [problemAt({ file: files[0]?.told.name ?? '' }, text)] };
  }
  const known = await readInventory(tx);
  const read = readRows(
    files.flatMap(({ rows }) => rows),
    known,
    problems,
  );
  const rows = settleRows(read, outlookOf(known, read));
  const outlook = outlookOf(known, rows);
  problems.push(...checkRows(rows, outlook));
  const kinds = [...new Set(files.flatMap((file): readonly ImportKind[] => file.kinds))];
  const plan = planImport(rows, known, outlook, kinds, missing !== 'keep');
  const removed = plan.changes.filter(({ change }) => change === 'removed');
  if (removed.length > 0) {
    // While nobody has decided that it shall go, that it cannot go is worth knowing and no mistake.
    const severity = missing === 'remove' ? 'error' : 'warning';
    const needed = checkRemovals(plan.changes, outlook, await findInHistory(tx, removed));
    problems.push(...needed.map((problem) => ({ ...problem, severity }) as const));
  }
  const orderOf = new Map(files.map(({ told }, index) => [told.name, index]));
  const placeOf = ({ file, line }: ImportProblem): number => (orderOf.get(file) ?? files.length) * 1e9 + (line ?? 0);
  return { plan, problems: problems.toSorted((a, b) => placeOf(a) - placeOf(b)) };
}

function warningsOf({ told: { name, encoding } }: ReturnType<typeof readDraftFile>): ImportProblem[] {
  if (encoding !== 'gb18030') return [];
  const text = {
    zh: '文件编码为 GB18030（GBK），已按此读取；请核对中文是否正确',
    en: 'the file is in GB 18030 (GBK) and was read so; see whether its Chinese is right',
  };
  return [problemAt({ file: name }, text, 'warning')];
}

function outcomeOf(
  { dryRun, missing = 'ask' }: ImportRequest,
  { changes }: ImportPlan,
  problems: readonly ImportProblem[],
): ImportReport['outcome'] {
  if (problems.some(({ severity }) => severity === 'error')) return 'refused';
  if (dryRun === true) return 'dry-run';
  if (changes.length === 0) return 'nothing';
  return missing === 'ask' && changes.some(({ change }) => change === 'removed') ? 'undecided' : 'imported';
}

interface CarryOutOptions {
  readonly request: ImportRequest;
  readonly by: string;
  readonly decoyHash: string;
  readonly at: Date;
}

async function carryOut(
  tx: Tx,
  { changes }: ImportPlan,
  { request, by, decoyHash, at }: CarryOutOptions,
): Promise<ImportReport['codes']> {
  const staff = await writeChanges(tx, changes, decoyHash);
  const codes: ImportReport['codes'] = [];
  for (const { id, name } of staff) {
    const code = generateRecoveryCode();
    await putPasswordCode(tx, id, code, new Date(at.getTime() + CODE_LIFE_MS));
    codes.push({ name, code });
  }
  const files = request.files.map(({ name, contentBase64 }) => ({
    name,
    sha256: createHash('sha256').update(Buffer.from(contentBase64, 'base64')).digest('hex'),
  }));
  await sql`
    insert into dipper.import (at, by, files, changes)
    values (${at}, ${by}, ${JSON.stringify(files)}::jsonb, ${changes.length})`.execute(tx);
  await noteCarriedOut(tx);
  return codes;
}
