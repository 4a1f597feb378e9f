import type { CaseStepRequest } from '@dipper/contract/api/case';
import { DipperError } from '@dipper/contract/errors';
import { found } from '../../database/lookup.ts';
import type { Tx } from '../../database/pool.ts';
import type { Actor } from '../../services.ts';
import type { ChangeSet } from '../change/change-set.ts';
import { askAgain, checkMergeTarget, findMergeTarget, lockCaseAndOther, noteOther } from './case-merge.ts';
import { stateAfter } from './case-states.ts';
import { findStepByKey, insertStep } from './case-step.repository.ts';
import { caseAfter } from './case-step-effect.ts';
import { checkStepRequest } from './case-step-request.ts';
import type { CaseTerms } from './case-terms.ts';
import { scheduleTimers } from './case-timer.repository.ts';
import type { HandledCaseRow } from './grid-case.repository.ts';

/** Where a step is taken. */
export interface StepGround {
  readonly tx: Tx;
  readonly changes: ChangeSet;
  readonly now: Date;
  readonly terms: CaseTerms;
}

/**
 * Takes a step in a case, or finds that it has been taken: what was sent before with the same key is not done again.
 * @throws DipperError NOT_FOUND, VERSION_CONFLICT, REQUEST_INVALID, IDEMPOTENCY_KEY_REUSED, MERGE_NOT_ALLOWED, and
 *   those of `stateAfter`
 */
export async function takeStepIn(ground: StepGround, id: string, step: CaseStepRequest, actor: Actor): Promise<void> {
  const { tx, changes, now, terms } = ground;
  const otherId = step.action === 'unmerge' ? await findMergeTarget(tx, id) : step.into;
  const locked = await lockCaseAndOther(tx, id, otherId);
  const row = found(locked.gridCase);
  if (await isTaken(tx, row, step, actor)) return;
  if (row.version !== step.version) throw new DipperError('VERSION_CONFLICT', { detail: { version: row.version } });
  // Unmerged and merged elsewhere, between the look and the lock.
  if (row.merged_into !== (otherId ?? null) && step.action === 'unmerge') throw new DipperError('VERSION_CONFLICT');
  const to = stateAfter(step.action, row, actor);
  checkStepRequest(step, row, now);
  if (step.action === 'merge') checkMergeTarget(row, locked.other);
  const change = caseAfter(step, row, to, actor, now, terms);
  const after = { ...row, ...change, state: to };
  await tx
    .updateTable('dipper.grid_case')
    .set({
      ...change,
      ...('request' in change ? { request: change.request === null ? null : JSON.stringify(change.request) } : {}),
      state: to,
      version: row.version + 1,
    } as object)
    .where('id', '=', id)
    .execute();
  const time = await timeOf(tx, row, step.takenAt, now);
  await insertStep(tx, after, {
    action: step.action,
    from_state: row.state,
    to_state: to,
    by: actor.name,
    at: now,
    note: step.note ?? null,
    assignee: step.assignee ?? null,
    taken_at: time.at,
    clamped: time.clamped,
    request: decidesOnRequest(step.action) ? (row.request?.action ?? null) : null,
    until: step.until === undefined ? null : new Date(step.until),
    other: step.action === 'merge' || step.action === 'unmerge' ? (locked.other?.id ?? null) : null,
    key: step.key ?? null,
  });
  if (step.action === 'reopen') await askAgain(tx, id);
  if (isClockMoved(row, after)) await scheduleTimers(tx, after, terms, now);
  if (locked.other !== undefined) {
    const action = step.action === 'merge' ? 'absorb' : 'release';
    await noteOther(tx, changes, { gridCase: locked.other, other: id, action, by: actor.name, at: now });
  }
  changes.updated('case', id);
}

/**
 * Merges one case into another as part of a larger decision, whatever their versions.
 * @throws DipperError NOT_FOUND, MERGE_NOT_ALLOWED, and those of `stateAfter`
 */
export async function mergeCasesIn(
  ground: StepGround,
  { from, into, note }: { readonly from: string; readonly into: string; readonly note: string },
  actor: Actor,
): Promise<void> {
  const { gridCase } = await lockCaseAndOther(ground.tx, from, into);
  await takeStepIn(ground, from, { action: 'merge', version: found(gridCase).version, into, note }, actor);
}

/** @throws DipperError IDEMPOTENCY_KEY_REUSED when the key belongs to another step */
async function isTaken(tx: Tx, row: HandledCaseRow, step: CaseStepRequest, actor: Actor): Promise<boolean> {
  if (step.key === undefined) return false;
  const taken = await findStepByKey(tx, row.id, step.key);
  if (taken === undefined) return false;
  if (taken.action === step.action && taken.by === actor.name) return true;
  throw new DipperError('IDEMPOTENCY_KEY_REUSED');
}

/** The claimed time of a step, no later than now and no earlier than the step that it follows. */
export async function timeOf(
  tx: Tx,
  row: HandledCaseRow,
  takenAt: string | undefined,
  now: Date,
): Promise<{ readonly at: Date; readonly clamped: boolean }> {
  if (takenAt === undefined) return { at: now, clamped: false };
  const last = await tx
    .selectFrom('dipper.case_step')
    .select('taken_at')
    .where('grid_case', '=', row.id)
    .orderBy('ordinal', 'desc')
    .limit(1)
    .executeTakeFirst();
  return clampTime(new Date(takenAt), last?.taken_at ?? row.opened_at, now);
}

/** The nearest time that can be. */
export function clampTime(
  claimed: Date,
  earliest: Date,
  latest: Date,
): { readonly at: Date; readonly clamped: boolean } {
  if (claimed > latest) return { at: latest, clamped: true };
  if (claimed < earliest) return { at: earliest, clamped: true };
  return { at: claimed, clamped: false };
}

function decidesOnRequest(action: CaseStepRequest['action']): boolean {
  return action === 'approve' || action === 'refuse' || action === 'withdraw';
}

function isClockMoved(before: HandledCaseRow, after: HandledCaseRow): boolean {
  return (
    before.deadline_at.getTime() !== after.deadline_at.getTime() ||
    before.suspended_at?.getTime() !== after.suspended_at?.getTime() ||
    (before.closed_at === null) !== (after.closed_at === null) ||
    before.leader !== after.leader
  );
}
