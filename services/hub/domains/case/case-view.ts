import type { CaseBrief, CaseRequest, GridCase } from '@dipper/contract/api/case';
import type { Actor } from '../../services.ts';
import type { GridCaseRow, PendingRequest } from './case.tables.ts';
import { actionsFor, isEnded } from './case-states.ts';
import type { HandledCaseRow } from './grid-case.repository.ts';

/** Every account that a case names. */
export function namesIn(row: GridCaseRow): (string | null)[] {
  return [row.assignee, row.first_handler, row.leader, row.request?.by ?? null];
}

/** A case as people see it; what they may do depends on who asks, whether it is overdue on when. */
export function caseFromRow(
  row: HandledCaseRow,
  actor: Actor,
  names: ReadonlyMap<string, string>,
  now: Date,
): GridCase {
  const nameOf = (name: string | null): string | null => (name === null ? null : (names.get(name) ?? null));
  return {
    id: row.id,
    number: row.number,
    title: { zh: row.title_zh, en: row.title_en },
    text: row.text,
    category: row.category,
    platform: row.platform,
    priority: row.priority,
    source: row.source,
    state: row.state,
    version: row.version,
    round: row.round,
    estate: row.estate,
    place: row.place,
    grid: row.grid,
    incident: row.incident,
    assignee: row.assignee,
    assigneeName: nameOf(row.assignee),
    firstHandler: row.first_handler,
    firstHandlerName: nameOf(row.first_handler),
    leader: row.leader,
    leaderName: nameOf(row.leader),
    openedAt: row.opened_at.toISOString(),
    deadlineAt: row.deadline_at.toISOString(),
    overdue: !isEnded(row.state) && row.deadline_at < (row.suspended_at ?? now),
    suspendedAt: row.suspended_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    request: row.request === null ? null : requestFrom(row.request, nameOf(row.request.by)),
    supervisedAt: row.supervised_at?.toISOString() ?? null,
    mergedInto: row.merged_into,
    satisfaction: row.satisfaction,
    actions: actionsFor(row, actor),
  };
}

function requestFrom({ action, by, at, note, until }: PendingRequest, byName: string | null): CaseRequest {
  return { action, by, byName, at, note, until };
}

export type BriefRow = Pick<GridCaseRow, 'id' | 'number' | 'title_zh' | 'title_en' | 'state' | 'opened_at'>;

export function briefFromRow(row: BriefRow): CaseBrief {
  return {
    id: row.id,
    number: row.number,
    title: { zh: row.title_zh, en: row.title_en },
    state: row.state,
    openedAt: row.opened_at.toISOString(),
  };
}
