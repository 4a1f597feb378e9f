import type { AccessFactor } from '@dipper/contract/access-factor';
import type { PassClaims } from '@dipper/contract/pass';
import type { DaySpan, PolicyAccessPoint, PolicyBody, PolicyHolder } from '@dipper/contract/policy-body';
import type { Identity } from '@dipper/edge/access/decision/request';

const MINUTE_MS = 60_000;

/** Something that happened at the gates, in the order of time. */
export type Happening =
  | {
      readonly kind: 'offer';
      readonly atMs: number;
      readonly accessPoint: string;
      readonly identity: Identity;
      readonly answer: string;
    }
  /** A gate was seen in a position. */
  | { readonly kind: 'door'; readonly atMs: number; readonly device: string; readonly isClosed: boolean }
  /** What became of the grant that an earlier offer got, by its place in the history. */
  | { readonly kind: 'passage'; readonly atMs: number; readonly of: number; readonly isTaken: boolean };

interface Wall {
  readonly date: string;
  readonly minute: number;
  readonly weekday: number;
}
const walls = new Map<string, (atMs: number) => Wall>();

/** A clock on the wall, read by the words that the runtime prints. */
function wallOf(timeZone: string): (atMs: number) => Wall {
  const wall = walls.get(timeZone) ?? hangWall(timeZone);
  walls.set(timeZone, wall);
  return wall;
}

