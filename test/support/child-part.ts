import { type ChildProcess, spawn } from 'node:child_process';
import type { LifecycleMessage } from '@dipper/contract/lifecycle';

export interface ChildPart {
  readonly addresses: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly process: ChildProcess;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL, then waits for the end. */
  kill(): Promise<void>;
}

/**
 * Starts a part by the path of its main.ts, the way the standalone supervisor does, and resolves when it says it is
 * ready. Rejects with what the part printed when it ends before that.
 */
export function startChildPart(
  entry: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ChildPart> {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${entry} ended early (${code ?? signal}):\n${output}`)));
    child.on('message', (message: LifecycleMessage) => {
      if (message.type !== 'ready') return;
      resolve({
        addresses: message.addresses,
        pid: child.pid as number,
        process: child,
        stop: () => end('SIGTERM'),
        kill: () => end('SIGKILL'),
      });
    });
  });
}
