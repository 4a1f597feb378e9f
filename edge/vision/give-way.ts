import { getPriority, setPriority } from 'node:os';

/** Steps behind the agent, as the decoders that feed it: recording and live views come first. */
const NICENESS = 5;

/**
 * Has the thread that calls it stand back when the processor is short. To be called inside a worker: Linux gives each thread
 * a niceness of its own (setpriority(2), "who" 0); other systems know one for the whole process, which is left alone.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, Math.min(19, getPriority(0) + NICENESS));
  } catch {
    // Not allowed in here: inference is then as important as the rest of the agent.
  }
}
