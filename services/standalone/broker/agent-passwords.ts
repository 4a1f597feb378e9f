import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { isBrokerPassword } from '@dipper/contract/broker-password';
import type { BrokerUser } from './accounts.ts';

const POLL_MS = 500;
/** `estate/agent`, as an agent that enrolled is called. */
const USERNAME = /^([a-z0-9][a-z0-9-]{0,62})\/([a-z0-9][a-z0-9-]{0,62})$/;

/** An agent that enrolled; the hash of the password with which it came in. */
export type EnrolledAgent = BrokerUser & { readonly passwordHash: string };

/** Logins of agents that enrolled, from the password file that the hub keeps, in the format of Mosquitto. */
export interface AgentPasswords {
  find(username: string | undefined, password: Buffer | undefined): EnrolledAgent | undefined;
  /** Whether a login that was good when it was used is so still. */
  isStill(agent: EnrolledAgent): boolean;
  /** Calls back after every change of the file, until `close`. */
  watch(onChange: () => void): void;
  close(): void;
}

/** @param file need not be there yet */
export function openAgentPasswords(file: string): AgentPasswords {
  let hashes = readHashes(file);
  return {
    find(username, password) {
      const hash = username === undefined ? undefined : hashes.get(username);
      const [, estate, agent] = username?.match(USERNAME) ?? [];
      if (username === undefined || hash === undefined || estate === undefined || agent === undefined) return undefined;
      if (password === undefined || !isBrokerPassword(hash, password)) return undefined;
      return { role: 'agent', username, passwordHash: hash, estate, agent };
    },
    isStill: ({ username, passwordHash }) => hashes.get(username) === passwordHash,
    watch(onChange) {
      watchFile(file, { interval: POLL_MS, persistent: false }, () => {
        hashes = readHashes(file);
        onChange();
      });
    },
    close: () => unwatchFile(file),
  };
}

function readHashes(file: string): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return new Map();
  }
  const lines = text.split('\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
