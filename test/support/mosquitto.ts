import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../services/standalone/free-port.ts';
import { eventually } from './eventually.ts';

export interface Mosquitto {
  readonly url: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What a deployment says as well (config/mosquitto/mosquitto.conf) about pace and patience. */
const PACE = ['set_tcp_nodelay true', 'max_inflight_messages 1000', 'max_queued_messages 100000'];

/** Debian's broker, which speaks MQTT 5; in memory, on 127.0.0.1, without passwords. */
export async function startMosquitto(): Promise<Mosquitto> {
  const port = await findFreePort();
  const dir = mkdtempSync(join(tmpdir(), 'dipper-mosquitto-'));
  const config = join(dir, 'mosquitto.conf');
  writeFileSync(config, [...PACE, `listener ${port} 127.0.0.1`, 'allow_anonymous true', ''].join('\n'));
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    await Promise.race([failed, eventually('mosquitto to listen', () => isListening(port))]);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL');
      await start();
    },
    async stop() {
      await end('SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
