import { randomUUID } from 'node:crypto';
import type { CaseDetail, CaseState, CaseStepRequest, GridCase } from '@dipper/contract/api/case';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { Actor, GridCaseService } from '../../services.ts';
import { createChangeSet } from '../change/change-set.ts';
import { actionsFor, stateAfter } from './case-states.ts';
import {
  findCases,
  type HandledCaseRow,
  listAlarmsOfCase,
  listCaseSteps,
  listCases,
  lockCase,
} from './grid-case.repository.ts';

export interface GridCaseServiceOptions {
  readonly db: Db;
  readonly now: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

const ENDED: readonly CaseState[] = ['closed', 'voided'];

/** What people see of cases, and the steps they take in them. */
export function createGridCaseService({ db, now, onCommit }: GridCaseServiceOptions): GridCaseService {
  const detailOf = async (id: string, actor: Actor): Promise<CaseDetail> => {
    const row = found((await findCases(db, [id].filter(isUuid)))[0]);
    return {
      case: caseFromRow(row, actor),
      steps: await listCaseSteps(db, id),
      alarms: await listAlarmsOfCase(db, row.incident),
    };
  };
  return {
    list: (query, actor) =>
      translateUnavailable(async () =>
        pageFrom(
          query,
          await listCases(db, query, new Date(now())),
          (row) => caseFromRow(row, actor),
          (row) => ({ at: row.opened_at, id: row.id }),
        ),
      ),
    findMany: (ids, actor) =>
      translateUnavailable(async () => (await findCases(db, ids.filter(isUuid))).map((row) => caseFromRow(row, actor))),
    get: (id, actor) => translateUnavailable(() => detailOf(id, actor)),
    takeStep: (id, step, actor) =>
      translateUnavailable(async () => {
        if (!isUuid(id)) throw new DipperError('NOT_FOUND');
        await db.transaction().execute((tx) => takeStepIn(tx, id, step, actor, new Date(now())));
        onCommit();
        return detailOf(id, actor);
      }),
  };
}

async function takeStepIn(tx: Tx, id: string, step: CaseStepRequest, actor: Actor, at: Date): Promise<void> {
  const row = found(await lockCase(tx, id));
  if (row.version !== step.version) throw new DipperError('VERSION_CONFLICT', { detail: { version: row.version } });
  const to = stateAfter(step.action, row, actor);
  const version = row.version + 1;
  await tx
    .updateTable('dipper.grid_case')
    .set({
      state: to,
      version,
      assignee: assigneeAfter(step, to, row.assignee),
      closed_at: ENDED.includes(to) ? at : null,
    })
    .where('id', '=', id)
    .execute();
  await tx
    .insertInto('dipper.case_step')
    .values({
      id: randomUUID(),
      grid_case: id,
      ordinal: version,
      action: step.action,
      from_state: row.state,
      to_state: to,
      by: actor.name,
      note: step.note ?? null,
      assignee: step.assignee ?? null,
      at,
    })
    .execute();
  const changes = createChangeSet();
  changes.updated('case', id);
  await changes.write(tx, at);
}

/** @throws DipperError REQUEST_INVALID when a dispatch names nobody, or another step somebody */
function assigneeAfter({ action, assignee }: CaseStepRequest, to: CaseState, current: string | null): string | null {
  if ((action === 'dispatch') !== (assignee !== undefined)) {
    throw new DipperError('REQUEST_INVALID', {
      message: action === 'dispatch' ? 'A dispatch needs an assignee.' : 'Only a dispatch names an assignee.',
    });
  }
  if (assignee !== undefined) return assignee;
  return to === 'established' || to === 'reported' ? null : current;
}

function caseFromRow(row: HandledCaseRow, actor: Actor): GridCase {
  return {
    id: row.id,
    number: row.number,
    title: { zh: row.title_zh, en: row.title_en },
    category: row.category,
    platform: row.platform,
    priority: row.priority,
    source: row.source,
    state: row.state,
    version: row.version,
    estate: row.estate,
    place: row.place,
    grid: row.grid,
    incident: row.incident,
    assignee: row.assignee,
    openedAt: row.opened_at.toISOString(),
    deadlineAt: row.deadline_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    actions: actionsFor(row, actor),
  };
}
