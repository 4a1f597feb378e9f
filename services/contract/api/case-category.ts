import { type Static, Type } from 'typebox';
import { Slug } from '../identifiers.ts';
import { LocalText, Priority } from './alarm.ts';
import { Platform } from './case.ts';

const strict = { additionalProperties: false };

/** 紧急 2 h and 水电气 24 h round the clock; 一般 7 and 疑难 15 working days. */
export const DEADLINE_CLASSES = ['urgent', 'utilities', 'general', 'difficult'] as const;
export const DeadlineClass = Type.Enum(DEADLINE_CLASSES);
export type DeadlineClass = Static<typeof DeadlineClass>;

/** What a case is about, and thereby how soon and by whom it has to be dealt with. */
export const CaseCategory = Type.Object(
  {
    id: Slug,
    name: LocalText,
    platform: Platform,
    priority: Priority,
    deadline: DeadlineClass,
    /** How long before the deadline the assignee is reminded. */
    remindBeforeMin: Type.Integer({ minimum: 1 }),
    /** Whether residents may choose it on the public form. */
    public: Type.Boolean(),
  },
  strict,
);
export type CaseCategory = Static<typeof CaseCategory>;

/** Answer of `GET /api/v1/case-categories`, in the order of the configuration. */
export const CaseCategories = Type.Object({ items: Type.Array(CaseCategory) }, strict);
