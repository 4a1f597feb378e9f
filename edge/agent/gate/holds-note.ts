import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GateHold } from '@dipper/contract/door-action';
import { Slug } from '@dipper/contract/identifiers';
import { createValidator } from '@dipper/contract/validation';
import { Type } from 'typebox';
import { replaceFile } from '../../link/replace-file.ts';

/** What gates with a relay are kept as, on disk: a guard's lock outlives the gate process, the agent and a loss of power. */
export interface HoldsNote {
  /** By device; a gate that is not named is kept as nothing, `unknown` is what cannot be read any more. */
  readonly holds: Readonly<Record<string, GateHold>>;
  set(device: string, hold: GateHold): void;
  /** Settles once all that was set is written, or could not be; a disk that does not answer is waited for two seconds. */
  written(): Promise<void>;
}

export interface HoldsNoteOptions {
  /** In the agent's data folder. Undefined: nothing outlives the agent. */
  readonly path: string | undefined;
  /** Gates that Dipper itself keeps locked or open; a door of ONVIF door control does so itself. */
  readonly devices: readonly string[];
  readonly onError: (error: unknown) => void;
}

const WRITE_LIMIT_MS = 2_000;
const Holds = createValidator(Type.Record(Slug, GateHold));

/** Opens the note, or begins one. One that is there and cannot be read makes every gate's hold `unknown`. */
export function openHoldsNote({ path, devices, onError }: HoldsNoteOptions): HoldsNote {
  const holds: Record<string, GateHold> = read(path, devices, onError);
  /** One after the other: what is written last is what is true. */
  let turn: Promise<void> = Promise.resolve();

  return {
    holds,
    set(device, hold) {
      if (!devices.includes(device) || (holds[device] ?? 'normal') === hold) return;
      if (hold === 'normal') delete holds[device];
      else holds[device] = hold;
      const text = `${JSON.stringify(holds)}\n`;
      if (path !== undefined) turn = turn.then(() => replaceFile(path, text)).catch(onError);
    },
    written: () => Promise.race([turn, sleep(WRITE_LIMIT_MS, undefined, { ref: false })]),
  };
}

function read(
  path: string | undefined,
  devices: readonly string[],
  onError: (error: unknown) => void,
): Record<string, GateHold> {
  if (path === undefined) return {};
  try {
    return { ...Holds.parse(JSON.parse(readFileSync(path, 'utf8'))) };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return {};
    onError(error);
    return Object.fromEntries(devices.map((device) => [device, 'unknown'] as const));
  }
}
