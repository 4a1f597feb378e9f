import { readdirSync, readFileSync } from 'node:fs';
import { family } from './processor-time.ts';

/**
 * Memory that a process and its descendants hold, in bytes: proportional set size, in which a page that several share counts
 * once (proc(5), `smaps_rollup`). Linux only.
 */
export function proportionalBytes(root: number): number {
  return family(root).reduce((sum, pid) => sum + ownBytes(pid), 0);
}

function ownBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1_024;
  } catch {
    return 0; // ended meanwhile
  }
}

/** Files, sockets and pipes that a process has open, without its children's. */
export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
