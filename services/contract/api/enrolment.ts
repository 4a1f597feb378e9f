import { type Static, Type } from 'typebox';
import { HubKey } from '../hub-key.ts';
import { Slug, Timestamp } from '../identifiers.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** Body of `POST /api/v1/enrolment-codes`: for which agent. */
export const NewEnrolmentCode = Type.Object({ estate: Slug, agent: Slug }, strict);
export type NewEnrolmentCode = Static<typeof NewEnrolmentCode>;

/** 80 random bits in base 32 (RFC 4648). */
const Code = Type.String({ pattern: '^[a-z2-7]{4}(-[a-z2-7]{4}){3}$', examples: ['abcd-efgh-2345-mnop'] });

/** What an administrator hands to whoever sets up the edge; told once. */
export const EnrolmentCode = Type.Object({ estate: Slug, agent: Slug, code: Code, expiresAt: Timestamp }, strict);
export type EnrolmentCode = Static<typeof EnrolmentCode>;

/**
 * Body of `POST /api/v1/enrolments`, without an account. The edge makes its password for the broker itself and keeps it:
 * only the hash, as Mosquitto's password file has it, is ever told to anybody.
 */
export const EnrolmentRequest = Type.Object(
  {
    code: Code,
    passwordHash: Type.String({
      pattern: '^\\$7\\$101\\$[A-Za-z0-9+/]{16}\\$[A-Za-z0-9+/]{86}==$',
      examples: [`$7$101$${'A'.repeat(16)}$${'A'.repeat(86)}==`],
    }),
    /** Asked for by edges that know what it is; those of before refuse an answer that has it. */
    credentialKey: Type.Optional(Type.Literal(true)),
  },
  strict,
);
export type EnrolmentRequest = Static<typeof EnrolmentRequest>;

/** What an edge has to know to work for the hub. */
export const Enrolment = Type.Object(
  {
    estate: Slug,
    agent: Slug,
    mqtt: Type.Object(
      {
        url: Type.String(),
        protocolVersion: Type.Enum([4, 5]),
        username: Type.String(),
        /** Certificate (PEM) of the authority that vouches for the broker; null where Node knows it. */
        ca: nullable(Type.String()),
      },
      strict,
    ),
    /** What the hub signs with is believed, nothing else. Two while one is being replaced. */
    hubKeys: Type.Array(HubKey, { minItems: 1 }),
    /** The key under which the edge knows credentials, 32 bytes in base64; where it was asked for. */
    credentialKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$', examples: [`${'A'.repeat(43)}=`] })),
  },
  strict,
);
export type Enrolment = Static<typeof Enrolment>;

/** How an agent came by its login, as administrators see it. */
export const EnrolmentView = Type.Object(
  {
    /** The agent's. */
    id: Slug,
    estate: Slug,
    /** Of a code that nobody has used yet; null where there is none. */
    codeExpiresAt: nullable(Timestamp),
    codeMadeBy: nullable(Type.String()),
    /** When the login that counts was made; null before the first, and once it was taken away. */
    enrolledAt: nullable(Timestamp),
  },
  strict,
);
export type EnrolmentView = Static<typeof EnrolmentView>;
