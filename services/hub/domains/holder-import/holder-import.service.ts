import { randomUUID } from 'node:crypto';
import {
  type HolderImportReport,
  type HolderImportRequest,
  MAX_HOLDER_IMPORT_ROWS,
} from '@dipper/contract/api/holder-import';
import type { ImportProblem } from '@dipper/contract/api/import';
import { translateUnavailable } from '../../database/errors.ts';
import type { Sealer } from '../../sealer.ts';
import type { Actor } from '../../services.ts';
import { problemAt } from '../import/draft-row.ts';
import { decodeText } from '../import/import-text.ts';
import { refuseUnknownEstate } from '../place/known-estate.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { AccessDb } from '../policy/access-db.ts';
import { type HolderRow, holderRowsFrom } from './holder-rows.ts';
import { type FingerprintOf, readKnownHolders } from './known-holders.ts';
import { type HolderPlan, planHolders } from './plan-holders.ts';
import { writeHolders } from './write-holders.ts';

const MAX_TOLD = 1_000;

/** Residents from a table, with their cards, vehicles and permits. */
export interface HolderImportService {
  /**
   * Reads a file and adds what is not there yet, in one transaction or not at all. The same file a second time changes nothing.
   * @throws DipperError REQUEST_INVALID for an estate that there is not, CREDENTIAL_IN_USE where somebody enters one of its values
   *   at the same moment
   */
  run(request: HolderImportRequest, by: Pick<Actor, 'name'>): Promise<HolderImportReport>;
}

export interface HolderImportOptions {
  readonly db: AccessDb;
  readonly sealer: Sealer;
  /** Of the estates: the last day of a permit ends at their midnight. */
  readonly timeZone: string;
  /** Something has changed that policies are compiled of. */
  readonly onChange: () => void;
  readonly now: () => number;
}

interface ReadTable {
  readonly encoding: HolderImportReport['encoding'];
  readonly rows: readonly HolderRow[];
  readonly count: number;
  readonly problems: readonly ImportProblem[];
}

export function createHolderImportService(options: HolderImportOptions): HolderImportService {
  const { db, sealer, timeZone, now } = options;
  const changeAccess = createChangeAccess(options);
  return {
    run: ({ estate, file, dryRun = false }, by) =>
      translateUnavailable(async () => {
        const { encoding, rows, count, problems: unread } = readTable(file.name, file.contentBase64);
        const fingerprintOf: FingerprintOf = (factor, value) =>
          sealer.fingerprint(value, `credential:${estate}:${factor}`);
        const nowMs = now();
        const look = async (source: AccessDb): Promise<{ plan: HolderPlan; report: HolderImportReport }> => {
          const problems = [...unread];
          const known = await readKnownHolders(source, estate, rows, fingerprintOf);
          const plan = planHolders(rows, {
            ...{ file: file.name, known, fingerprintOf, timeZone, nowMs, newId: randomUUID, problems },
          });
          const report: HolderImportReport = {
            ...{ outcome: outcomeOf(dryRun, plan, problems), encoding, rows: count, counts: plan.counts },
            problems: problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, MAX_TOLD),
            changes: plan.changes.slice(0, MAX_TOLD),
          };
          return { plan, report };
        };
        await refuseUnknownEstate(db, estate);
        // Nobody has to wait while a file is only looked through.
        const { report: outlook } = await look(db);
        if (outlook.outcome !== 'imported') return outlook;
        return changeAccess(async (tx, follow) => {
          // Whoever changes who may pass here waits from here on: a second import sees what the first has brought.
          await follow(estate);
          const { plan, report } = await look(tx);
          if (report.outcome === 'imported') {
            await writeHolders(tx, plan, { estate, sealer, by: by.name, at: new Date(nowMs) });
          }
          return report;
        });
      }),
  };
}

function readTable(name: string, contentBase64: string): ReadTable {
  const decoded = decodeText(Buffer.from(contentBase64, 'base64'));
  if (decoded === undefined) {
    const text = {
      zh: '不是文本：请在 Excel 中另存为“CSV UTF-8（逗号分隔）”',
      en: "is no text: save it from the spreadsheet as 'CSV UTF-8'",
    };
    return { encoding: 'utf-8', rows: [], count: 0, problems: [problemAt({ file: name }, text)] };
  }
  const { text, encoding } = decoded;
  const { rows, problems, count } = holderRowsFrom(name, text);
  const said = [...problems];
  if (encoding === 'gb18030') {
    const read = {
      zh: '文件编码为 GB18030（GBK），已按此读取；请核对中文是否正确',
      en: 'the file is in GB 18030 (GBK) and was read so; see whether its Chinese is right',
    };
    said.push(problemAt({ file: name }, read, 'warning'));
  }
  if (count <= MAX_HOLDER_IMPORT_ROWS) return { encoding, rows, count, problems: said };
  const many = {
    zh: `共 ${count} 行，一次最多 ${MAX_HOLDER_IMPORT_ROWS} 行，请分楼栋导入`,
    en: `${count} lines are more than the ${MAX_HOLDER_IMPORT_ROWS} of one import: bring them building by building`,
  };
  return { encoding, rows: [], count, problems: [problemAt({ file: name }, many)] };
}

function outcomeOf(
  dryRun: boolean,
  { holders, credentials, permits }: HolderPlan,
  problems: readonly ImportProblem[],
): HolderImportReport['outcome'] {
  if (problems.some(({ severity }) => severity === 'error')) return 'refused';
  if (dryRun) return 'dry-run';
  return holders.length + credentials.length + permits.length === 0 ? 'nothing' : 'imported';
}
