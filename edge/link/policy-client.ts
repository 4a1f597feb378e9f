import { DipperError, isDipperError } from '@dipper/contract/errors';
import type { PolicyClaims } from '@dipper/contract/policy';
import type { PolicyBody } from '@dipper/contract/policy-body';
import type { PolicyState } from '@dipper/contract/status';
import { parsePayload } from '@dipper/contract/topics';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Origin } from './event-body.ts';
import type { HubKeys } from './hub-keys.ts';
import { fetchPolicyBody } from './policy-fetch.ts';
import { readPolicyFile, writePolicyFile } from './policy-file.ts';
import { openPolicyClaims, readPolicyBody } from './policy-verification.ts';

/** A policy that this edge goes by. */
export interface TakenPolicy {
  /** Where it lies, as `PolicyFile` of the contract; whoever decides by it verifies it again. */
  readonly file: string;
  readonly claims: PolicyClaims;
  readonly body: PolicyBody;
}

export interface PolicyClientOptions {
  readonly origin: Origin;
  readonly keys: Pick<HubKeys, 'open'>;
  /** 32 bytes. */
  readonly credentialKey: Uint8Array;
  /** Where the policy is kept. */
  readonly file: string;
  readonly hubUrl?: string | undefined;
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Follows what the hub announces: fetches, verifies, keeps, and hands on. */
export interface PolicyClient {
  /** Takes an announcement. Never rejects for what it says. */
  receive(payload: Uint8Array): Promise<void>;
  /** What the hub is told of it. */
  state(): PolicyState;
  /** Calls back at once with the policy that there is, and with each that is taken up; a renewal is one, too. */
  follow(listener: (policy: TakenPolicy) => void): void;
  /** Called when `state` has changed; one listener. */
  onChange(listener: () => void): void;
}

const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 60_000;
/** A subdistrict's edges do not all come back in the same instant after the hub did. */
const RETRY_JITTER = 0.5;

/**
 * Opens what was taken up before, which counts without any hub. A file that does not verify is told and set aside: the next
 * announcement brings another.
 */
export async function openPolicyClient(options: PolicyClientOptions): Promise<PolicyClient> {
  const { origin, keys, credentialKey, file, clock, log, signal } = options;
  let taken: (TakenPolicy & { readonly text: string }) | undefined;
  const followers: ((policy: TakenPolicy) => void)[] = [];
  /** One after the other: what is put down last is what counts. */
  let turn: Promise<void> = Promise.resolve();
  let problem: string | undefined;
  let tellChange = (): void => undefined;
  let told = '';
  /** Ends what is under way for an announcement that a later one has replaced. */
  let current = new AbortController();

  const state = (): PolicyState => ({
    version: taken?.claims.version ?? 0,
    ...(taken !== undefined && { expiresAt: taken.claims.expiresAt }),
    ...(problem !== undefined && { problem }),
  });
  const changed = (): void => {
    const now = JSON.stringify(state());
    if (now === told) return;
    told = now;
    tellChange();
  };
  const complain = (error: unknown, claims?: PolicyClaims): void => {
    const code = isDipperError(error) ? error.code : 'POLICY_INVALID';
    if (code !== problem) log.warn({ code, err: error, version: claims?.version }, 'a policy is not taken up');
    problem = code;
    changed();
  };
  const takeNow = async (policy: string, claims: PolicyClaims, text: string): Promise<void> => {
    if (claims.version < (taken?.claims.version ?? 0)) throw new DipperError('POLICY_VERSION_LOWER');
    const body = readPolicyBody(text, claims);
    await writePolicyFile(file, { policy, body: text });
    taken = { file, claims, body, text };
    problem = undefined;
    log.info({ version: claims.version, expiresAt: claims.expiresAt }, 'the access policy is taken up');
    for (const follow of followers) follow(taken);
    changed();
  };
  const take = (policy: string, claims: PolicyClaims, text: string): Promise<void> => {
    const mine = turn.then(() => takeNow(policy, claims, text));
    turn = mine.catch(() => undefined);
    return mine;
  };

  /** Until it is here, or another is announced. */
  const fetchUntilTaken = async (policy: string, claims: PolicyClaims, ended: AbortSignal): Promise<void> => {
    const { hubUrl, ca } = options;
    const fetchOptions = {
      claims,
      credentialKey,
      ...(hubUrl !== undefined && { hubUrl }),
      ...(ca !== undefined && { ca }),
    };
    for (let waitMs = RETRY_FIRST_MS; !ended.aborted; waitMs = Math.min(waitMs * 2, RETRY_LAST_MS)) {
      try {
        const text = await fetchPolicyBody({ ...fetchOptions, signal: ended });
        if (ended.aborted) return;
        await take(policy, claims, text);
        return;
      } catch (error) {
        if (ended.aborted) return;
        complain(error, claims);
      }
      await pause(clock, waitMs * (1 - RETRY_JITTER * Math.random()), ended);
    }
  };

  const receive = async (payload: Uint8Array): Promise<void> => {
    const { policy } = parsePayload('policy', payload);
    const claims = await openPolicyClaims(policy, keys, origin);
    const mine = taken?.claims;
    if (mine !== undefined && claims.version < mine.version) throw new DipperError('POLICY_VERSION_LOWER');
    const isSame = claims.version === mine?.version;
    if (isSame && claims.sha256 !== mine?.sha256) throw new DipperError('POLICY_INVALID');
    current.abort();
    current = new AbortController();
    if (!isSame) {
      await fetchUntilTaken(policy, claims, AbortSignal.any([current.signal, signal]));
    } else if (taken !== undefined && claims.issuedAt > taken.claims.issuedAt) {
      await take(policy, claims, taken.text);
    } else {
      problem = undefined;
      changed();
    }
  };

  const stored = await readPolicyFile(file).catch((error: unknown) => {
    complain(error);
    return undefined;
  });
  if (stored !== undefined) {
    try {
      const claims = await openPolicyClaims(stored.policy, keys, origin);
      const body = readPolicyBody(stored.body, claims);
      taken = { file, claims, body, text: stored.body };
    } catch (error) {
      complain(error);
    }
  }
  told = JSON.stringify(state());
  return {
    async receive(payload) {
      // An empty one takes the announcement away (MQTT 3.1.1 §3.3.1.3); the policy stays.
      if (payload.byteLength === 0) return;
      await receive(payload).catch((error: unknown) => complain(error));
    },
    state,
    follow(listener) {
      followers.push(listener);
      if (taken !== undefined) listener(taken);
    },
    onChange(listener) {
      tellChange = listener;
    },
  };
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
