import type { AccessFactor } from '@dipper/contract/access-factor';
import type { DenialReason, GrantReason } from '@dipper/contract/access-reasons';
import type { AccessMemory, MemoryChange, PendingRequest } from './access-memory.ts';
import { choosePermit, passProblem } from './choose-permit.ts';
import type { AccessPoint, DecisionPolicy, Permit } from './decision-policy.ts';
import { passageUnderWay, usesAfter } from './grant-effects.ts';
import { type Identified, identify } from './identify.ts';
import { afterWrongPin, isPinLocked } from './pin-throttle.ts';
import type { Decision, Denial, Grant, Offer } from './request.ts';
import { findRoom } from './room.ts';

const DEFAULT_FACTOR_WINDOW_SEC = 20;
const DEFAULT_PASSAGE_SEC = 10;

/** What is known of a request, from one offer or two. */
interface Request {
  readonly correlation: string;
  readonly factors: readonly AccessFactor[];
  readonly holder: string | undefined;
  readonly credentials: readonly string[];
  readonly duress: string | undefined;
  readonly pass: Identified['pass'];
}

interface Question {
  readonly policy: DecisionPolicy;
  readonly memory: AccessMemory;
  readonly point: AccessPoint;
  readonly nowMs: number;
}

/**
 * Decides about one offered factor. Pure: what it remembers comes back as changes, which the caller applies before it asks again.
 * Takes microseconds, however many credentials there are.
 *
 * The order in which it looks is that of `DENIAL_REASONS`; the first thing that is wrong is the reason.
 *
 * @param policy undefined while there is none
 * @param nowMs from a `GateClock`
 */
export function decide(
  policy: DecisionPolicy | undefined,
  memory: AccessMemory,
  offer: Offer,
  nowMs: number,
): Decision {
  const { factor } = offer.identity;
  const own: Request = {
    correlation: offer.correlation,
    factors: [factor],
    holder: undefined,
    credentials: [],
    duress: undefined,
    pass: undefined,
  };
  const refuse = (reason: DenialReason): Denial => denial(offer.accessPoint, own, reason, []);
  if (policy === undefined) return refuse('POLICY_MISSING');
  const point = policy.accessPoints.get(offer.accessPoint);
  if (point === undefined) return refuse('ACCESS_POINT_UNKNOWN');
  if (point.isOutOfOrder) return refuse('ACCESS_POINT_OUT_OF_ORDER');

  const question = { policy, memory, point, nowMs };
  const earlier = waitingAt(question);
  const at = { accessPoint: point.id, expected: earlier?.holder, nowMs };
  const found = identify(policy, offer.identity, at);
  const isLocked = factor === 'pin' && isPinLocked(memory.pinThrottles.get(point.id), nowMs);
  const isSecond = earlier !== undefined && !earlier.factors.includes(factor);
  const completes = isSecond && takes(question, [...earlier.factors, factor]);
  if ('reason' in found) {
    const request = completes ? joined(earlier, factor, undefined) : own;
    const changes = [...(isLocked ? [] : wrongPin(question, factor)), ...(completes ? [waitsNoLonger(point)] : [])];
    return denial(point.id, request, isLocked ? 'PIN_LOCKED' : found.reason, changes);
  }
  const isOther = completes && found.holder?.id !== earlier.holder;
  const request = completes ? joined(earlier, factor, found) : withFound(own, found);
  const ended = completes ? [waitsNoLonger(point)] : [];
  if (isLocked) return denial(point.id, request, 'PIN_LOCKED', ended);
  if (isOther) return denial(point.id, request, 'FACTORS_DIFFER', [...wrongPin(question, factor), ...ended]);
  return judge(question, request, found, ended);
}

/** Ends the requests whose second factor has not come. */
export function endWaiting(memory: AccessMemory, nowMs: number): Denial[] {
  return [...memory.pending.values()].filter(({ untilMs }) => nowMs >= untilMs).map(missing);
}

function waitingAt({ memory, point, nowMs }: Question): PendingRequest | undefined {
  const request = memory.pending.get(point.id);
  return request !== undefined && nowMs < request.untilMs ? request : undefined;
}

const waitsNoLonger = ({ id }: AccessPoint): MemoryChange => ({ kind: 'waits-no-longer', accessPoint: id });

function missing(request: PendingRequest): Denial {
  return denial(request.accessPoint, request, 'FACTOR_MISSING', [
    { kind: 'waits-no-longer', accessPoint: request.accessPoint },
  ]);
}

function denial(
  accessPoint: string,
  { correlation, factors, holder, credentials, duress }: Request,
  reason: DenialReason,
  changes: readonly MemoryChange[],
): Denial {
  const supersedes = undefined;
  return {
    outcome: 'denied',
    reason,
    correlation,
    accessPoint,
    factors,
    holder,
    credentials,
    duress,
    changes,
    supersedes,
  };
}

function withFound(request: Request, { holder, credential, pass }: Identified): Request {
  const id = credential?.id ?? pass?.pass;
  return {
    ...request,
    holder: holder?.id,
    credentials: id === undefined ? [] : [id],
    duress: credential?.duress === true ? credential.id : undefined,
    pass,
  };
}

/** Both factors under the first one's correlation. Whose the second is has been, or will be, compared. */
function joined(earlier: PendingRequest, factor: AccessFactor, found: Identified | undefined): Request {
  const second = found?.credential;
  return {
    correlation: earlier.correlation,
    factors: [...earlier.factors, factor],
    holder: earlier.holder,
    credentials: [...earlier.credentials, ...(second === undefined ? [] : [second.id])],
    duress: earlier.duress ?? (second?.duress === true && second.holder === earlier.holder ? second.id : undefined),
    pass: earlier.pass ?? found?.pass,
  };
}

