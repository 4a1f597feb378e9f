import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in ticks of a hundredth of a second (USER_HZ, the same on every Linux that Node runs on). */
const TICK_MS = 10;

/**
 * Processor time that a process and all its descendants have used, those that ended included, in milliseconds. Linux only.
 * A child that ended counts once its parent has waited for it, which Node does at once.
 */
export function processorTimeMs(root: number): number {
  return family(root).reduce((sum, pid) => sum + ownTimeMs(pid), 0);
}

/** A process and its living descendants. */
export function family(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? fieldsOf(Number(entry))?.[1] : undefined;
    if (parent !== undefined) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(entry)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** `utime`, `stime`, `cutime`, `cstime`: fields 14 to 17 of proc(5). */
function ownTimeMs(pid: number): number {
  const fields = fieldsOf(pid) ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);
}

/** From `state`, the third, on: the second, a name in brackets, may hold anything. Undefined for one that has ended. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
