import { type Alarm, PRIORITIES } from '@dipper/contract/api/alarm';

/** One happening on the desk: the alarms of one incident, or one alarm that belongs to none. */
export interface QueueLine {
  /** The incident's id, or the alarm's where there is none. */
  readonly key: string;
  /** Most urgent first. */
  readonly alarms: readonly [Alarm, ...Alarm[]];
  readonly isAcknowledged: boolean;
  readonly isActive: boolean;
  readonly lastOccurredAt: string;
  readonly occurrences: number;
  /** Alarms that those of the line have silenced. */
  readonly suppressed: number;
}

/** Not acknowledged before acknowledged, urgent before less urgent, new before old. */
function byUrgency(a: Alarm, b: Alarm): number {
  return (
    Number(a.acknowledged) - Number(b.acknowledged) ||
    PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
    b.raisedAt.localeCompare(a.raisedAt)
  );
}

/** Folds alarms into lines and puts first what has to be looked at first. */
export function queueLinesOf(alarms: readonly Alarm[]): readonly QueueLine[] {
  const groups = Map.groupBy([...alarms].sort(byUrgency), ({ incident, id }) => incident ?? id);
  // The lead of each group is its most urgent alarm, and groups come in the order of their leads already.
  return [...groups].flatMap(([key, [lead, ...others]]) =>
    lead === undefined ? [] : [lineOf(key, [lead, ...others])],
  );
}

function lineOf(key: string, alarms: readonly [Alarm, ...Alarm[]]): QueueLine {
  return {
    key,
    alarms,
    isAcknowledged: alarms.every(({ acknowledged }) => acknowledged),
    isActive: alarms.some(({ active }) => active),
    lastOccurredAt: lastOf(alarms.map(({ lastOccurredAt }) => lastOccurredAt)),
    occurrences: alarms.reduce((sum, { occurrences }) => sum + occurrences, 0),
    suppressed: alarms.reduce((sum, { suppressed }) => sum + suppressed, 0),
  };
}

/** RFC 3339 in UTC sorts as text. */
function lastOf(times: readonly string[]): string {
  return times.toSorted().at(-1) ?? '';
}

/** The alarms of a line that nobody has acknowledged. */
export function pendingOf({ alarms }: QueueLine): readonly Alarm[] {
  return alarms.filter(({ acknowledged }) => !acknowledged);
}

/**
 * The line that a key press moves to; stays at the ends.
 *
 * @param chosen key of the present line; undefined or gone: the first one
 */
export function neighbourOf(
  lines: readonly QueueLine[],
  chosen: string | undefined,
  step: 1 | -1,
): QueueLine | undefined {
  const index = lines.findIndex(({ key }) => key === chosen);
  if (index < 0) return lines[0];
  return lines[Math.min(lines.length - 1, Math.max(0, index + step))];
}

/** Lines whose incidents can be joined into that of a line: of the same estate, each an incident. */
export function joinableWith(line: QueueLine, lines: readonly QueueLine[]): readonly QueueLine[] {
  const [lead] = line.alarms;
  if (lead.incident === null) return [];
  return lines.filter(
    ({ key, alarms: [other] }) => key !== line.key && other.incident !== null && other.estate === lead.estate,
  );
}

/** Lines that a flood folds into one: of the same rule, in the order of the queue. */
export interface QueueGroup {
  readonly key: string;
  readonly lines: readonly [QueueLine, ...QueueLine[]];
}

/** Fewer lines of a kind than this are seen at a glance. */
const MIN_GROUP_LINES = 3;

/** Folds lines of a kind together; what is critical to safety always stands alone. */
export function groupsOf(lines: readonly QueueLine[]): readonly QueueGroup[] {
  const isSafe = ({ alarms }: QueueLine): boolean => alarms.every(({ safetyCritical }) => !safetyCritical);
  const byRule = Map.groupBy(lines.filter(isSafe), ({ alarms: [lead] }) => `${lead.rule} ${lead.acknowledged}`);
  const folded = new Set<QueueLine>();
  return lines.flatMap((line): QueueGroup[] => {
    if (folded.has(line)) return [];
    const [lead] = line.alarms;
    const [first, ...others] = isSafe(line) ? (byRule.get(`${lead.rule} ${lead.acknowledged}`) ?? []) : [];
    if (first === undefined || others.length + 1 < MIN_GROUP_LINES) return [{ key: line.key, lines: [line] }];
    for (const each of [first, ...others]) folded.add(each);
    return [{ key: `group ${lead.rule} ${lead.acknowledged}`, lines: [first, ...others] }];
  });
}
