import { type Static, type TSchema, Type } from 'typebox';

export const MAX_PAGE_ITEMS = 200;
export const DEFAULT_PAGE_ITEMS = 50;

/** Cursor paging: pass `nextCursor` back as `cursor` for the page after this one; null at the end. Newest first. */
export function pageOf<const T extends TSchema>(item: T) {
  return Type.Object(
    { items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) },
    { additionalProperties: false },
  );
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export const PageQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 256 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE_ITEMS, default: DEFAULT_PAGE_ITEMS })),
});
export type PageQuery = Static<typeof PageQuery>;