function wrongPin({ memory, point, nowMs }: Question, factor: AccessFactor): MemoryChange[] {
  if (factor !== 'pin') return [];
  const throttle = afterWrongPin(memory.pinThrottles.get(point.id), nowMs);
  return [{ kind: 'pin-throttled', accessPoint: point.id, throttle }];
}

/** The combinations that this access point takes now; undefined when it takes nobody. */
function combinationsNow({ policy, point, nowMs }: Question): readonly (readonly AccessFactor[])[] | undefined {
  const local = policy.localTime.at(nowMs);
  return point.rules.find(({ schedule }) => schedule === undefined || schedule(local))?.anyOf;
}

function takes(question: Question, factors: readonly AccessFactor[]): boolean {
  const isSame = (combination: readonly AccessFactor[]): boolean =>
    combination.length === factors.length && factors.every((factor) => combination.includes(factor));
  return combinationsNow(question)?.some(isSame) ?? false;
}

function judge(question: Question, request: Request, found: Identified, ended: readonly MemoryChange[]): Decision {
  const { policy, memory, point, nowMs } = question;
  const refuse = (reason: DenialReason): Denial => denial(point.id, request, reason, ended);
  const isExpired = nowMs >= policy.expiresAtMs;
  const problem = standing(question, request, found, isExpired);
  if (problem !== undefined) return refuse(problem);

  const permit = found.holder === undefined ? undefined : permitFor(question, request, found.holder);
  if (permit !== undefined && 'reason' in permit) return refuse(permit.reason);
  if (!takes(question, request.factors)) return wait(question, request);

  const room = findRoom(policy, memory, point, request.holder, nowMs);
  if (room.problem !== undefined) return denial(point.id, request, room.problem, [...ended, ...room.changes]);
  const uses = usesAfter(memory, request.pass, permit);
  const reason: GrantReason = room.isWarned
    ? 'PERMITTED_ANTI_PASSBACK'
    : isExpired
      ? 'PERMITTED_POLICY_EXPIRED'
      : 'PERMITTED';
  const grant: Grant = {
    outcome: 'granted',
    reason,
    correlation: request.correlation,
    accessPoint: point.id,
    device: point.device,
    factors: request.factors,
    holder: request.holder,
    credentials: request.credentials,
    duress: request.duress,
    permit: permit?.id,
    mustFlush: uses.length > 0,
    passageMs: (point.passageSec ?? DEFAULT_PASSAGE_SEC) * 1_000,
    changes: [...ended, ...room.changes, ...uses, ...passageUnderWay(memory, point, request, nowMs)],
    supersedes: undefined,
  };
  return grant;
}

/** What is wrong with a credential, its holder, the policy or the hour, before any permit is looked at. */
function standing(
  question: Question,
  request: Request,
  { holder, credential }: Identified,
  isExpired: boolean,
): DenialReason | undefined {
  const { policy, point } = question;
  const offered = request.credentials.map((id) => policy.credentials.get(id));
  if (credential?.blocked === true || offered.some((other) => other?.blocked === true)) return 'CREDENTIAL_BLOCKED';
  // Between the first factor and the second a policy may have come that knows the first no more.
  const isKnown = (id: string): boolean => policy.credentials.has(id) || request.pass?.pass === id;
  if (!request.credentials.every(isKnown)) return 'CREDENTIAL_UNKNOWN';
  if (holder?.isBlocked === true) return 'HOLDER_BLOCKED';
  // A consent that was withdrawn since cannot be known of.
  const isClosedTo = point.whenExpired === 'nobody' || holder?.kind === 'visitor' || request.factors.includes('face');
  if (isExpired && isClosedTo) return 'POLICY_EXPIRED';
  const combinations = combinationsNow(question);
  if (combinations === undefined) return 'ACCESS_POINT_CLOSED';
  const isPart = combinations.some((combination) => request.factors.every((factor) => combination.includes(factor)));
  return isPart ? undefined : 'FACTOR_NOT_ACCEPTED';
}

function permitFor(
  { policy, memory, point, nowMs }: Question,
  { credentials, pass }: Request,
  holder: NonNullable<Identified['holder']>,
): Permit | { readonly reason: DenialReason } {
  const used = (permit: string): number => memory.uses.get(permit) ?? 0;
  const asked = { accessPoint: point.id, nowMs, used };
  const problem = pass && passProblem(pass, asked);
  if (problem !== undefined) return { reason: problem };
  return choosePermit({ ...asked, holder, credentials, local: policy.localTime.at(nowMs) });
}

function wait({ memory, point, nowMs }: Question, request: Request): Decision {
  const before = memory.pending.get(point.id);
  const isSame =
    before !== undefined &&
    nowMs < before.untilMs &&
    before.holder === request.holder &&
    before.factors[0] === request.factors[0];
  // The same card once more is no new request.
  const correlation = isSame ? before.correlation : request.correlation;
  const untilMs = isSame ? before.untilMs : nowMs + (point.factorWindowSec ?? DEFAULT_FACTOR_WINDOW_SEC) * 1_000;
  const { factors, credentials, duress, pass } = request;
  // Only what names a holder is part of a pair.
  const holder = request.holder ?? '';
  const waiting = { correlation, accessPoint: point.id, holder, factors, credentials, duress, pass, untilMs };
  return {
    outcome: 'waiting',
    ...waiting,
    changes: [{ kind: 'waits', request: waiting }],
    supersedes: before === undefined || isSame ? undefined : missing(before),
  };
}
