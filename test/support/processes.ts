import { readdirSync, readFileSync } from 'node:fs';

/**
 * Every process of this machine, ours or not, whose environment carries this exact variable: children inherit it, so a
 * folder name made for one test finds its whole family, also after the parent is gone. Linux only.
 */
export function processesWith(variable: string, value: string): { pid: number; command: string }[] {
  const needle = `${variable}=${value}`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(needle)) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
        // A zombie has ended; only its parent has not looked yet. It has no command line.
        return command === '' ? [] : [{ pid: Number(pid), command }];
      } catch {
        return []; // ended while we looked
      }
    });
}
