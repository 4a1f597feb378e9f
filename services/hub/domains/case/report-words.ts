import type { LocalText } from '@dipper/contract/api/alarm';
import type { CaseState } from '@dipper/contract/api/case';
import type { CaseStepRow } from './case.tables.ts';

const text = (zh: string, en: string): LocalText => ({ zh, en });

/** Where a matter stands, for somebody who knows nothing of how the hub works. */
export const STATE_WORDS: Readonly<Record<CaseState, LocalText>> = {
  reported: text('已收到，正在核实', 'Received; somebody is looking into it'),
  established: text('已受理，正在安排人员', 'Accepted; somebody is being found for it'),
  dispatched: text('已安排人员处理', 'Given to somebody'),
  accepted: text('工作人员正在处理', 'Somebody is working on it'),
  handled: text('已处理，正在核查', 'Done; it is being checked'),
  verified: text('核查通过，即将办结', 'Checked; about to be closed'),
  closed: text('已办结', 'Closed'),
  voided: text('经核实不予受理', 'Not taken up'),
  merged: text('与同一事项合并办理', 'Dealt with together with the same matter'),
};

const STEP_WORDS: Readonly<Partial<Record<CaseStepRow['action'], LocalText>>> = {
  report: text('已收到您的反映', 'Your report was received'),
  establish: text('已受理', 'Accepted'),
  dispatch: text('已安排人员', 'Given to somebody'),
  accept: text('工作人员开始处理', 'Work has begun'),
  handle: text('已处理', 'Done'),
  reject: text('核查未通过，继续处理', 'The check failed; work goes on'),
  verify: text('核查通过', 'Checked'),
  close: text('已办结', 'Closed'),
  resume: text('恢复办理', 'Work goes on'),
  merge: text('与同一事项合并办理', 'Joined with the same matter'),
  unmerge: text('恢复单独办理', 'Dealt with on its own again'),
  reopen: text('重新办理', 'Taken up again'),
  rate: text('已收到您的评价', 'Your answer was received'),
};
const APPROVED_WORDS: Readonly<Record<string, LocalText>> = {
  void: text('经核实不予受理', 'Not taken up'),
  suspend: text('因客观原因暂缓办理', 'Suspended for a reason that nobody can help'),
  extend: text('办理时限延长', 'More time was granted'),
  return: text('重新安排人员', 'Somebody else is being found for it'),
};

/** A step in plain words; undefined for what is nothing to a resident. Notes and names never are. */
export function stepWords({ action, request }: Pick<CaseStepRow, 'action' | 'request'>): LocalText | undefined {
  return action === 'approve' && request !== null ? APPROVED_WORDS[request] : STEP_WORDS[action];
}
