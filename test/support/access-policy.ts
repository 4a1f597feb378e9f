import { credentialHmac, type ValueFactor } from '@dipper/contract/credential-hmac';
import type { PolicyBody, PolicyCredential, PolicyHolder, PolicyPermit } from '@dipper/contract/policy-body';

/** The credential key of the agent in tests. */
export const CREDENTIAL_KEY = Buffer.alloc(32, 7);

/** A UUID by number, the same in every run. */
export const uuidOf = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

export const IN = 'lanting-in';
export const OUT = 'lanting-out';
export const GATE = 'lanting-service-barrier';

/** As a reader's value stands in a policy. */
export function hmacOf(factor: ValueFactor, value: string): string {
  const hmac = credentialHmac(CREDENTIAL_KEY, factor, value);
  if (hmac === undefined) throw new Error(`${value} is no ${factor}`);
  return hmac;
}

/** One holder with what belongs to them. */
export interface Person {
  readonly holder: PolicyHolder;
  readonly credentials: PolicyCredential[];
  readonly permits: PolicyPermit[];
}

export interface PersonOptions {
  readonly kind?: PolicyHolder['kind'];
  readonly card?: string;
  readonly pin?: string;
  readonly duressPin?: string;
  readonly plate?: string;
  readonly accessPoints?: string[];
  readonly permit?: Partial<PolicyPermit>;
}

/** Somebody with a card (by default CARD0000 and their number), let in and out for a year. Ids follow from the number. */
export function person(number: number, options: PersonOptions = {}): Person {
  const holder = uuidOf(number * 100);
  const values: [ValueFactor, string | undefined, boolean][] = [
    ['card', options.card ?? `CARD${String(number).padStart(4, '0')}`, false],
    ['pin', options.pin, false],
    ['pin', options.duressPin, true],
    ['plate', options.plate, false],
  ];
  const credentials = values.flatMap(([factor, value, isDuress], index): PolicyCredential[] =>
    value === undefined
      ? []
      : [
          {
            ...{ id: uuidOf(number * 100 + 10 + index), holder, factor, hmac: hmacOf(factor, value) },
            ...(isDuress ? { duress: true } : {}),
          },
        ],
  );
  const permit: PolicyPermit = {
    id: uuidOf(number * 100 + 50),
    holder,
    accessPoints: options.accessPoints ?? [IN, OUT],
    validFrom: '2026-01-01T00:00:00.000Z',
    validUntil: '2027-01-01T00:00:00.000Z',
    ...options.permit,
  };
  return { holder: { id: holder, kind: options.kind ?? 'resident' }, credentials, permits: [permit] };
}

/** A policy of one gate, in and out, that takes cards; `parts` replaces what a test is about. */
export function policyBody(people: readonly Person[], parts: Partial<PolicyBody> = {}): PolicyBody {
  const anyOf: PolicyBody['accessPoints'][number]['factorRules'][number]['anyOf'] = [
    ['card'],
    ['plate'],
    ['qr'],
    ['button'],
  ];
  return {
    ...{ version: 7, estate: 'lanting', agent: 'lanting-edge-1', timeZone: 'Asia/Shanghai' },
    areas: [{ id: 'lanting' }],
    accessPoints: [
      { id: IN, device: GATE, toArea: 'lanting', factorRules: [{ anyOf }] },
      { id: OUT, device: GATE, fromArea: 'lanting', factorRules: [{ anyOf }] },
    ],
    schedules: [],
    holders: people.map(({ holder }) => holder),
    credentials: people.flatMap(({ credentials }) => credentials),
    permits: people.flatMap(({ permits }) => permits),
    ...parts,
  };
}
