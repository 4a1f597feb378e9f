import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ProcessorHogs extends AsyncDisposable {
  readonly command: string;
}

/** Each takes a whole processor for as long as it lives, and ends with whoever started it. */
const BUSY =
  "process.on('disconnect', () => process.exit()); const turn = () => { for (let n = 0; n < 1e7; n += 1) Math.sqrt(n); setImmediate(turn); }; turn();";

/** Starts so many processes that want all of a processor: `stress-ng` where it is installed, else our own. */
export async function startProcessorHogs(count: number): Promise<ProcessorHogs> {
  const stress = await started(spawn('stress-ng', ['--cpu', String(count), '--timeout', '0'], { stdio: 'ignore' }));
  if (stress !== undefined) return hogs(`stress-ng --cpu ${count}`, [stress]);
  const own = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', BUSY], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  await Promise.all(own.map((child) => once(child, 'spawn')));
  return hogs(`${count} loops of our own (stress-ng is not installed)`, own);
}

/** @returns undefined where there is no such program */
async function started(child: ChildProcess): Promise<ChildProcess | undefined> {
  const missing = once(child, 'error').then(() => undefined);
  return Promise.race([missing, once(child, 'spawn').then(() => child)]);
}

function hogs(command: string, children: readonly ChildProcess[]): ProcessorHogs {
  return {
    command,
    async [Symbol.asyncDispose]() {
      const ends = children
        .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
        .map(async (child) => {
          const exit = once(child, 'exit');
          child.kill('SIGTERM');
          await exit;
        });
      await Promise.all(ends);
    },
  };
}
