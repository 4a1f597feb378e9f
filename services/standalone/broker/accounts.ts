import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseTopic, TOPICS } from '@dipper/contract/topics';

/** Who is connected, and what for. */
export type BrokerUser =
  | { readonly role: 'hub'; readonly username: string }
  | { readonly role: 'agent'; readonly username: string; readonly estate: string; readonly agent: string };

/** A user of the accounts file. */
export type BrokerAccount = BrokerUser & { readonly passwordSha256: string };

export class BrokerAccountsError extends Error {
  readonly code = 'BROKER_ACCOUNTS_INVALID';
}

/** Lower-case hex, as the accounts file has it. The passwords are long random ones, so a plain digest protects them. */
export function passwordSha256(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}

/**
 * Reads the accounts file: `{"accounts": [{"role": "hub", "username": …, "passwordSha256": …},
 * {"role": "agent", "username": …, "passwordSha256": …, "estate": …, "agent": …}]}`.
 * @throws BrokerAccountsError naming what is wrong
 */
export function readBrokerAccounts(file: string): ReadonlyMap<string, BrokerAccount> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new BrokerAccountsError(`${file} cannot be read as JSON`, { cause });
  }
  const accounts = (content as { accounts?: unknown } | null)?.accounts;
  if (!Array.isArray(accounts)) throw new BrokerAccountsError(`${file}: 'accounts' must be a list`);
  const byName = new Map<string, BrokerAccount>();
  for (const [index, account] of accounts.entries()) {
    if (!isAccount(account)) throw new BrokerAccountsError(`${file}: accounts[${index}] is not an account`);
    if (byName.has(account.username)) throw new BrokerAccountsError(`${file}: '${account.username}' occurs twice`);
    byName.set(account.username, account);
  }
  return byName;
}

function isAccount(value: unknown): value is BrokerAccount {
  if (value === null || typeof value !== 'object') return false;
  const account = value as Record<string, unknown>;
  const isText = (key: string): boolean => typeof account[key] === 'string' && account[key] !== '';
  const isLogin = isText('username') && /^[0-9a-f]{64}$/.test(String(account['passwordSha256']));
  return isLogin && (account['role'] === 'hub' || (account['role'] === 'agent' && isText('estate') && isText('agent')));
}

/** The account that a name and password of the accounts file belong to; undefined when there is none. */
export function findBrokerAccount(
  accounts: ReadonlyMap<string, BrokerAccount>,
  username: string | undefined,
  password: Buffer | undefined,
): BrokerAccount | undefined {
  const account = username === undefined ? undefined : accounts.get(username);
  if (account === undefined || password === undefined) return undefined;
  const given = createHash('sha256').update(password).digest();
  return timingSafeEqual(given, Buffer.from(account.passwordSha256, 'hex')) ? account : undefined;
}

/** The hub speaks for itself below `dipper/v1`; an agent only on its own topics towards the hub. */
export function mayPublish(account: BrokerUser, topic: string): boolean {
  return isOwnTopic(account, topic, 'to-hub');
}

/** The hub may listen to everything below `dipper/v1`; an agent only to its own topics from the hub, by name. */
export function maySubscribe(account: BrokerUser, filter: string): boolean {
  return isOwnTopic(account, filter, 'to-edge');
}

function isOwnTopic(account: BrokerUser, topic: string, direction: 'to-hub' | 'to-edge'): boolean {
  if (account.role === 'hub') return topic.startsWith('dipper/v1/');
  try {
    const parsed = parseTopic(topic);
    return (
      parsed.estate === account.estate && parsed.agent === account.agent && TOPICS[parsed.kind].direction === direction
    );
  } catch {
    return false;
  }
}
