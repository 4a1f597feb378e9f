import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { DipperError } from '@dipper/contract/errors';
import { POLICY_TYPE, PolicyClaims, PolicyFile } from '@dipper/contract/policy';
import { PolicyBody } from '@dipper/contract/policy-body';
import { policyProblems } from '@dipper/contract/policy-check';
import { createValidator } from '@dipper/contract/validation';
import { compilePolicy, type DecisionPolicy } from '../decision/decision-policy.ts';
import type { TrustedKeys } from './trusted-keys.ts';

/** Which policy was taken up last. What is on disk of it keeps an older one from coming back. */
export interface PolicyMark {
  readonly version: number;
  readonly sha256: string;
}

export interface PolicyStoreOptions {
  readonly origin: { readonly estate: string; readonly agent: string };
  readonly keys: TrustedKeys;
  /** The policy taken up last, before this process. */
  readonly mark: PolicyMark | undefined;
  /** Where the policy that is gone by is kept, should the file that was offered be damaged at the next start. */
  readonly copy: string;
  /** Called before a policy counts, with what is to be remembered of it, and when at the earliest it is. */
  readonly onTaken: (mark: PolicyMark, issuedAtMs: number) => void;
  readonly onCopyFailed: (error: unknown) => void;
}

export interface PolicyStore {
  /** What is decided by; undefined until a policy was taken up. */
  readonly current: DecisionPolicy | undefined;
  /**
   * Verifies a file and goes by it from then on. One that cannot be used changes nothing: the policy before it stays.
   * @throws DipperError SIGNATURE_INVALID, POLICY_VERSION_LOWER, POLICY_INVALID
   */
  takeUp(file: string): Promise<DecisionPolicy>;
  /** Takes up the copy of the policy before this start, where there is none yet. @throws DipperError as above */
  recover(): Promise<DecisionPolicy | undefined>;
}

const File = createValidator(PolicyFile);
const Claims = createValidator(PolicyClaims);
const Body = createValidator(PolicyBody);

const invalid = (message: string, cause?: unknown): DipperError =>
  new DipperError('POLICY_INVALID', { message, cause });

export function createPolicyStore(options: PolicyStoreOptions): PolicyStore {
  const { origin, keys } = options;
  let mark = options.mark;
  let current: DecisionPolicy | undefined;
  /** One after the other: the last that was offered counts, not the last that was read. */
  let turn: Promise<unknown> = Promise.resolve();

  async function takeUp(file: string): Promise<DecisionPolicy> {
    const read = await readPolicyFile(file);
    const { policy, body: text } = read;
    const claims = Claims.parse(await keys.open(policy, POLICY_TYPE), 'POLICY_INVALID');
    if (claims.estate !== origin.estate || claims.agent !== origin.agent) {
      throw invalid(`The policy is for ${claims.estate}/${claims.agent}.`);
    }
    const sha256 = createHash('sha256').update(text).digest('hex');
    if (sha256 !== claims.sha256) throw invalid('The body is not the one that was signed for.');
    if (mark !== undefined && claims.version < mark.version) throw new DipperError('POLICY_VERSION_LOWER');
    if (mark !== undefined && claims.version === mark.version && sha256 !== mark.sha256) {
      throw invalid(`There was another policy of version ${claims.version}.`);
    }
    const body = bodyFrom(text);
    if (body.version !== claims.version || body.estate !== claims.estate || body.agent !== claims.agent) {
      throw invalid('The body says another version or agent than its signature.');
    }
    const compiled = compilePolicy(body, claims);
    mark = { version: claims.version, sha256 };
    options.onTaken(mark, Date.parse(claims.issuedAt));
    current = compiled;
    if (file !== options.copy) await keepCopy(options.copy, read).catch(options.onCopyFailed);
    return compiled;
  }

  return {
    get current() {
      return current;
    },
    takeUp(file) {
      const mine = turn.then(() => takeUp(file));
      turn = mine.catch(() => undefined);
      return mine;
    },
    recover() {
      const mine = turn.then(() => (current === undefined ? takeUp(options.copy) : undefined));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

async function readPolicyFile(file: string): Promise<PolicyFile> {
  try {
    return File.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw invalid(`The file is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** After a crash it is the old copy or the new one. */
async function keepCopy(path: string, file: PolicyFile): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const handle = await open(unfinished, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(file));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, path);
}

function bodyFrom(text: string): PolicyBody {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid('The body is no JSON.', cause);
  }
  const body = Body.parse(parsed, 'POLICY_INVALID');
  const [problem] = policyProblems(body);
  if (problem !== undefined) throw invalid(`${problem.path}: ${problem.message}`);
  return body;
}
