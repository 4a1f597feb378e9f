import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { findFreePort } from '../../services/standalone/free-port.ts';
import { eventually } from './eventually.ts';

export interface Mosquitto {
  readonly url: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Debian's broker, which speaks MQTT 5; in memory, on 127.0.0.1, without passwords. */
export async function startMosquitto(): Promise<Mosquitto> {
  const port = await findFreePort();
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    // `-p` alone means: this machine only, anybody.
    child = spawn('mosquitto', ['-p', String(port)], { stdio: 'ignore' });
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
    stop: () => end('SIGTERM'),
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