function hangWall(timeZone: string): (atMs: number) => Wall {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const read = new Map<number, Wall>();
  return (atMs: number) => {
    const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const known = read.get(minuteMs);
    if (known !== undefined) return known;
    const [date = '', time = ''] = format.format(minuteMs).split(' ');
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    const weekday = (new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7;
    const wall = { date, minute: hour * 60 + minute, weekday };
    read.set(minuteMs, wall);
    return wall;
  };
}

/**
 * What `decide` answers, found another way: no memory, no tables. Everything is read anew from the whole history, times minute by
 * minute off the wall, in the order in which a guard with a ledger would look. Slow, and meant to be. A pass that the policy does
 * not know yet is entered into the policy first, as the hub will do.
 */
export function slowAnswer(
  known: PolicyBody,
  expiresAtMs: number,
  history: readonly Happening[],
  asked: { readonly atMs: number; readonly accessPoint: string; readonly identity: Identity },
): string {
  const { atMs, identity } = asked;
  const body = withPasses(known, [...history, asked]);
  const wall = wallOf(body.timeZone);
  const point = body.accessPoints.find(({ id }) => id === asked.accessPoint);
  if (point === undefined) return 'denied ACCESS_POINT_UNKNOWN';
  if (point.outOfOrder) return 'denied ACCESS_POINT_OUT_OF_ORDER';

  const isOn = (schedule: string | undefined, whenMs: number): boolean => {
    if (schedule === undefined) return true;
    const found = body.schedules.find(({ id }) => id === schedule);
    const { date, minute, weekday } = wall(whenMs);
    const special = found?.specialDays?.find((day) => day.date === date);
    const spans: readonly DaySpan[] = special === undefined ? (found?.weekly[weekday] ?? []) : special.spans;
    const minutes = new Set(spans.flatMap(([from, until]) => Array.from({ length: until - from }, (_, i) => from + i)));
    return minutes.has(minute);
  };
  const ruleAt = (whenMs: number) => point.factorRules.find(({ schedule }) => isOn(schedule, whenMs))?.anyOf;
  const combinations = ruleAt(atMs);
  const windowMs = (point.factorWindowSec ?? 20) * 1_000;

  // The ledger of this access point, read from its first line: who waits for a second factor now?
  let waiting: Extract<Happening, { kind: 'offer' }> | undefined;
  const isStillWaiting = (whenMs: number): boolean => waiting !== undefined && whenMs - waiting.atMs < windowMs;
  for (const one of history) {
    if (one.kind !== 'offer' || one.accessPoint !== point.id) continue;
    if (!isStillWaiting(one.atMs)) waiting = undefined;
    const factor = waiting?.identity.factor;
    const isSecond =
      factor !== undefined &&
      factor !== one.identity.factor &&
      isAmong([factor, one.identity.factor], ruleAt(one.atMs));
    const isSame =
      waiting !== undefined &&
      factor === one.identity.factor &&
      holdersOf(waiting.identity)[0]?.id === holdersOf(one.identity)[0]?.id;
    if (one.answer === 'waiting') waiting = isSame ? waiting : one;
    else if (isSecond) waiting = undefined;
  }
  const first = isStillWaiting(atMs) ? waiting : undefined;
  const firstHolder = first && holdersOf(first.identity)[0];

  function holdersOf(who: Identity): PolicyHolder[] {
    if (who.kind === 'face') return body.holders.filter(({ id }) => id === who.holder);
    if (who.kind === 'pass') {
      const owner = body.credentials.find(({ id }) => id === who.claims?.pass)?.holder;
      return body.holders.filter(({ id }) => id === owner);
    }
    if (who.kind === 'button') return [];
    return body.credentials
      .filter(({ factor, hmac }) => factor === who.factor && hmac === who.hmac)
      .flatMap(({ holder }) => body.holders.find(({ id }) => id === holder) ?? []);
  }

  const completes =
    first !== undefined &&
    first.identity.factor !== identity.factor &&
    isAmong([first.identity.factor, identity.factor], combinations);
  const isLocked = identity.factor === 'pin' && pinLockedUntil() > atMs;
  const factors: AccessFactor[] = completes ? [first.identity.factor, identity.factor] : [identity.factor];
  const candidates = holdersOf(identity);
  const holder = candidates.find(({ id }) => id === firstHolder?.id) ?? candidates[0];
  if (identity.kind === 'value') {
    if (isLocked) return 'denied PIN_LOCKED';
    if (holder === undefined) return 'denied CREDENTIAL_UNKNOWN';
    if (candidates.length > 1 && holder.id !== firstHolder?.id) return 'denied CREDENTIAL_AMBIGUOUS';
  }
  const nobody = identity.kind === 'pass' ? passNobody(identity.claims) : undefined;
  if (nobody !== undefined) return `denied ${nobody}`;
  if (identity.kind === 'face' && !isFaceOf(identity.holder)) return 'denied CREDENTIAL_UNKNOWN';
  if (completes && holder?.id !== firstHolder?.id) return 'denied FACTORS_DIFFER';

  /** Why a pass names nobody here. */
  function passNobody(claims: PassClaims | undefined): string | undefined {
    if (claims?.estate !== known.estate) return 'PASS_INVALID';
    if (!(known.agent in claims.policyVersions)) return 'PASS_NOT_HERE';
    return body.credentials.some(({ id }) => id === claims.pass) ? undefined : 'CREDENTIAL_UNKNOWN';
  }
  /** A consent for this way, and an assessment, both of today. */
  function isFaceOf(id: string): boolean {
    const papers = [
      body.faces?.assessment,
      body.faces?.enrolled.find((one) => one.holder === id && one.accessPoints.includes(asked.accessPoint)),
    ];
    return papers.every((paper) => paper !== undefined && atMs < Date.parse(paper.validUntil)) && holder !== undefined;
  }

  /** Replays every wrong PIN there was. */
  function pinLockedUntil(): number {
    let wrong: number[] = [];
    let until = 0;
    let locks = 0;
    for (const one of history) {
      if (one.kind !== 'offer' || one.accessPoint !== point?.id || one.identity.factor !== 'pin') continue;
      if (!/CREDENTIAL_UNKNOWN|CREDENTIAL_AMBIGUOUS|FACTORS_DIFFER/.test(one.answer)) continue;
      wrong = [...wrong.filter((whenMs) => one.atMs - whenMs < 5 * MINUTE_MS), one.atMs];
      if (wrong.length < 5) continue;
      if (one.atMs - until >= 24 * 60 * MINUTE_MS) locks = 0;
      until = one.atMs + Math.min(60, 5 * 2 ** locks) * MINUTE_MS;
      locks += 1;
      wrong = [];
    }
    return until;
  }

  const presented = completes ? [first.identity, identity] : [identity];
  const credentials = presented.flatMap((who) =>
    body.credentials.filter(
      (one) =>
        one.holder === holder?.id &&
        (who.kind === 'pass'
          ? one.id === who.claims?.pass
          : who.kind === 'value' && one.factor === who.factor && one.hmac === who.hmac),
    ),
  );
  if (credentials.some(({ blocked }) => blocked)) return 'denied CREDENTIAL_BLOCKED';
  if (holder?.blocked) return 'denied HOLDER_BLOCKED';
  const isExpired = atMs >= expiresAtMs;
  if (isExpired && (point.whenExpired === 'nobody' || holder?.kind === 'visitor' || factors.includes('face'))) {
    return 'denied POLICY_EXPIRED';
  }
  if (combinations === undefined) return 'denied ACCESS_POINT_CLOSED';
  if (!combinations.some((combination) => factors.every((factor) => combination.includes(factor)))) {
    return 'denied FACTOR_NOT_ACCEPTED';
  }

  const grants = history.flatMap((one, index) =>
    one.kind === 'offer' && one.answer.startsWith('granted') ? [{ ...one, index }] : [],
  );
  if (holder !== undefined) {
    const reason = passReason() ?? permitReason(holder);
    if (reason !== undefined) return `denied ${reason}`;
  }
  if (!isAmong(factors, combinations)) return 'waiting';

  /** How often a permit has let somebody through: by itself, or on a pass that it was made for. */
  function usesOf(permit: string): number {
    return grants.filter(
      (grant) =>
        grant.answer.endsWith(permit) || (grant.identity.kind === 'pass' && grant.identity.claims?.permit === permit),
    ).length;
  }
  /** What the pass itself says against it. */
  function passReason(): string | undefined {
    if (identity.kind !== 'pass' || identity.claims === undefined) return undefined;
    const { accessPoints, from, until, uses, permit } = identity.claims;
    if (!accessPoints.includes(asked.accessPoint)) return 'PASS_NOT_HERE';
    if (atMs < Date.parse(from)) return 'PASS_NOT_YET_VALID';
    if (atMs >= Date.parse(until)) return 'PASS_EXPIRED';
    return usesOf(permit) >= uses ? 'USES_SPENT' : undefined;
  }
  /** Why no permit lets them through; undefined where one does. */
  function permitReason({ id }: PolicyHolder): string | undefined {
    const usable = body.permits.filter(
      (permit) =>
        permit.holder === id &&
        (permit.credential === undefined || credentials.some((one) => one.id === permit.credential)),
    );
    const problems = usable.map((permit): string | undefined => {
      if (!permit.accessPoints.includes(asked.accessPoint)) return 'PERMIT_NOT_HERE';
      if (atMs < Date.parse(permit.validFrom)) return 'PERMIT_NOT_YET_VALID';
      if (atMs >= Date.parse(permit.validUntil)) return 'PERMIT_EXPIRED';
      if (!isOn(permit.schedule, atMs)) return 'OUTSIDE_SCHEDULE';
      if (permit.uses === undefined) return undefined;
      return usesOf(permit.id) + (permit.usesElsewhere ?? 0) >= permit.uses ? 'USES_SPENT' : undefined;
    });
    if (problems.includes(undefined)) return undefined;
    const nearest = ['USES_SPENT', 'OUTSIDE_SCHEDULE', 'PERMIT_NOT_YET_VALID', 'PERMIT_EXPIRED', 'PERMIT_NOT_HERE'];
    return nearest.find((reason) => problems.includes(reason)) ?? 'PERMIT_MISSING';
  }
  return roomAnswer();

  /** Where somebody is by the ledger: the last grant that did not come to nothing. */
  function whereabouts(id: string): { area: string | null; sinceMs: number } | undefined {
    const last = grants.findLast((grant) => {
      const way = wayOf(grant.accessPoint);
      if (way === undefined || (way.fromArea === undefined && way.toArea === undefined)) return false;
      if (granteeOf(grant)?.id !== id) return false;
      return !history.some((one) => one.kind === 'passage' && one.of === grant.index && !one.isTaken);
    });
    return last && { area: wayOf(last.accessPoint)?.toArea ?? null, sinceMs: last.atMs };
  }
  function wayOf(id: string): PolicyAccessPoint | undefined {
    return body.accessPoints.find((one) => one.id === id);
  }
  function granteeOf(grant: { readonly identity: Identity; readonly answer: string }): PolicyHolder | undefined {
    const permit = grant.answer.split(' ')[2];
    const owner = body.permits.find(({ id }) => id === permit)?.holder;
    return body.holders.find(({ id }) => id === owner);
  }
  /** Minute by minute from then to now: has the clock on the wall come to the area's hour of forgetting? */
  function wasForgotten(area: string | null, sinceMs: number): boolean {
    const minute = body.areas.find(({ id }) => id === area)?.resetAtMinute;
    if (minute === undefined) return false;
    for (let whenMs = Math.ceil(sinceMs / MINUTE_MS) * MINUTE_MS; whenMs <= atMs; whenMs += MINUTE_MS) {
      if (whenMs > sinceMs && wall(whenMs).minute === minute) return true;
    }
    return false;
  }
  function roomAnswer(): string {
    const way = point as PolicyAccessPoint;
    let isWarned = false;
    if (holder !== undefined) {
      const where = whereabouts(holder.id);
      const { antiPassback } = way;
      const isWrong =
        where !== undefined && (where.area !== (way.fromArea ?? null) || where.area === (way.toArea ?? null));
      const isForgiven =
        where !== undefined &&
        ((antiPassback?.minutes !== undefined && atMs - where.sinceMs >= antiPassback.minutes * MINUTE_MS) ||
          wasForgotten(where.area, where.sinceMs));
      isWarned = antiPassback !== undefined && isWrong && !isForgiven;
      if (isWarned && antiPassback?.mode === 'hard') return 'denied ANTI_PASSBACK';
      const area = body.areas.find(({ id }) => id === way.toArea);
      const inside = body.holders.filter((other) => {
        const there = whereabouts(other.id);
        return (
          other.id !== holder.id && there?.area === area?.id && !wasForgotten(there?.area ?? null, there?.sinceMs ?? 0)
        );
      });
      if (area?.occupancyLimit !== undefined && inside.length >= area.occupancyLimit) return 'denied OCCUPANCY_FULL';
    }
    if (isOtherOpen(way)) return 'denied INTERLOCK';
    const permit = holder === undefined ? '' : ` ${chosenPermit(holder)}`;
    const reason = isWarned ? 'PERMITTED_ANTI_PASSBACK' : isExpired ? 'PERMITTED_POLICY_EXPIRED' : 'PERMITTED';
    return `granted ${reason}${permit}`;
  }
  /** Another gate of the group stands open, or nobody knows, or somebody may be on the way through it. */
  function isOtherOpen({ interlock, device }: PolicyAccessPoint): boolean {
    if (interlock === undefined) return false;
    const others = body.accessPoints.filter((one) => one.interlock === interlock && one.device !== device);
    return others.some((other) => {
      const seen = history.findLast((one) => one.kind === 'door' && one.device === other.device);
      const isClosed = seen?.kind === 'door' && seen.isClosed;
      const isOnTheWay = grants.some(
        ({ accessPoint, index }) =>
          wayOf(accessPoint)?.device === other.device &&
          !history.some((one) => one.kind === 'passage' && one.of === index),
      );
      return !isClosed || isOnTheWay;
    });
  }
  function chosenPermit({ id }: PolicyHolder): string {
    const good = body.permits.filter(
      (permit) =>
        permit.holder === id &&
        (permit.credential === undefined || credentials.some((one) => one.id === permit.credential)) &&
        permit.accessPoints.includes(asked.accessPoint) &&
        atMs >= Date.parse(permit.validFrom) &&
        atMs < Date.parse(permit.validUntil) &&
        isOn(permit.schedule, atMs) &&
        (permit.uses === undefined || usesOf(permit.id) + (permit.usesElsewhere ?? 0) < permit.uses),
    );
    return (good.find(({ uses }) => uses === undefined) ?? good[0])?.id ?? '';
  }
}

/** The policy as it will be once it knows every pass that has been shown and that it cannot know yet. */
function withPasses(
  known: PolicyBody,
  shown: readonly (Happening | { readonly kind?: undefined; readonly identity: Identity })[],
): PolicyBody {
  const body = {
    ...known,
    holders: [...known.holders],
    credentials: [...known.credentials],
    permits: [...known.permits],
  };
  for (const one of shown) {
    const claims = 'identity' in one && one.identity.kind === 'pass' ? one.identity.claims : undefined;
    const since = claims?.policyVersions[known.agent];
    if (claims === undefined || claims.estate !== known.estate || since === undefined || known.version >= since)
      continue;
    if (body.credentials.some(({ id }) => id === claims.pass)) continue;
    const { pass: id, holder, permit, accessPoints, uses, from: validFrom, until: validUntil } = claims;
    body.holders.push({ id: holder, kind: 'visitor' });
    body.credentials.push({ id, holder, factor: 'qr' });
    body.permits.push({ id: permit, holder, accessPoints, uses, validFrom, validUntil });
  }
  return body;
}

function isAmong(
  factors: readonly AccessFactor[],
  combinations: readonly (readonly AccessFactor[])[] | undefined,
): boolean {
  return (combinations ?? []).some(
    (combination) => combination.length === factors.length && factors.every((factor) => combination.includes(factor)),
  );
}
