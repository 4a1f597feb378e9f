import type { Evidence } from '../access-messages.ts';
import type { Decision, Denial, Grant } from '../decision/request.ts';
import type { GateReport } from '../gate-messages.ts';
import type { PassageEnd } from './passages.ts';

type GateEvent = Extract<GateReport, { kind: 'event' }>['event'];
export type AccessEvent = Extract<GateEvent, { type: `access.${string}` }>;

/** Where a factor was offered, for the record. */
export interface Origin {
  readonly reader?: string | undefined;
  readonly topic?: string | undefined;
  readonly evidence?: Evidence | undefined;
}

export interface AccessRecord {
  requested(decision: Decision, origin: Origin, atMs: number): void;
  granted(grant: Grant, policyVersion: number | undefined, atMs: number): void;
  denied(denial: Denial, policyVersion: number | undefined, atMs: number): void;
  ended(end: PassageEnd, atMs: number): void;
}

/** Leaves out what is not there: the contract knows absent, not undefined. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/**
 * One request's record: what was asked, what was decided, whether somebody went through, all under its correlation id. What the
 * gate did in between its driver tells. Credentials stand in it by id; their values nowhere.
 */
export function createAccessRecord(options: {
  readonly emit: (event: AccessEvent) => void;
  /** The gate at an access point, and where it stands. */
  readonly whereIs: (accessPoint: string) => {
    readonly device: string | undefined;
    readonly place: string | undefined;
  };
}): AccessRecord {
  const { emit } = options;
  const about = ({ accessPoint, correlation }: Pick<Decision, 'accessPoint' | 'correlation'>, atMs: number) => ({
    ...present(options.whereIs(accessPoint)),
    occurredAtMs: Math.round(atMs),
    correlation,
  });
  const decided = (decision: Grant | Denial, policyVersion: number | undefined) => ({
    accessPoint: decision.accessPoint,
    factors: [...decision.factors],
    reason: decision.reason,
    ...present({ holder: decision.holder, policyVersion }),
    ...(decision.credentials.length === 0 ? {} : { credentials: [...decision.credentials] }),
  });

  function duress(decision: Grant | Denial, atMs: number): void {
    const { duress: credential, holder, accessPoint } = decision;
    if (credential === undefined || holder === undefined) return;
    const data = { accessPoint, holder, credential, granted: decision.outcome === 'granted' };
    emit({ type: 'access.duress', ...about(decision, atMs), data });
  }

  return {
    requested(decision, origin, atMs) {
      const { accessPoint, factors } = decision;
      const data = { accessPoint, factors: [...factors], ...present(origin) };
      emit({ type: 'access.requested', ...about(decision, atMs), data });
    },
    granted(grant, policyVersion, atMs) {
      const data = { ...decided(grant, policyVersion), ...present({ permit: grant.permit }) };
      emit({ type: 'access.granted', ...about(grant, atMs), data });
      duress(grant, atMs);
    },
    denied(denial, policyVersion, atMs) {
      emit({ type: 'access.denied', ...about(denial, atMs), data: decided(denial, policyVersion) });
      duress(denial, atMs);
    },
    ended({ grant, isTaken, afterMs, by, cause }, atMs) {
      const { accessPoint, holder } = grant;
      const data = { accessPoint, afterMs, ...present({ holder, by, cause }) };
      emit({ type: isTaken ? 'access.taken' : 'access.not-taken', ...about(grant, atMs), data });
    },
  };
}
