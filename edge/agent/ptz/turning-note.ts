import { readFileSync } from 'node:fs';
import { replaceFile } from '../../link/replace-file.ts';

/** Which cameras were told to turn and not yet seen to stop: an agent that dies meanwhile finds them when it starts again. */
export interface TurningNote {
  /** As the last run left them. */
  readonly left: readonly string[];
  set(device: string, isTurning: boolean): Promise<void>;
}

/** @param path in the agent's data folder; a file that cannot be read is as good as none */
export function openTurningNote(path: string): TurningNote {
  const left = readLeft(path);
  const turning = new Set(left);
  /** One after the other: what is written last is what is true. */
  let turn: Promise<void> = Promise.resolve();
  return {
    left,
    set(device, isTurning) {
      if (turning.has(device) === isTurning) return turn;
      if (isTurning) turning.add(device);
      else turning.delete(device);
      const text = `${JSON.stringify([...turning])}\n`;
      turn = turn.then(() => replaceFile(path, text)).catch(() => undefined);
      return turn;
    },
  };
}

function readLeft(path: string): string[] {
  try {
    const left: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(left) ? left.filter((device) => typeof device === 'string') : [];
  } catch {
    return [];
  }
}
