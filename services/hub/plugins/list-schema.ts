import { type Page, PageQuery, pageOf } from '@dipper/contract/api/page';
import { type TProperties, type TSchema, Type } from 'typebox';

/** Query of a list: cursor paging and the filters of a noun. A filter that does not exist is an error, not everything. */
export function listQuery<const P extends TProperties>(filters: P) {
  return Type.Object({ ...PageQuery.properties, ...filters }, { additionalProperties: false });
}

/** Answer of a list. */
export function listResponse<const T extends TSchema>(item: T) {
  return { 200: pageOf(item) };
}

/** A page as it is answered. */
export function listed<T>({ items, nextCursor }: Page<T>): { items: T[]; nextCursor: string | null } {
  return { items: [...items], nextCursor };
}
