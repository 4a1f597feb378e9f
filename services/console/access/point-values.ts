import type { AccessPointView, AccessRules } from '@dipper/contract/api/access-point';
import type { AccessAction } from './access-action.ts';

/** What the form of an access point holds. */
export interface PointValues {
  readonly id?: string;
  readonly device?: string;
  readonly zh: string;
  readonly en: string;
  readonly fromArea?: string;
  readonly toArea?: string;
  readonly factorRules: readonly { readonly schedule?: string; readonly ways: readonly string[] }[];
  readonly whenExpired: NonNullable<AccessRules['whenExpired']>;
  readonly passback: 'off' | 'hard' | 'soft';
  readonly passbackMinutes?: number | null;
  readonly interlock?: string;
  readonly factorWindowSec?: number | null;
  readonly passageSec?: number | null;
  readonly outOfOrder?: boolean;
}

type Combination = AccessRules['factorRules'][number]['anyOf'][number];

const SINGLES = ['card', 'plate', 'qr', 'pin', 'face', 'button'] as const;
/** Two of the same holder; a button names nobody. */
const PAIRED = ['card', 'plate', 'qr', 'pin', 'face'] as const;

const textOf = (combination: Combination): string => combination.join('+');

/** Whatever a rule can take, as the values of a list. */
export const WAYS = {
  one: [...SINGLES] as readonly string[],
  two: PAIRED.flatMap((first, index) => PAIRED.slice(index + 1).map((second) => `${first}+${second}`)),
};

/** The factors of a choice, however its two were written by whoever made the rule. */
export function factorsOf(way: string): Combination {
  return way.split('+') as Combination;
}

/** Whether there is a way in without a face: a rule without one is refused. */
export function hasOtherWay(ways: readonly string[]): boolean {
  return ways.some((way) => !factorsOf(way).includes('face'));
}

/** A pair is the same in either order. */
const sorted = (combination: Combination): Combination =>
  combination.toSorted((a, b) => SINGLES.indexOf(a) - SINGLES.indexOf(b));

export function pointValuesFrom(point: AccessPointView | undefined): Partial<PointValues> {
  if (point === undefined) {
    return { factorRules: [{ ways: ['card', 'plate', 'qr'] }], whenExpired: 'residents-only', passback: 'off' };
  }
  const { name, fromArea, toArea, rules } = point;
  const { antiPassback, interlock, factorWindowSec, passageSec, outOfOrder } = rules;
  return {
    ...{ zh: name.zh, en: name.en },
    ...(fromArea !== null && { fromArea }),
    ...(toArea !== null && { toArea }),
    factorRules: rules.factorRules.map(({ schedule, anyOf }) => ({
      ...(schedule !== undefined && { schedule }),
      ways: anyOf.map((combination) => textOf(sorted(combination))),
    })),
    whenExpired: rules.whenExpired ?? 'residents-only',
    passback: antiPassback?.mode ?? 'off',
    passbackMinutes: antiPassback?.minutes ?? null,
    ...(interlock !== undefined && { interlock }),
    factorWindowSec: factorWindowSec ?? null,
    passageSec: passageSec ?? null,
    outOfOrder: outOfOrder === true,
  };
}

function rulesFrom(values: PointValues): AccessRules {
  const { factorRules, whenExpired, passback, passbackMinutes, interlock, factorWindowSec, passageSec } = values;
  return {
    factorRules: factorRules.map(({ schedule, ways }) => ({
      ...(schedule !== undefined && { schedule }),
      anyOf: ways.map(factorsOf),
    })),
    ...(whenExpired !== 'residents-only' && { whenExpired }),
    ...(passback !== 'off' && {
      antiPassback: { mode: passback, ...(passbackMinutes != null && { minutes: passbackMinutes }) },
    }),
    ...(interlock !== undefined && interlock !== '' && { interlock }),
    ...(factorWindowSec != null && { factorWindowSec }),
    ...(passageSec != null && { passageSec }),
    ...(values.outOfOrder === true && { outOfOrder: true as const }),
  };
}

/** @param place of the gate, for a new one */
export function pointActionFrom(
  values: PointValues,
  point: AccessPointView | undefined,
  place: string,
  version: number,
): AccessAction {
  const { id = '', device = '', zh, en, fromArea, toArea } = values;
  const [name, rules] = [{ zh, en }, rulesFrom(values)];
  if (point !== undefined) {
    const areas = { fromArea: fromArea ?? null, toArea: toArea ?? null };
    return { what: 'point', id: point.id, body: { version, name, ...areas, rules } };
  }
  const areas = { ...(fromArea !== undefined && { fromArea }), ...(toArea !== undefined && { toArea }) };
  return { what: 'new-point', body: { id, place, device, name, ...areas, rules } };
}
