import type { QueueLine } from '../alarms/queue-line.ts';
import { joinableWith } from '../alarms/queue-line.ts';

/** What somebody may decide about a happening beside acknowledging it. */
export type Decision = 'shelve' | 'takeOut' | 'join' | 'split';

export interface Allowed {
  readonly shelve: boolean;
  readonly takeOut: boolean;
  readonly regroup: boolean;
}

/** Decisions that make sense for a line; what would be refused is not offered. */
export function decisionsFor(
  line: QueueLine | undefined,
  lines: readonly QueueLine[],
  allowed: Allowed,
): readonly Decision[] {
  if (line === undefined) return [];
  const [lead] = line.alarms;
  return [
    ...(allowed.shelve && shelvableOf(line) !== undefined ? (['shelve'] as const) : []),
    ...(allowed.takeOut && (lead.device !== null || !lead.safetyCritical) ? (['takeOut'] as const) : []),
    ...(allowed.regroup && joinableWith(line, lines).length > 0 ? (['join'] as const) : []),
    ...(allowed.regroup && lead.incident !== null && line.alarms.length > 1 ? (['split'] as const) : []),
  ];
}

/** The alarm of a line that a shelf is for: the most urgent one that is not critical to safety. */
export function shelvableOf(line: QueueLine) {
  return line.alarms.find(({ safetyCritical }) => !safetyCritical);
}
