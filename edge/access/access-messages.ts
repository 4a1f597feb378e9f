import { HubKey } from '@dipper/contract/hub-key';
import { Code, Slug, Uuid } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';
import { ReaderConfig } from './readers/reader-config.ts';

const strict = { additionalProperties: false };
const Path = Type.String({ minLength: 1, maxLength: 4_096 });

/** To the gate process, once, after `follow`: who this edge is, where decisions are remembered, which readers there are. */
export const AccessSetup = Type.Object(
  {
    type: Type.Literal('access'),
    estate: Slug,
    agent: Slug,
    /** SQLite; made when it is not there. */
    memoryFile: Path,
    readers: Type.Array(ReaderConfig, { maxItems: 128 }),
  },
  strict,
);
export type AccessSetup = Static<typeof AccessSetup>;

/** Which hub is believed, and by which key credentials are known. Again whenever one of them changes. */
export const Trust = Type.Object(
  {
    type: Type.Literal('trust'),
    hubKeys: Type.Array(HubKey, { minItems: 1, maxItems: 8 }),
    /** 32 bytes, base64url. Absent while the edge has none. */
    credentialKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })),
  },
  strict,
);
export type Trust = Static<typeof Trust>;

/** There is a policy (`PolicyFile`) to be taken up; the gate process verifies it itself. */
export const PolicyOffered = Type.Object({ type: Type.Literal('policy'), file: Path }, strict);
export type PolicyOffered = Static<typeof PolicyOffered>;

/** What a factor rests on, for the record. */
export const Evidence = Type.Record(
  Type.String({ maxLength: 32 }),
  Type.Union([Type.Number(), Type.String({ maxLength: 64 })]),
  { maxProperties: 12 },
);
export type Evidence = Static<typeof Evidence>;

const offered = {
  type: Type.Literal('factor'),
  accessPoint: Type.Optional(Slug),
  /** The gate, where no access point is named: its way in. */
  device: Type.Optional(Slug),
  /** When it was seen, by the edge's clock. */
  atMs: Type.Integer({ minimum: 0 }),
  evidence: Type.Optional(Evidence),
};
/** What the agent's own eyes have recognised. */
export const FactorOffered = Type.Union([
  Type.Object(
    { ...offered, factor: Type.Literal('plate'), value: Type.String({ minLength: 1, maxLength: 32 }) },
    strict,
  ),
  Type.Object({ ...offered, factor: Type.Literal('face'), holder: Uuid }, strict),
]);
export type FactorOffered = Static<typeof FactorOffered>;

/** Whom to forget the whereabouts of. */
export const Whom = Type.Union([Type.Object({ holder: Uuid }, strict), Type.Object({ area: Slug }, strict)]);
export type Whom = Static<typeof Whom>;

/** Forgets where a holder is, or who is in an area: anti-passback and occupancy begin anew. Answered with `Forgiven`. */
export const Forgive = Type.Object({ type: Type.Literal('forgive'), id: Uuid, whom: Whom }, strict);
export type Forgive = Static<typeof Forgive>;

/** Everything that the gate process is told about access. */
export const AccessMessage = Type.Union([AccessSetup, Trust, PolicyOffered, FactorOffered, Forgive]);
export type AccessMessage = Static<typeof AccessMessage>;

/** From the gate process: which policy it goes by, and why not by the one that it was offered last. */
export const PolicyNote = Type.Object(
  {
    type: Type.Literal('policy-note'),
    /** Absent while there is none. */
    version: Type.Optional(Type.Integer({ minimum: 1 })),
    refused: Type.Optional(Code),
  },
  strict,
);
export type PolicyNote = Static<typeof PolicyNote>;

/** From the gate process: it is forgotten, on disk as well. Absent `forgotten`: the disk could not be told. */
export const Forgiven = Type.Object(
  { type: Type.Literal('forgiven'), id: Uuid, forgotten: Type.Optional(Type.Integer({ minimum: 0 })) },
  strict,
);
export type Forgiven = Static<typeof Forgiven>;
