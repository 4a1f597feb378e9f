import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText, Priority } from './alarm.ts';
import { CaseBrief, CaseState, Satisfaction } from './case.ts';
import { nullable } from './nullable.ts';
import { GeoPoint } from './place-tree.ts';

const strict = { additionalProperties: false };

const Title = Type.String({ minLength: 1, maxLength: 120 });
const Text = Type.String({ minLength: 1, maxLength: 2000 });

/** Who may bring a case in by hand: patrol by workers outside, the rest by whoever takes the call, letter or visit. */
export const ENTERED_SOURCES = ['patrol', 'hotline', 'letter', 'visit'] as const;

/**
 * Body of `POST /api/v1/cases`. At least one of `place`, `estate` and `grid`, or a `point` instead; what is missing follows
 * from the others.
 */
export const NewCase = Type.Object(
  {
    source: Type.Enum(ENTERED_SOURCES),
    category: Slug,
    title: Title,
    text: Type.Optional(Text),
    /** That of the category when absent. */
    priority: Type.Optional(Priority),
    place: Type.Optional(Slug),
    estate: Type.Optional(Slug),
    grid: Type.Optional(Slug),
    /** Says which grid it is where nothing else does, and is not kept. */
    point: Type.Optional(GeoPoint),
    /** Of this report alone: sent again with it, one case is opened. */
    key: Type.Optional(Uuid),
    /** When it was seen, for what was reported offline. */
    takenAt: Type.Optional(Timestamp),
  },
  strict,
);
export type NewCase = Static<typeof NewCase>;

/** Query of `GET /api/v1/cases/duplicates`: what may be the same thing, before a case is opened. */
export const DuplicateQuery = Type.Object(
  {
    category: Slug,
    place: Type.Optional(Slug),
    estate: Type.Optional(Slug),
    grid: Type.Optional(Slug),
  },
  strict,
);
export type DuplicateQuery = Static<typeof DuplicateQuery>;

/** Answer of `GET /api/v1/cases/duplicates`, newest first. */
export const CaseDuplicates = Type.Object({ items: Type.Array(CaseBrief) }, strict);

/** Answer of `GET /api/v1/public/report-form`: what a resident can choose from. */
export const ReportForm = Type.Object(
  {
    categories: Type.Array(Type.Object({ id: Slug, name: LocalText }, strict)),
    estates: Type.Array(
      Type.Object(
        { id: Slug, name: LocalText, places: Type.Array(Type.Object({ id: Slug, name: LocalText }, strict)) },
        strict,
      ),
    ),
    grids: Type.Array(Type.Object({ id: Slug, name: LocalText }, strict)),
  },
  strict,
);
export type ReportForm = Static<typeof ReportForm>;

/** Body of `POST /api/v1/public/reports`; asks for nobody's name or number: the code is the way back. */
export const ResidentReport = Type.Object(
  {
    category: Slug,
    text: Text,
    place: Type.Optional(Slug),
    estate: Type.Optional(Slug),
    grid: Type.Optional(Slug),
    /** Says which grid it is where nothing else does, and is not kept. */
    point: Type.Optional(GeoPoint),
  },
  strict,
);
export type ResidentReport = Static<typeof ResidentReport>;

/** 100 random bits, e.g. `7KQ2-9MXT-B4RW-6HZC-PD8V`; told once, the hub keeps only its hash. */
export const ReportCode = Type.String({ pattern: '^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}$' });

export const ReportReceipt = Type.Object({ code: ReportCode, number: Type.String() }, strict);
export type ReportReceipt = Static<typeof ReportReceipt>;

/** What a resident learns with the code: where it stands, in plain words, and nobody's name. */
export const ReportProgress = Type.Object(
  {
    number: Type.String(),
    category: LocalText,
    state: CaseState,
    /** The state in plain words. */
    says: LocalText,
    openedAt: Timestamp,
    deadlineAt: Timestamp,
    closedAt: nullable(Timestamp),
    steps: Type.Array(Type.Object({ at: Timestamp, says: LocalText }, strict)),
    /** Whether satisfaction may be told now: after closing, once. */
    canRate: Type.Boolean(),
    satisfaction: nullable(Satisfaction),
  },
  strict,
);
export type ReportProgress = Static<typeof ReportProgress>;

/** Body of `POST /api/v1/public/reports/{code}/rating`. */
export const ReportRating = Type.Object(
  { satisfaction: Satisfaction, text: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
  strict,
);
export type ReportRating = Static<typeof ReportRating>;
